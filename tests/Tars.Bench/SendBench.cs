using System.Diagnostics;
using System.Globalization;

namespace Tars.Bench;

/// <summary>Messages, asks and births between two processes on one core, beside Erlang/OTP doing the same.</summary>
/// <remarks>
/// The handler of a tell writes one record in a map of its state, so each message is an event with a transaction.
/// Erlang runs with one scheduler (erlang-base of Debian); where it is not installed its column is empty. Beside the
/// time by the clock stands the least processor time of a round, which other work on the machine changes less.
/// </remarks>
internal static class SendBench
{
    private const int TellCount = 3_000_000;
    private const int AskCount = 300_000;
    private const int SpawnCount = 300_000;
    private const int Rounds = 5;

    // What PROMISES.md says.
    private const double TellsASecondMin = 3e6;
    private const double RecentCostMax = 0.10;

    private const string Program = """
        tars: 1
        module: sends
        version: 1.0.0
        summary: A source that tells, asks and spawns, and a sink.

        capabilities:
          subscribe: { tells: int, asks: int, births: int }
          publish: { done: int }
          spawn: { leaf: 16 }

        types:
          Item: { n: int, value: int }

        agentic:
          agents:
            source:
              role: Tells five hundred at a time and waits until they are handled.
              state:
                left: int = 0
                sent: int = 0
              handlers:
                message tells as count:
                  do: |
                    left = count
                    sent = 0
                    tell sink.again()
                ask more:
                  do: |
                    for i in 0..min(left, 500) {
                      sent += 1
                      tell sink.put(item = Item(n = sent, value = sent * 3))
                    }
                    left -= min(left, 500)
                    if left > 0 { tell sink.again() } else { tell sink.finish() }
                message asks as count:
                  do: |
                    for i in 0..count {
                      let same = ask sink.same(n = i) within 1h else why { fail "refused" }
                      assert same == i
                    }
                    publish("done", count)
                message births as count:
                  do: |
                    left = count
                    sent = 0
                    spawn leaf()
                exit leaf as end:
                  do: |
                    sent += 1
                    if sent < left { spawn leaf() } else { publish("done", sent) }
            sink:
              role: Keeps the newest items.
              journal: LEVEL
              mailbox: { length: 1000, when_full: reject }
              state:
                items: map<int, Item> = []
                count: int = 0
              handlers:
                ask put:
                  with: { item: Item }
                  do: |
                    items[item.n % 1000] = item
                    count += 1
                    TRAP
                ask again:
                  do: |
                    tell source.more()
                ask finish:
                  do: |
                    assert items.len() <= 1000
                    publish("done", count)
                    count = 0
                ask same:
                  with: { n: int }
                  returns: int
                  do: |
                    return n
            leaf:
              role: Ends as soon as it is born.
              starts: by_spawn
              handlers:
                start:
                  do: |
                    exit()
        """;

    public static int Run()
    {
        var failures = new List<string>();
        var table = new Table(
            "what", "median", "fastest", "processor", "a second", "allocated", "Erlang", "its a second", "times");
        var peer = Peer();
        double tells = Measure("tells", "tell", TellCount, "", 0);
        _ = Measure("tells", "tell, every 1,000th traps", TellCount, "assert item.n % 1000 != 0", TellCount / 1000);
        double asks = Measure("asks", "ask and answer", AskCount, "", 0);
        _ = Measure("births", "spawn, start, exit", SpawnCount, "", 0);
        table.Print(Console.Out);
        CompareLevels(failures);
        if (peer.Count == 0)
        {
            Console.WriteLine("  Erlang is not installed (package erlang-base), so its columns are empty.");
        }

        Judge(tells, asks, peer, failures);
        foreach (var failure in failures)
        {
            Console.WriteLine($"FAILED: {failure}");
        }

        return failures.Count;

        double Measure(string channel, string what, int count, string trap, int traps)
        {
            var system = new LoadedProgram(With(trap, "recent"));
            var times = new List<double>();
            var works = new List<double>();
            double allocated = 0;
            for (int round = 0; round <= Rounds; round++)
            {
                long trapped = system.Outside.Trapped;
                long before = GC.GetAllocatedBytesForCurrentThread();
                var worked = Environment.CpuUsage.TotalTime;
                var begun = Stopwatch.GetTimestamp();
                system.Send(channel, BitConverter.GetBytes((long)count));
                times.Add(Stopwatch.GetElapsedTime(begun).TotalNanoseconds / count);
                works.Add((Environment.CpuUsage.TotalTime - worked).TotalNanoseconds / count);
                allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count;
                if (system.Outside.LastPublished != count - traps || system.Outside.Trapped - trapped != traps)
                {
                    failures.Add($"{what}: {system.Outside.LastPublished} of {count} handled, "
                        + $"{system.Outside.Trapped - trapped} trapped; {system.Outside.Refusal}");
                    break;
                }
            }

            times.RemoveAt(0); // While code was still being compiled.
            times.Sort();
            double median = times.ElementAtOrDefault(times.Count / 2);
            double theirs = peer.GetValueOrDefault(channel);
            table.Row(
                what,
                Nanoseconds(median),
                Nanoseconds(times.FirstOrDefault()),
                Nanoseconds(works.Skip(1).DefaultIfEmpty().Min()),
                Rate(median),
                allocated.ToString("0.0 B", CultureInfo.InvariantCulture),
                theirs == 0 ? "" : Nanoseconds(theirs),
                theirs == 0 ? "" : Rate(theirs),
                theirs == 0 ? "" : (median / theirs).ToString("0.00", CultureInfo.InvariantCulture));
            return 1e9 / median;
        }
    }

    private static void Judge(double tells, double asks, Dictionary<string, double> peer, List<string> failures)
    {
        if (tells < TellsASecondMin)
        {
            failures.Add(FormattableString.Invariant($"{tells / 1e6:0.00} million tells a second, promised are 3"));
        }

        if (peer.TryGetValue("asks", out double call) && call < 1e9 / asks)
        {
            failures.Add(FormattableString.Invariant(
                $"an ask and its answer take {1e9 / asks:0} ns, promised is the call of Erlang, {call:0} ns"));
        }
    }

    /// <summary>The program, with a line in its handler of tells and a level of its journal.</summary>
    internal static string With(string trap, string level) => Program
        .Replace("TRAP", trap, StringComparison.Ordinal)
        .Replace("LEVEL", level, StringComparison.Ordinal);

    // The two take turns, and processor time is what counts, since the machine may be shared.
    private static void CompareLevels(List<string> failures)
    {
        string[] levels = ["off", "recent"];
        var systems = levels.Select(level => new LoadedProgram(With("", level))).ToArray();
        var times = levels.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round <= 2 * Rounds; round++)
        {
            for (int turn = 0; turn < levels.Length; turn++)
            {
                int level = (round + turn) % levels.Length;
                var before = Environment.CpuUsage.TotalTime;
                systems[level].Send("tells", BitConverter.GetBytes((long)TellCount));
                times[level].Add((Environment.CpuUsage.TotalTime - before).TotalNanoseconds / TellCount);
            }
        }

        double[] least = [.. times.Select(one => one.Skip(1).Min())];
        double cost = (least[1] / least[0]) - 1;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  journal: off {least[0]:0.0} ns, recent {least[1]:0.0} ns a tell, the least processor time of "
            + $"{2 * Rounds} rounds each: it costs {100 * cost:0.0} %"));
        if (RecentCostMax < cost)
        {
            failures.Add(string.Create(
                CultureInfo.InvariantCulture, $"`journal: recent` costs {100 * cost:0.0} %, promised are 10"));
        }
    }

    /// <summary>Nanoseconds of each kind of work in Erlang, in the median; empty where it is not installed.</summary>
    private static Dictionary<string, double> Peer()
    {
        if (!Repository.Has("erlc") || !Repository.Has("erl"))
        {
            return [];
        }

        var folder = Path.GetDirectoryName(Repository.Scratch("sends"))!;
        var compiled = ChildRun.Of(
            "erlc", ["-o", folder, Path.Combine(Repository.Root, "tests/Tars.Bench/Peers/sends.erl")], "", folder);
        var run = ChildRun.Of(
            "erl",
            ["+S", "1:1", "-noshell", "-s", "sends", "main", $"{TellCount}", $"{Rounds}"], "", folder);
        if (compiled.Exit != 0 || run.Exit != 0)
        {
            Console.WriteLine($"  Erlang failed: {compiled.Output}{compiled.Error}{run.Output}{run.Error}");
            return [];
        }

        (string Theirs, string Ours)[] names = [("cast", "tells"), ("call", "asks"), ("spawn", "births")];
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '));
        return lines.ToLookup(line => names.First(name => name.Theirs == line[0]).Ours)
            .ToDictionary(
                group => group.Key,
                group => group.Select(line => double.Parse(line[2], CultureInfo.InvariantCulture))
                    .Order().ElementAt(Rounds / 2));
    }

    private static string Nanoseconds(double time) => time.ToString("0 ns", CultureInfo.InvariantCulture);

    private static string Rate(double time) => (1e3 / time).ToString("0.00 M", CultureInfo.InvariantCulture);
}
