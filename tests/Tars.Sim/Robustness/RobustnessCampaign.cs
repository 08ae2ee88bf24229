using System.ComponentModel;
using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using Tars.Lang.Diagnostics;
using Tars.Base;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Sim.Robustness;

/// <summary>
/// Every prefix, every deletion of a token and ten thousand mutations of each program, as many damaged modules, and the
/// hostile texts: each ends in a result or in diagnostics, within a second, without an exception.
/// </summary>
internal static class RobustnessCampaign
{
    // A process that runs one trial for so long will not end.
    private static readonly TimeSpan _hangs = TimeSpan.FromSeconds(30);
    private const int DeathsMax = 10;
    private const string HeapLimit = "0x40000000";

    /// <summary>All programs, or those that a word means, each in a process of its own.</summary>
    /// <param name="step">One of so many trials is made; of the hostile texts always all.</param>
    public static int Run(string word, int step)
    {
        string[] names = NamesOf(word);
        int failed = names.Sum(name => RunOne(name, step));
        string found = names.Length == 0 ? $"no program `{word}`" : $"{names.Length} programs, {failed} failures";
        Console.WriteLine($"robustness: {found}");
        return failed == 0 && 0 < names.Length ? 0 : 1;
    }

    /// <summary>What the process of one program does.</summary>
    public static int RunPart(string name, int step, int first, string progressPath)
    {
        using var file = MemoryMappedFile.CreateFromFile(progressPath, FileMode.Open);
        using var progress = file.CreateViewAccessor(0, sizeof(int));
        var cases = CasesOf(name);
        var part = new RobustnessPart(cases, name);
        part.RunOnSmallStack(first, step, progress);
        Console.WriteLine($"{name}: {part.Tally}");
        return Math.Min(part.Tally.Failed, byte.MaxValue / 2);
    }

    /// <summary>One trial again: what is tried, and what comes of it.</summary>
    public static int Repeat(string word, string kind, int number)
    {
        var one = NamesOf(word).SelectMany(CasesOf).FirstOrDefault(one => one.Kind == kind && one.Number == number);
        if (one is null)
        {
            Console.WriteLine($"no trial `{word} {kind} {number}`");
            return 2;
        }

        const int ShownMax = 20_000;
        string text = one.Text();
        Console.WriteLine(text[..Math.Min(text.Length, ShownMax)]);
        if (kind != "module")
        {
            Console.WriteLine("----");
            Show(new SourceText("damaged.tars", text));
        }

        one.Try();
        var trial = one.Try();
        Console.WriteLine($"{trial.Problem ?? "nothing is wrong"}; {trial.Time.TotalMilliseconds:F0} ms");
        return trial.Problem is null ? 0 : 1;
    }

    private static void Show(SourceText source)
    {
        const int ShownMax = 10;
        var told = Compiler.Compile(source, new NoModules(), new CompileOptions()).Check.Diagnostics;
        foreach (Diagnostic one in told.Take(ShownMax))
        {
            Console.WriteLine($"{source.PositionOf(one.Span.Start)} {one.Code} {one.Title}");
        }

        Console.WriteLine($"{told.Length} diagnostics");
    }

    // A program may be named by the end of its path, or by its path on this machine.
    private static string[] NamesOf(string word) =>
    [
        .. Samples.Programs().Select(program => program.Name).Append(HostileTexts.Name).Where(name =>
            name.EndsWith(word, StringComparison.Ordinal) || word.EndsWith($"/{name}", StringComparison.Ordinal)),
    ];

    private static IReadOnlyList<TrialCase> CasesOf(string name) => name == HostileTexts.Name
        ? HostileTexts.Cases()
        : [.. Samples.Programs().Where(program => program.Name == name).SelectMany(TrialCase.Of)];

    private static int RunOne(string name, int step)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[sizeof(int)]);
            int failed = 0;
            int first = 0;
            for (int deaths = 0; deaths < DeathsMax; deaths++)
            {
                var (status, place) = Start(name, step, first, path);
                if (status is { } failures)
                {
                    return failed + failures;
                }

                failed++;
                first = place + 1;
                var one = CasesOf(name)[place];
                Console.WriteLine(
                    $"{name}, {one.Kind} {one.Number}: the process died or did not end\n  "
                    + $"repeat with: ./dev.cs robust {name} {one.Kind} {one.Number}");
            }

            return failed;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The number of failures, or none where the process died; then the place where it was.</summary>
    private static (int? Failures, int Place) Start(string name, int step, int first, string progressPath)
    {
        string[] command = ["robust-part", name, $"{step}", $"{first}", progressPath];
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Environment.GetCommandLineArgs()[0], .. command]);
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        using var process = Process.Start(start)!;
        using var file = MemoryMappedFile.CreateFromFile(progressPath, FileMode.Open);
        using var progress = file.CreateViewAccessor(0, sizeof(int));
        int place = first;
        TimeSpan since = TimeSpan.Zero;
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(500)))
        {
            int now = progress.ReadInt32(0);
            TimeSpan spent = TimeOf(process);
            since = now == place ? since : spent;
            place = now;
            if (_hangs < spent - since)
            {
                process.Kill();
                process.WaitForExit();
                return (null, place);
            }
        }

        bool ended = process.ExitCode <= byte.MaxValue / 2;
        return (ended ? process.ExitCode : null, progress.ReadInt32(0));
    }

    /// <summary>Nothing for a process that has just ended, of which the system knows no more.</summary>
    private static TimeSpan TimeOf(Process process)
    {
        try
        {
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            return TimeSpan.Zero;
        }
    }
}
