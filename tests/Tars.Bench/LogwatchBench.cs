using System.Text;
using System.Text.Json;

namespace Tars.Bench;

/// <summary>A million log lines through samples/logwatch.tars, beside the same counting in other languages.</summary>
/// <remarks>Every program runs as a user would start it, start-up included, and must print the same counts.</remarks>
internal static class LogwatchBench
{
    private const int LineCount = 1_000_000;
    private const int RunCount = 5;
    private const ulong Seed = 2026;

    // What PROMISES.md says: at most so many times what the first peer takes, and so much memory.
    private const double PeerFactorMax = 4;
    private const long PeakBytesMax = 200_000_000;

    private static readonly Counter[] _peers =
    [
        new("mawk", "mawk", ["-f", "tests/Tars.Bench/Peers/logwatch.awk"]),
        new("LuaJIT", "luajit", ["tests/Tars.Bench/Peers/logwatch.lua"]),
        new("Lua", "lua5.4", ["tests/Tars.Bench/Peers/logwatch.lua"]),
        new("Python", "python3", ["tests/Tars.Bench/Peers/logwatch.py"]),
        new("gawk", "gawk", ["-f", "tests/Tars.Bench/Peers/logwatch.awk"]),
    ];

    public static int Run()
    {
        var log = Repository.Scratch("million.log");
        using (var output = new StreamWriter(log, append: false, new UTF8Encoding(false)))
        {
            SyslogLines.Write(output, LineCount, Seed);
        }

        var tars = new Counter(
            "tarscli", Repository.Launcher, ["run", "samples/logwatch.tars", "--input", $"input={log}", "--stats"]);
        var runs = Measure(tars, input: "");
        var failures = new List<string>();
        failures.AddRange(WhatIsWrong(runs));
        var table = new Table("program", "median", "fastest", "memory", "beside tarscli");
        var mine = Table.Median(runs.Select(run => run.Elapsed));
        Add(table, tars, runs, mine);
        foreach (var peer in _peers)
        {
            if (!Repository.Has(peer.Program))
            {
                table.Row(peer.Name, $"not run: no {peer.Program} here");
                continue;
            }

            var theirs = Measure(peer, log);
            Add(table, peer, theirs, mine);
            if (theirs[0].Output != runs[0].Output)
            {
                failures.Add($"{peer.Name} counts otherwise:\n{theirs[0].Output}{theirs[0].Error}");
            }
            else if (peer == _peers[0] && PeerFactorMax < mine / Table.Median(theirs.Select(run => run.Elapsed)))
            {
                failures.Add($"more than {PeerFactorMax} times what {peer.Name} takes");
            }
        }

        table.Print(Console.Out);
        Console.Write(runs[0].Output);
        File.Delete(log);
        foreach (var failure in failures)
        {
            Console.WriteLine($"FAILED: {failure}");
        }

        return failures.Count;
    }

    private static ChildRun[] Measure(Counter counter, string input)
    {
        _ = ChildRun.Of(counter.Program, counter.Arguments, input, Repository.Root);
        return
        [
            .. Enumerable.Range(0, RunCount)
                .Select(_ => ChildRun.Of(counter.Program, counter.Arguments, input, Repository.Root)),
        ];
    }

    private static void Add(Table table, Counter counter, ChildRun[] runs, TimeSpan mine)
    {
        var median = Table.Median(runs.Select(run => run.Elapsed));
        table.Row(
            counter.Name,
            Table.Milliseconds(median),
            Table.Milliseconds(runs.Min(run => run.Elapsed)),
            Table.Megabytes(runs.Max(run => run.PeakBytes)),
            $"{median / mine:0.00}");
    }

    private static IEnumerable<string> WhatIsWrong(ChildRun[] runs)
    {
        if (runs.FirstOrDefault(run => run.Exit != 0) is { } broken)
        {
            yield return $"tarscli ended with {broken.Exit}: {broken.Error}";
        }

        if (PeakBytesMax < runs.Max(run => run.PeakBytes))
        {
            yield return $"more than {Table.Megabytes(PeakBytesMax)} of memory";
        }

        if (runs[0].Exit == 0 && Committed(runs[0].Error) is var committed && committed != LineCount)
        {
            yield return $"--stats shows {committed} lines committed";
        }
    }

    // Statistics are the last line of standard error. One line of input is one event of handler `device input`.
    private static long Committed(string error)
    {
        using var stats = JsonDocument.Parse(error.TrimEnd().Split('\n')[^1]);
        return stats.RootElement.GetProperty("handlers").EnumerateArray()
            .Where(handler => handler.GetProperty("handler").GetString() == "device input")
            .Sum(handler => handler.GetProperty("committed").GetInt64()) - 1; // The end of the input is one more.
    }

    private sealed record Counter(string Name, string Program, string[] Arguments);
}
