namespace Tars.Bench;

/// <summary>
/// The whole way from the launcher's first instruction to the program's exit, for the smallest commands.
/// </summary>
internal static class StartupBench
{
    private const int RunCount = 11;

    public static int Run()
    {
        var table = new Table("command", "median", "slowest", "memory");
        int failed = 0;
        foreach (string[] arguments in new string[][] { ["--version"], ["check", "samples/hello.tars"] })
        {
            _ = Once(arguments); // Builds what is stale, and brings the files into memory.
            ChildRun[] runs = [.. Enumerable.Range(0, RunCount).Select(_ => Once(arguments))];
            failed += runs.Any(run => run.Exit != 0) ? 1 : 0;
            table.Row(
                $"tarscli {string.Join(' ', arguments)}",
                Table.Milliseconds(Table.Median(runs.Select(run => run.Elapsed))),
                Table.Milliseconds(runs.Max(run => run.Elapsed)),
                Table.Megabytes(runs.Max(run => run.PeakBytes)));
        }

        table.Print(Console.Out);
        return failed;
    }

    private static ChildRun Once(string[] arguments) =>
        ChildRun.Of(Repository.Launcher, arguments, input: "", Repository.Root);
}
