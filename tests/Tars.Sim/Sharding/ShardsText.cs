using System.Collections.Immutable;
using Tars.Kernel.Ports;
using Tars.Sim.Swarm;

namespace Tars.Sim.Sharding;

/// <summary>The modules of <see cref="ShardsSeed"/>, in two versions.</summary>
/// <remarks>
/// Each publishes to those behind it, with a blob that says its number. Now and then it lends its shelf, or a part of
/// what it was lent, or passes that on, or takes back what it lent; and with each message goes what it knows to be
/// taken back. Who uses a capability says in the key what that is and whether he knows that it was taken back. What
/// each says is counted, so that what a kept run says again after a crash can be held against what it said.
/// The second version has one device more, which it declares before the others and lends too: a swap brings it, and
/// the next one takes it, so devices have other numbers than a start would give.
/// </remarks>
internal static class ShardsText
{
    public const int PlayersCount = 4;

    /// <summary>The module that stands in the place of everybody's console: what it is told names a handler.</summary>
    public const int Sink = PlayersCount;

    /// <summary>A device of the first version, and of the second.</summary>
    public const string Shelf = "shelf";

    /// <summary>A device of the second version alone.</summary>
    public const string Annex = "annex";

    /// <summary>What is lent says so many uses more where it is of the annex.</summary>
    public const int AnnexUses = 10;

    /// <summary>All modules in one of two versions.</summary>
    public static ImmutableArray<ShardsModule> Load(int version) =>
    [
        .. Enumerable.Range(0, PlayersCount).Select(one => Text(one, version)).Append(SinkText)
            .Select((text, one) => new ShardsModule(
                SwarmModules.Load($"m{one}.tars", version == 0 ? text : Next(text), out var bundle), bundle)),
    ];

    // One agent and one handler more, before the others: all numbers are other ones. And the state holds more.
    private static string Next(string text) => text
        .Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
        .Replace("    out:", $"    {Annex}: {{ kind: store, value: text }}\n    out:", StringComparison.Ordinal)
        .Replace("  agents:\n", "  agents:\n" + Idler + "\n", StringComparison.Ordinal)
        .Replace("      state:\n", "      state:\n        rows: list<int> = [1, 2, 3]\n", StringComparison.Ordinal)
        .Replace("      handlers:\n", "      handlers:\n" + First + "\n", StringComparison.Ordinal);

    private const string Idler = """
            idler:
              role: Never comes to be.
              starts: by_spawn
              handlers:
                stop:
                  do: |
                    log("over")
        """;

    private const string First = """
                ask first:
                  with: { number: int }
                  returns: int
                  do: |
                    return number
        """;

    private const string SinkText = """
        tars: 1
        module: sink
        version: 1.0.0
        summary: Stands in the place of everybody's console.
        implements: { kind: console }

        capabilities:
          publish: { printed: text }

        agentic:
          agents:
            sink:
              role: Tells what it was told.
              state:
                lines: int = 0
              handlers:
                ask print:
                  with: { line: text }
                  do: |
                    lines += 1
                    publish("printed", "{lines} {line}")
        """;

    private static string Text(int one, int version)
    {
        var others = Enumerable.Range(one + 1, PlayersCount - one - 1).ToArray();
        string publishes = string.Concat(others.Select(to => $"    mail/{to}: Mail\n    token/{to}: Token\n"));
        string sends = string.Concat(others.Select(to => $$"""
                          sent += 1
                          publish("mail/{{to}}", Mail(of = {{one}}, number = sent, bulk = blob_of(bulk_of(sent)), gone = gone))
                          said += 1
                          publish("seen", Seen(by = {{one}}, index = said, what = 1, of = {{one}}, to = {{to}}, number = sent))
            {{Lends(one, to, Shelf, rest: 1, uses: 3)}}
            {{(version == 0 ? "" : Lends(one, to, Annex, rest: 2, uses: AnnexUses + 3))}}
                          if sent % 5 == 3 and held.len() > 0 {
                            let whole = held[sent % held.len()]
                            made += 1
                            let id = made * 10 + {{one}}
                            var line = whole.line
                            line.push(id)
                            let corner = narrow(whole.corner, uses = 2)
                            let token = Token(line = line, corner = corner)
                            said += 1
                            publish("seen", Seen(by = {{one}}, index = said, what = 3, of = {{one}}, to = 2, number = id))
                            if mine.len() < 6 { mine.push(token) }
                            publish("token/{{to}}", token)
                          }
                          if sent % 5 == 4 and held.len() > 0 { publish("token/{{to}}", held[sent % held.len()]) }

            """));
        return Declared(one, publishes) + "\n" + Handlers(one, sends);
    }

    private static string Lends(int one, int to, string device, int rest, int uses) => $$"""
                      if sent % 5 == {{rest}} {
                        made += 1
                        let id = made * 10 + {{one}}
                        let corner = narrow({{device}}, uses = 3)
                        let token = Token(line = [id], corner = corner)
                        said += 1
                        publish("seen", Seen(by = {{one}}, index = said, what = 3, of = {{one}}, to = {{uses}}, number = id))
                        if mine.len() < 6 { mine.push(token) }
                        publish("token/{{to}}", token)
                      }
        """;

    private static string Declared(int one, string publishes) => $$"""
        tars: 1
        module: p{{one}}
        version: 1.0.0
        summary: Publishes to those behind it, lends and takes back.

        types:
          Mail:
            of: int
            number: int
            bulk: blob
            gone: map<int, bool>
          Token: { line: list<int>, corner: cap<store> }
          Seen: { by: int, index: int, what: int, of: int, to: int, number: int }

        functions:
          bulk_of:
            with: { number: int }
            returns: bytes
            do: |
              var octets = bytes_of(8 + number % 40)
              octets.set_i64(0, number)
              return octets

        capabilities:
          devices:
            out: console
            shelf: { kind: store, value: text }
          subscribe: { mail/{{one}}: Mail, token/{{one}}: Token, go/{{one}}: int }
          publish:
            seen: Seen
            denied: text
        {{publishes}}
        agentic:
          agents:
            player:
              role: Publishes and hears.
              state:
                said: int = 0
                sent: int = 0
                heard: int = 0
                made: int = 0
                book: map<int, int> = []
                mine: list<Token> = []
                held: list<Token> = []
                kept: list<blob> = []
                gone: map<int, bool> = []
        """;

    private static string Handlers(int one, string sends) => $$"""
              handlers:
                message go/{{one}} as count:
                  do: |
                    said += 1
                    publish("seen", Seen(by = {{one}}, index = said, what = 5, of = {{one}}, to = {{one}}, number = count / 1000))
                    for i in 0..count % 1000 {
                      heard += 0
                      sent += 1
                      tell out.print(line = "{{one}} {sent}")
                      said += 1
                      publish("seen", Seen(by = {{one}}, index = said, what = 1, of = {{one}}, to = 4, number = sent))
        {{sends}}            }
                    if mine.len() > 0 and count % 2 == 1 {
                      let token = mine[0]
                      let id = token.line[token.line.len() - 1]
                      revoke(token.corner)
                      mine.remove_at(0)
                      gone[id] = true
                      said += 1
                      publish("seen", Seen(by = {{one}}, index = said, what = 4, of = {{one}}, to = {{one}}, number = id))
                    }
                message mail/{{one}} as mail:
                  do: |
                    heard += 1
                    book[heard % 20] = mail.number
                    assert mail.bulk.len() == 8 + mail.number % 40
                    let inside = mail.bulk.read(0, 8).i64(0)
                    assert inside == mail.number
                    kept.push(mail.bulk)
                    if kept.len() > 3 {
                      let first = kept[0].read(0, 8).i64(0)
                      assert kept[0].len() == 8 + first % 40
                      kept.remove_at(0)
                    }
                    for id in mail.gone.keys() { gone[id] = true }
                    said += 1
                    publish("seen", Seen(by = {{one}}, index = said, what = 2, of = mail.of, to = {{one}}, number = mail.number))
                    if held.len() > 0 and heard % 3 == 0 {
                      let token = held[heard % held.len()]
                      let corner = token.corner
                      var key = "unheard"
                      if token.line.any(id => gone.has(id)) { key = "gone" }
                      for id in token.line { key = "{key} {id}" }
                      ask corner.put(key = key, value = "x") within 10s else why {
                        publish("denied", why.detail)
                        return
                      }
                    }
                message token/{{one}} as token:
                  do: |
                    held.push(token)
                    if held.len() > 4 { held.remove_at(0) }
        """;
}

/// <summary>A module and the octets of its bundle.</summary>
internal sealed record ShardsModule(ModuleImage Image, ReadOnlyMemory<byte> Bundle);
