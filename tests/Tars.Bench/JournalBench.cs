using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tars.Bench;

/// <summary>What recording costs a run, how fast a recording is replayed, and that both come to the same.</summary>
/// <remarks>Runs with and without a recording take turns, and the fastest of each is compared.</remarks>
internal static class JournalBench
{
    private const int LineCount = 1_000_000;
    private const int RunCount = 3;
    private const ulong Seed = 2026;
    private const long PassCount = 1_000_000;
    private const int ProcessCount = 50;

    // Twenty tokens go round: from the hub to a node and back, until all have been passed on often enough.
    private const string Ring = """
        tars: 1
        module: ring
        version: 1.0.0
        summary: A hub that hands tokens to its nodes and gets them back.
        capabilities:
          subscribe: { go: int }
          spawn: { node: 49 }
        agentic:
          agents:
            hub:
              role: Hands tokens on.
              mailbox: { length: 10000, when_full: reject }
              state:
                nodes: list<ref<node>> = []
                passes: int = 0
                wanted: int = 0
              handlers:
                message go as count:
                  do: |
                    wanted = count
                    for i in 0..49 {
                      let one = spawn node(by = self)
                      nodes.push(one)
                    }
                    for i in 0..20 {
                      let one = nodes[i]
                      tell one.take(token = i)
                    }
                ask back:
                  with: { token: int }
                  do: |
                    passes += 2
                    if passes < wanted {
                      let one = nodes[(token * 7 + passes) % 49]
                      tell one.take(token = token + 1)
                    }
            node:
              role: Gives tokens back.
              starts: by_spawn
              mailbox: { length: 10000, when_full: reject }
              state:
                by: ref<hub>
                seen: map<int, int> = []
              handlers:
                ask take:
                  with: { token: int }
                  do: |
                    seen[token % 16] = (seen.get(token % 16) ?? 0) + 1
                    tell by.back(token = token)
        """;

    public static int Run()
    {
        var failures = new List<string>();
        var table = new Table("what", "plain", "recorded", "costs", "journal", "replayed", "verified", "points");
        Lines(table, failures);
        Passes(table, failures);
        table.Print(Console.Out);
        foreach (var failure in failures)
        {
            Console.WriteLine($"FAILED: {failure}");
        }

        return failures.Count;
    }

    private static void Lines(Table table, List<string> failures)
    {
        var input = Repository.Scratch("million.log");
        using (var output = new StreamWriter(input, append: false, new UTF8Encoding(false)))
        {
            SyslogLines.Write(output, LineCount, Seed);
        }

        Measure(table, failures, "1,000,000 lines", ["samples/logwatch.tars", "--input", $"input={input}"], LineCount);
        File.Delete(input);
    }

    private static void Passes(Table table, List<string> failures)
    {
        var program = Repository.Scratch("ring.tars");
        var input = Repository.Scratch("ring.txt");
        File.WriteAllText(program, Ring);
        File.WriteAllText(input, PassCount.ToString(CultureInfo.InvariantCulture) + "\n");
        string[] run = [program, "--input", $"go={input}", "--virtual-time"];
        Measure(table, failures, $"1,000,000 messages, {ProcessCount} processes", run, PassCount);
        File.Delete(program);
        File.Delete(input);
    }

    private static void Measure(
        Table table, List<string> failures, string what, string[] run, long transactionsMin)
    {
        var journal = Repository.Scratch("bench.journal");
        ChildRun plain = Fastest(null, Call(["run", .. run]));
        ChildRun? recorded = null;
        for (int round = 0; round < RunCount; round++)
        {
            File.Delete(journal);
            recorded = Fastest(recorded, Call(["run", .. run, "--record", journal]));
            plain = Fastest(plain, Call(["run", .. run]));
        }

        var replayed = Fastest(Call(["replay", journal, "--json"]), Call(["replay", journal, "--json"]));
        var verified = Fastest(
            Call(["replay", journal, "--verify", "--json"]), Call(["replay", journal, "--verify", "--json"]));
        foreach (var one in new[] { plain, recorded!, replayed, verified }.Where(one => one.Exit != 0))
        {
            failures.Add($"{what}: ended with {one.Exit}: {one.Output}{one.Error}");
        }

        if (failures.Count != 0)
        {
            return;
        }

        if (recorded!.Output != plain.Output)
        {
            failures.Add($"{what}: a run that is recorded answers otherwise");
        }

        using var answer = JsonDocument.Parse(verified.Output);
        long transactions = answer.RootElement.GetProperty("transactions").GetInt64();
        long points = answer.RootElement.GetProperty("points").GetInt64();
        if (transactions < transactionsMin || points == 0)
        {
            failures.Add($"{what}: {transactions} transactions and {points} points");
        }

        table.Row(
            what,
            Table.Milliseconds(plain.Elapsed),
            Table.Milliseconds(recorded.Elapsed),
            $"{100 * ((recorded.Elapsed / plain.Elapsed) - 1):0} %",
            Table.Megabytes(new FileInfo(journal).Length),
            Table.Milliseconds(replayed.Elapsed),
            Table.Milliseconds(verified.Elapsed),
            points.ToString(CultureInfo.InvariantCulture));
        File.Delete(journal);
    }

    private static ChildRun Call(IReadOnlyList<string> arguments) =>
        ChildRun.Of(Repository.Launcher, arguments, input: "", Repository.Root);

    private static ChildRun Fastest(ChildRun? one, ChildRun other) =>
        one is not null && one.Elapsed < other.Elapsed ? one : other;
}
