namespace Tars.Sim.Authority;

/// <summary>The metascript of agents that narrow what they hold, hand it on, use it and take it back.</summary>
internal static class AuthorityText
{
    private const string Head = """
        tars: 1
        module: heirs
        version: 1.0.0
        summary: Agents that narrow what they hold, hand it on, use it and take it back.

        capabilities:
          subscribe: { go/+: Order }
          publish: { seen: Seen }
          devices: { shelf: { kind: store, value: int } }

        types:
          Order: { act: int, id: int, from: int, to: int }
          Seen: { who: int, id: int, might: int }

        agentic:
          agents:

        """;

    private const string Agent = """
            NAME:
              role: Does what it is told.
              state:
                held: map<int, cap<store>> = []
              handlers:
                message go/NAME as order:
                  do: |
                    if order.act == 0 {
                      held[order.id] = narrow(shelf)
                      return
                    }
                    let from = held.get(order.from) else { return }
                    if order.act == 1 {
                      held[order.id] = narrow(from)
                    }
                    if order.act == 2 {
                      if order.to == 0 {
                        tell NEXT.take(id = order.from, what = from)
                      } else {
                        tell LAST.take(id = order.from, what = from)
                      }
                    }
                    if order.act == 3 {
                      revoke(from)
                    }
                    if order.act == 4 {
                      let got = ask from.get(key = "k") within 1s else why {
                        publish("seen", Seen(who = NUMBER, id = order.from, might = 0))
                        return
                      }
                      publish("seen", Seen(who = NUMBER, id = order.from, might = 1))
                    }

                ask take:
                  with: { id: int, what: cap<store> }
                  do: |
                    held[id] = what

        """;

    /// <summary>The agents, in a circle.</summary>
    public static readonly string[] Names = ["elder", "middle", "younger"];

    public static string Whole => Head + string.Concat(Enumerable.Range(0, Names.Length).Select(Of));

    private static string Of(int place) => Agent
        .Replace("NAME", Names[place], StringComparison.Ordinal)
        .Replace("NUMBER", $"{place}", StringComparison.Ordinal)
        .Replace("NEXT", Names[(place + 1) % Names.Length], StringComparison.Ordinal)
        .Replace("LAST", Names[(place + 2) % Names.Length], StringComparison.Ordinal);
}
