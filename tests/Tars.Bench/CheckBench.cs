using System.Globalization;

namespace Tars.Bench;

/// <summary>Checking a metascript of 2,000 lines, as a user calls it.</summary>
internal static class CheckBench
{
    private const int LineCount = 2000;
    private const int RunCount = 11;

    // What PROMISES.md says.
    private static readonly TimeSpan _coldMax = TimeSpan.FromMilliseconds(300);

    public static int Run()
    {
        var text = LongModule.Of(LineCount);
        var file = Repository.Scratch("long.tars");
        File.WriteAllText(file, text);
        _ = Cold(file);
        ChildRun[] runs = [.. Enumerable.Range(0, RunCount).Select(_ => Cold(file))];
        var median = Table.Median(runs.Select(run => run.Elapsed));
        var table = new Table("what", "lines", "median", "slowest", "at most");
        table.Row(
            "tarscli check",
            text.AsSpan().Count('\n').ToString(CultureInfo.InvariantCulture),
            Table.Milliseconds(median),
            Table.Milliseconds(runs.Max(run => run.Elapsed)),
            Table.Milliseconds(_coldMax));
        table.Print(Console.Out);
        if (runs.FirstOrDefault(run => run.Exit != 0) is { } broken)
        {
            Console.WriteLine($"FAILED: {broken.Output}{broken.Error}");
            return 1;
        }

        if (_coldMax < median)
        {
            Console.WriteLine("FAILED: slower than promised");
            return 1;
        }

        return 0;
    }

    private static ChildRun Cold(string file) =>
        ChildRun.Of(Repository.Launcher, ["check", file], input: "", Repository.Root);
}
