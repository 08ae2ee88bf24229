namespace Tars.Sim.Swarm;

/// <summary>The metascript of the swarm: three agents that know each other and workers that they spawn.</summary>
/// <remarks>
/// They do what an `Order` says and publish what they do on `seen`, where nobody listens but the checkers. So all that
/// a handler says of itself is one of its own effects: it is there when the transaction committed, and only then.
/// </remarks>
internal static class SwarmText
{
    private const string Head = """
        tars: 1
        module: swarm
        version: 1.0.0
        summary: Agents that do what they are told and say what they did.

        capabilities:
          subscribe: { go/+: Order, all: Note, words: text }
          publish: { seen: Seen, all: Note }
          timers: { shortest: 1ms }
          spawn: { worker: 4 }
          devices: { shelf: { kind: store, value: int }, feed: lines, bell: button }
          serve: [/]

        types:
          Order: { id: int, act: int, to: int, count: int, size: int, give: int }
          Note: { id: int, at: int, act: int }
          Seen: { what: int, a: int, b: int, c: int }

        params:
          knob: { type: int, value: 0, range: [0, 1_000_000], about: Counts up. }

        functions:
          number_of:
            with: { kind: FailureKind }
            returns: int
            do: |
              match kind {
                timeout => return 0
                refused => return 1
                gone => return 2
                crashed => return 3
                denied => return 4
                unavailable => return 5
                malformed => return 6
              }

          reason_of:
            with: { reason: ExitReason }
            returns: int
            do: |
              match reason {
                done => return 0
                failed => return 1
                stopped => return 2
              }

          deep:
            with: { n: int }
            returns: int
            do: |
              if n == 0 { return 0 }
              return 1 + deep(n - 1)

        agentic:
          supervision: { strategy: one_for_one, restarts: 5, within: 1s }

          agents:

        """;

    private const string Procedures = """
              procedures:
                say:
                  with: { what: int, a: int, b: int, c: int }
                  do: |
                    publish("seen", Seen(what = what, a = a, b = b, c = c))

                keep:
                  with: { id: int, size: int }
                  do: |
                    taken += 1
                    if 0 < size { book[id % 5] = list_of(size, id) }

                spoil:
                  with: { id: int, how: int }
                  do: |
                    book[id % 5] = list_of(9, id)
                    book[id % 3] = list_of(3, id)
                    book.remove(id % 4)
                    if how == 0 { fail "as told" }
                    if how == 1 { assert id < 0 }
                    if how == 2 { taken += 9_223_372_036_854_775_807 }
                    if how == 3 { taken = 7 / (taken - taken) }
                    if how == 4 { book[99].push(1) }
                    if how == 5 { while true { taken += 1 } }
                    if how == 6 { taken = deep(100_000) }
                    if how == 7 { for i in 0..100_000 { say(0, i, 0, 0) } }
                    fail "anyhow"


        """;

    private const string Agent = """
            NAME:
              role: Does what it is told.
              limits: { fuel: 600_000 }
              state:
                taken: int = 0
                level: int = 1
                book: map<int, list<int>> = []
                kids: map<ref<worker>, int> = []

        PROCEDURES
              handlers:
                start:
                  do: |
                    say(1, knob, 0, knob)

                stop:
                  do: |
                    say(25, 0, 0, knob)

                message go/NAME as order:
                  do: |
                    say(2, order.id, order.act, knob)
                    keep(order.id, order.size)
                    if order.act == 0 {
                      for i in 0..order.count {
                        if order.to == 0 {
                          say(10, order.id, i, 0)
                          tell NEXT.take(id = order.id, at = i, act = order.give, size = order.size)
                        } else {
                          say(10, order.id, i, 1)
                          tell LAST.take(id = order.id, at = i, act = order.give, size = order.size)
                        }
                      }
                    }
                    if order.act == 1 {
                      for i in 0..order.count {
                        say(11, order.id, i, 0)
                        publish("all", Note(id = order.id, at = i, act = order.give))
                      }
                    }
                    if order.act == 2 {
                      if order.to == 0 {
                        say(12, order.id, order.give, 0)
                        let got = ask NEXT.serve(id = order.id, act = order.give) within 20ms else why {
                          say(14, order.id, number_of(why.kind), 0)
                          return
                        }
                        say(13, order.id, got, 0)
                      } else {
                        say(12, order.id, order.give, 1)
                        let got = ask LAST.serve(id = order.id, act = order.give) within 20ms else why {
                          say(14, order.id, number_of(why.kind), 0)
                          return
                        }
                        say(13, order.id, got, 0)
                      }
                    }
                    if order.act == 3 {
                      # An order that comes twice names its children anew.
                      let first = taken * 10_000 + order.id * 16
                      for i in 0..order.count {
                        say(15, order.id, first + i, 0)
                        let kid = spawn worker(name = first + i)
                        kids[kid] = first + i
                      }
                    }
                    if order.act == 4 {
                      for kid, name in kids {
                        say(16, order.id, name, 0)
                        tell kid.take(id = order.id, at = name, act = order.give, size = order.size)
                      }
                    }
                    if order.act == 5 {
                      say(17, order.id, 0, order.count)
                      after (float(order.count) * 1ms) once
                    }
                    if order.act == 6 {
                      say(17, order.id, 1, order.count)
                      every (float(order.count) * 1ms) beat
                    }
                    if order.act == 7 {
                      say(18, order.id, order.to, 0)
                      if order.to == 0 { cancel once } else { cancel beat }
                    }
                    if order.act == 8 {
                      spoil(order.id, order.give)
                    }
                    if order.act == 9 {
                      say(19, order.id, random_int(0, 4_000_000_000_000_000_000), 0)
                    }
                    if order.act == 10 {
                      say(20, order.id, 0, 0)
                      exit()
                    }
                    if order.act == 11 {
                      say(21, order.id, 0, 0)
                      let got = ask shelf.get(key = "k") within 30ms else why {
                        say(22, order.id, number_of(why.kind), 0)
                        return
                      }
                      say(22, order.id, 100 + (got ?? -1), 0)
                    }
                    if order.act == 12 {
                      var sum = 0
                      for k, v in book { sum += k * 31 + v.len() * 7 + v.sum(x => x) }
                      say(23, order.id, sum, taken)
                    }

                message all as note:
                  do: |
                    say(4, note.id, note.at, knob)
                    keep(note.id, 0)
                    if note.act == 1 { spoil(note.id, note.at) }

                message words as word:
                  do: |
                    say(5, word.size(), 0, knob)

                device feed as line:
                  do: |
                    var size = -1
                    if let found = line { size = found.size() }
                    say(6, size, 0, knob)

                device bell as on:
                  do: |
                    say(7, if on { 1 } else { 0 }, 0, knob)

                timer once:
                  do: |
                    say(8, 0, 0, knob)

                timer beat:
                  do: |
                    say(8, 1, 0, knob)

                exit worker as gone:
                  do: |
                    say(9, kids.get(gone.child) ?? -1, reason_of(gone.reason), knob)
                    kids.remove(gone.child)

                refused as no:
                  do: |
                    say(24, 0, 0, knob)

        HTTP
                ask take:
                  with: { id: int, at: int, act: int, size: int }
                  do: |
                    say(3, id, at, knob)
                    keep(id, size)
                    if act == 1 { spoil(id, at) }
                    if act == 2 { exit() }

                ask serve:
                  with: { id: int, act: int }
                  returns: int
                  do: |
                    say(26, id, act, knob)
                    if act == 1 { spoil(id, id % 6) }
                    if act == 2 { return Failure(kind = FailureKind.unavailable, detail = "as told") }
                    if act == 3 {
                      say(12, id, act, 0)
                      let got = ask NEXT.serve(id = id, act = act) within 20ms else why {
                        say(14, id, number_of(why.kind), 1)
                        return Failure(kind = FailureKind.refused, detail = "as the next")
                      }
                      say(13, id, got, 1)
                      return got
                    }
                    return id * 2 + 1

        """;

    private const string Worker = """
            worker:
              role: Works.
              starts: by_spawn
              limits: { fuel: 600_000 }
              state:
                name: int
                taken: int = 0
                level: int = 1
                book: map<int, list<int>> = []

        PROCEDURES
              handlers:
                start:
                  do: |
                    say(1, knob, name, knob)

                stop:
                  do: |
                    say(25, 0, 0, knob)

                message all as note:
                  do: |
                    say(4, note.id, note.at, knob)
                    keep(note.id, 0)
                    if note.act == 1 { spoil(note.id, note.at) }

                ask take:
                  with: { id: int, at: int, act: int, size: int }
                  do: |
                    say(3, id, at, knob)
                    keep(id, size)
                    if act == 1 { spoil(id, at) }
                    if act == 2 { exit() }

                ask serve:
                  with: { id: int, act: int }
                  returns: int
                  do: |
                    say(26, id, act, knob)
                    if act == 1 { spoil(id, id % 6) }
                    if act == 2 { return Failure(kind = FailureKind.unavailable, detail = "as told") }
                    return id * 2 + 1

        """;

    private const string Http = """
                http GET / as request:
                  do: |
                    say(27, request.path.size(), 0, knob)
                    return Response(status = 200)


        """;

    private const string Migrate = """
                migrate 1 as old:
                  with: { level: int }
                  do: |
                    level = "{old.level}"


        """;

    /// <summary>The names of the agents that start with the module, in a circle.</summary>
    public static readonly string[] Names = ["left", "mid", "right"];

    /// <summary>What runs first, what can take its place, what needs `migrate`, and what cannot.</summary>
    public static string[] Versions { get; } =
    [
        Whole,
        Whole.Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
            .Replace("act: int }\n  Seen", "act: int, more: int = 3 }\n  Seen", StringComparison.Ordinal)
            .Replace("give: int }", "give: int, more: int = 4 }", StringComparison.Ordinal)
            .Replace("taken: int = 0", "extra: int = 1\n        taken: int = 0", StringComparison.Ordinal),
        Whole.Replace("1.0.0", "2.0.0", StringComparison.Ordinal)
            .Replace("level: int = 1", "level: text = \"none\"", StringComparison.Ordinal)
            .Replace("        ask take:", Migrate + "        ask take:", StringComparison.Ordinal),
        Whole.Replace("1.0.0", "3.0.0", StringComparison.Ordinal)
            .Replace("level: int = 1", "level: duration = 1s", StringComparison.Ordinal),
    ];

    private static string Whole =>
        Head + Of(0, Http) + Of(1, "") + Of(2, "")
        + Worker.Replace("PROCEDURES\n", Procedures, StringComparison.Ordinal);

    private static string Of(int place, string http) => Agent
        .Replace("NAME", Names[place], StringComparison.Ordinal)
        .Replace("NEXT", Names[(place + 1) % 3], StringComparison.Ordinal)
        .Replace("LAST", Names[(place + 2) % 3], StringComparison.Ordinal)
        .Replace("PROCEDURES\n", Procedures, StringComparison.Ordinal)
        .Replace("HTTP\n", http, StringComparison.Ordinal);
}
