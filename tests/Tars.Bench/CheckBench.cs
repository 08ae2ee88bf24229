using System.Diagnostics;
using System.Globalization;
using Tars.Base;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Bench;

/// <summary>A metascript of 2,000 lines: checked as a user calls it, and compiled in a process that is warm.</summary>
internal static class CheckBench
{
    private const int LineCount = 2000;
    private const int RunCount = 11;

    private const int WarmCount = 200;

    // What PROMISES.md says.
    private static readonly TimeSpan _coldMax = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan _warmMax = TimeSpan.FromMilliseconds(50);

    public static int Run()
    {
        var text = LongModule.Of(LineCount);
        var file = Repository.Scratch("long.tars");
        File.WriteAllText(file, text);
        _ = Cold(file);
        ChildRun[] runs = [.. Enumerable.Range(0, RunCount).Select(_ => Cold(file))];
        var table = new Table("what", "lines", "median", "slowest", "at most");
        bool fast = Row(table, "tarscli check", text, runs.Select(run => run.Elapsed), _coldMax)
            & Row(table, "compile, warm", text, Warm(text), _warmMax);
        table.Print(Console.Out);
        if (runs.FirstOrDefault(run => run.Exit != 0) is { } broken)
        {
            Console.WriteLine($"FAILED: {broken.Output}{broken.Error}");
            return 1;
        }

        Console.Write(fast ? "" : "FAILED: slower than promised\n");
        return fast ? 0 : 1;
    }

    /// <returns>False when the median is slower than it may be.</returns>
    private static bool Row(Table table, string what, string text, IEnumerable<TimeSpan> times, TimeSpan most)
    {
        TimeSpan[] all = [.. times];
        var median = Table.Median(all);
        table.Row(
            what,
            text.AsSpan().Count('\n').ToString(CultureInfo.InvariantCulture),
            Table.Milliseconds(median),
            Table.Milliseconds(all.Max()),
            Table.Milliseconds(most));
        return median <= most;
    }

    // From text to the bytes of a bundle. The first ones warm up and do not count.
    private static List<TimeSpan> Warm(string text)
    {
        var source = new SourceText("long.tars", text);
        var times = new List<TimeSpan>();
        for (int run = 0; run < WarmCount; run++)
        {
            long begun = Stopwatch.GetTimestamp();
            var result = Compiler.Compile(source, new NoModules(), new CompileOptions());
            times.Add(Stopwatch.GetElapsedTime(begun));
            Invariant.Holds(result.Bundle is not null);
        }

        return times[(WarmCount / 2)..];
    }

    private static ChildRun Cold(string file) =>
        ChildRun.Of(Repository.Launcher, ["check", file], input: "", Repository.Root);
}
