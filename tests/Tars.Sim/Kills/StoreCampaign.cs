using System.Diagnostics;
using Tars.Base;
using Tars.Evolution.Store;
using Tars.Host.Versions;

namespace Tars.Sim.Kills;

/// <summary>
/// Programs that use a store of versions are killed at random moments: the store is whole, its head can be read, what
/// was acknowledged is there, and nothing is left over.
/// </summary>
/// <remarks>
/// Every tenth is a whole `evolve run`: it is killed, begun again, and has to come to the report of one that was left
/// alone. Before the first kill the check itself is tried on stores that are not whole.
/// </remarks>
internal static class StoreCampaign
{
    private const int LifeMillisecondsMax = 120;
    private const int StartMillisecondsMax = 60_000;
    private const int KillsOfAStore = 20;
    private const int KillsOfARun = 10;
    private const string Report = "output/evolve/tuning/report.html";
    private const string Versions = "output/versions/tuning";

    private static readonly string[] _run =
        ["evolve", "run", "tuning.tars", "--evaluations", "60", "--workers", "2"];

    private sealed class Tally
    {
        public long Acknowledged { get; set; }

        public long OctetsMost { get; set; }

        public int Resumed { get; set; }
    }

    public static int Run(int kills)
    {
        string root = Directory.CreateTempSubdirectory("tars-store-").FullName;
        try
        {
            if (Planted(Path.Combine(root, "planted")) is { } missed)
            {
                Console.WriteLine($"the check finds nothing wrong with {missed}");
                return 1;
            }

            var tally = new Tally();
            var random = new Xoshiro256(2026);
            string? whole = null;
            for (int kill = 1; kill <= kills; kill++)
            {
                bool isRun = kill % KillsOfARun == 0;
                if (isRun && whole is null && !Undisturbed(root, out whole))
                {
                    return 1;
                }

                string? why = isRun
                    ? EndedRun(Path.Combine(root, $"run-{kill}"), whole!, random, tally) // It was made just now.
                    : Ended(Path.Combine(root, $"store-{kill / KillsOfAStore}"), (ulong)kill, random, tally);
                if (why is not null)
                {
                    Console.WriteLine($"kill {kill}: {why}");
                    return 1;
                }
            }

            Console.WriteLine(
                $"store kills: {kills} passed, 0 failed; {tally.Acknowledged} entries acknowledged and there, "
                + $"{tally.Resumed} runs resumed to the same report, at most {tally.OctetsMost} octets in a store");
            return 0;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    // One life of a store's user: from its first word to a moment that nobody chose.
    private static string? Ended(string place, ulong seed, Xoshiro256 random, Tally tally)
    {
        string[] arguments = [typeof(StoreCampaign).Assembly.Location, StoreWork.Command, place, $"{seed}"];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!; // A program of the system is no document.
        var first = process.StandardOutput.ReadLineAsync();
        if (!first.Wait(StartMillisecondsMax) || first.Result is not { } line)
        {
            process.Kill();
            return "it said nothing";
        }

        Thread.Sleep(random.Next(LifeMillisecondsMax));
        process.Kill();
        string[] rest = process.StandardOutput.ReadToEnd().Split('\n');
        process.WaitForExit();

        // The last line may be a part of one.
        string[] said = [line, .. rest.SkipLast(1)];
        tally.Acknowledged += said.Length;
        return said[^1].StartsWith("not ", StringComparison.Ordinal)
            ? said[^1]
            : Fault(place, StoreWork.Module, said[^1].Split(' ')[0], tally);
    }

    /// <summary>What is wrong with a store after a kill, or null.</summary>
    /// <param name="acknowledged">The chain of the last entry that was said to be written; empty for none.</param>
    private static string? Fault(string place, string module, string acknowledged, Tally tally)
    {
        using var folder = VersionFolder.Open(place, module, out string why);
        if (folder is null)
        {
            return $"the store is not whole: {why}";
        }

        var history = folder.History;
        int last = history.Entries.ToList().FindIndex(one => one.Chain.ToString() == acknowledged);
        if (acknowledged.Length != 0 && last < 0)
        {
            return "what was acknowledged is not there";
        }

        if (acknowledged.Length != 0 && last < history.Entries.Length - 2)
        {
            return "there is more than one entry nobody spoke of";
        }

        foreach (var id in history.Objects)
        {
            if (folder.Text(id, out why) is null)
            {
                return id == history.Head ? $"the head is not valid: {why}" : why;
            }
        }

        var files = new DirectoryInfo(place).GetFiles();
        tally.OctetsMost = Math.Max(tally.OctetsMost, files.Sum(one => one.Length));

        // The history, the lock, and what is named.
        return files.Length == history.Objects.Count() + 2 ? null : $"{files.Length} files, and some belong to nobody";
    }

    private static bool Undisturbed(string root, out string? report)
    {
        using (var built = Process.Start(Launcher(), ["--version"]))
        {
            built.WaitForExit();
        }

        string folder = Path.Combine(root, "undisturbed");
        Prepare(folder);
        var (status, output) = Evolve(folder, life: null);
        report = status == 0 ? File.ReadAllText(Path.Combine(folder, Report)) : null;
        if (report is null)
        {
            Console.WriteLine($"a run that nobody kills ends with {status}: {output}");
        }

        return report is not null;
    }

    private static string? EndedRun(string folder, string whole, Xoshiro256 random, Tally tally)
    {
        Prepare(folder);
        _ = Evolve(folder, TimeSpan.FromMilliseconds(random.Next(2_000)));
        string place = Path.Combine(folder, Versions);
        if (Directory.Exists(place) && Fault(place, "tuning", acknowledged: "", tally) is { } fault)
        {
            return fault;
        }

        // One that was killed after its commit has nothing left to do, and says so; what it did not come to write is
        // written then.
        bool isCommitted = IsCommitted(place);
        var (status, output) = Evolve(folder, life: null);
        if (status != (isCommitted ? 1 : 0) || !IsCommitted(place))
        {
            return $"begun again it ends with {status}: {output}";
        }

        tally.Resumed += isCommitted ? 0 : 1;
        return File.ReadAllText(Path.Combine(folder, Report)) == whole
            ? null
            : "begun again it comes to another report";
    }

    private static bool IsCommitted(string place)
    {
        if (!Directory.Exists(place))
        {
            return false;
        }

        using var folder = VersionFolder.Open(place, "tuning", out _);
        return folder is not null && folder.History.Entries.Any(one => one.Event == VersionEvent.Commit);
    }

    private static void Prepare(string folder)
    {
        Directory.CreateDirectory(folder);
        File.Copy(Samples.File("tests/golden/evolution/tuning.tars"), Path.Combine(folder, "tuning.tars"));
    }

    /// <param name="life">When it is killed; null for never.</param>
    private static (int Status, string Output) Evolve(string folder, TimeSpan? life)
    {
        var start = new ProcessStartInfo(Launcher(), _run)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!; // A program of the system is no document.
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (life is { } time && !process.WaitForExit(time))
        {
            process.Kill();
        }

        process.WaitForExit();
        return (process.ExitCode, output.Result + error.Result);
    }

    // Null when each is found.
    private static string? Planted(string place)
    {
        const string None = "";
        string another = VersionId.Of("another entry").ToString();
        (string What, string Acknowledged, Action<FileInfo[]> Break)[] mistakes =
        [
            ("a text that is gone", None, files => Largest(files).Delete()),
            ("a text that is another", None, files => File.AppendAllText(Largest(files).FullName, "more")),
            ("a history that was cut", None, files => Cut(files.First(IsHistory))),
            ("a history of one entry, which is not the one that was acknowledged", another, _ => { }),
        ];
        foreach (var (what, acknowledged, damage) in mistakes)
        {
            using (var folder = VersionFolder.Open(place, StoreWork.Module, out _))
            {
                string text = $"{what}: {new string('t', 1_000)}";
                var kept = VersionHistory.Entry(VersionEvent.Keep, VersionId.Of(text), "ann", "then");
                _ = folder!.Record(kept, [text], out _); // A new folder opens.
            }

            damage(new DirectoryInfo(place).GetFiles());
            if (Fault(place, StoreWork.Module, acknowledged, new Tally()) is null)
            {
                return what;
            }

            Directory.Delete(place, recursive: true);
        }

        return null;
    }

    private static FileInfo Largest(FileInfo[] files) => files.Where(one => !IsHistory(one)).MaxBy(one => one.Length)!;

    private static bool IsHistory(FileInfo file) => file.Name.StartsWith("history-", StringComparison.Ordinal);

    private static void Cut(FileInfo file)
    {
        using var stream = file.OpenWrite();
        stream.SetLength(file.Length / 2);
    }

    private static string Launcher() => Samples.File("tarscli");
}
