using System.Diagnostics;
using System.Globalization;
using Tars.Base;

namespace Tars.Sim.Kills;

/// <summary>
/// A run that is kept is killed at random moments and started again: what it acknowledged is there, each event once.
/// </summary>
/// <remarks>
/// Each module counts its turns and prints what came of all of them, so that a turn which is lost, done twice or done
/// otherwise shows in every line behind it. A line begins with whose it is and its number; none may be missing.
/// On several shards one module sends another mail with blobs, which prints that with a device of its own and with
/// one that it was lent, and tries in vain to print with what was taken back.
/// Of five lives one is killed while it starts, and one only when all who print have said what was never said before:
/// so a run that comes back and does not go on is seen too. How long that takes is not measured by the clock of the
/// wall (<see cref="LifeWatch"/>).
/// </remarks>
internal static class KillCampaign
{
    private const int LifeMillisecondsMax = 300;
    private const int KindsEvery = 5;
    private const int NewLines = 20;

    // What users start: its code is compiled ahead of time, and a life is mostly its start.
    private static readonly string _launcher = Samples.File("tarscli");

    // What it becomes, looked up once: all lives are of one build, and no other process stands between.
    private static readonly Lazy<string> _program = new(() => Path.Combine(
        Directory.ResolveLinkTarget(Samples.File("artifacts/launcher/current"), returnFinalTarget: true)!.FullName,
        "Tars.Cli.dll"));

    /// <param name="shards">On which the run is kept; null for one kernel.</param>
    public static int Run(int kills, int? shards)
    {
        using (var built = Process.Start(_launcher, ["--version"]))
        {
            built.WaitForExit();
        }

        string folder = Directory.CreateTempSubdirectory("tars-kills-").FullName;
        try
        {
            string[] modules = shards is null ? [KillPrograms.Alone] : [KillPrograms.Sends, KillPrograms.Hears];
            string[] arguments =
            [
                "run", .. modules.Select((_, one) => $"m{one}.tars"), "--journal", "kept", "--seed", "7",
                .. shards is { } count ? new[] { "--shards", $"{count}" } : [],
            ];
            foreach (var (one, text) in modules.Index())
            {
                File.WriteAllText(Path.Combine(folder, $"m{one}.tars"), text);
            }

            return Run(folder, arguments, shards is null ? "a" : "abc", kills);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Run(string folder, string[] arguments, string speakers, int kills)
    {
        var random = new Xoshiro256(2026);
        var known = speakers.ToDictionary(one => $"{one}", _ => new List<string>(), StringComparer.Ordinal);
        long again = 0;
        var slowest = new Life([], null, StartSeconds: 0, StartProcessor: 0, Log: "");
        double lastStart = 0;
        for (int kill = 1; kill <= kills; kill++)
        {
            var kind = (kill % KindsEvery) switch
            {
                0 => LifeKind.GoesOn,
                1 when lastStart != 0 => LifeKind.EndsInStart,
                _ => LifeKind.Ordinary,
            };
            var life = Live(folder, arguments, known, kind, lastStart, random);
            string? why = Take(life.Lines, known, ref again) ?? life.Silence;
            if (why is not null)
            {
                Console.WriteLine($"kill {kill}: {why}: {life.Log}");
                return 1;
            }

            lastStart = life.StartSeconds == 0 ? lastStart : life.StartSeconds;
            slowest = slowest.StartSeconds < life.StartSeconds ? life : slowest;
            if (kill % 100 == 0)
            {
                Console.WriteLine($"  {kill} kills, {known.Values.Sum(one => one.Count)} events");
            }
        }

        string of = string.Join(", ", known.OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => $"{one.Value.Count} of {one.Key}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"kills: {kills} passed, 0 failed; acknowledged: {of}; {again} told again; slowest start "
            + $"{slowest.StartSeconds:F1} s, of which it ran {slowest.StartProcessor:F1} s"));
        return 0;
    }

    // What one life printed goes on where the ones before ended, or earlier and then with the same words.
    private static string? Take(List<string> lines, Dictionary<string, List<string>> known, ref long again)
    {
        var next = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string line in lines)
        {
            string[] words = line.Split(' ');
            if (words.Length < 2 || !long.TryParse(words[1], CultureInfo.InvariantCulture, out long number)
                || !known.TryGetValue(words[0], out var before))
            {
                return $"`{line}` was printed";
            }

            bool goesOn = 0 < number && number <= before.Count + 1 && next.GetValueOrDefault(words[0], number) == number
                && (number == before.Count + 1 || before[(int)number - 1] == line);
            if (!goesOn)
            {
                string last = before.Count == 0 ? "nothing" : $"`{before[^1]}`";
                return $"behind {last} came `{line}`";
            }

            if (number <= before.Count)
            {
                again++;
            }
            else
            {
                before.Add(line);
            }

            next[words[0]] = number + 1;
        }

        return null;
    }

    // One life: from the start to a moment that nobody chose.
    private static Life Live(
        string folder,
        string[] arguments,
        Dictionary<string, List<string>> known,
        LifeKind kind,
        double startSeconds,
        Xoshiro256 random)
    {
        var start = new ProcessStartInfo("dotnet", [_program.Value, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!; // A program of the system is no document.
        var error = process.StandardError.ReadToEndAsync();
        using var output = new LifeLines(process.StandardOutput);
        var life = Live(new LifeWatch(process.Id), output, known, kind, startSeconds, random);
        process.Kill();
        life.Lines.AddRange(output.Rest());
        process.WaitForExit();
        return life with { Log = error.Result };
    }

    private static Life Live(
        LifeWatch watch,
        LifeLines output,
        Dictionary<string, List<string>> known,
        LifeKind kind,
        double startSeconds,
        Xoshiro256 random)
    {
        var lines = new List<string>();
        if (kind == LifeKind.EndsInStart)
        {
            Thread.Sleep(random.Next((int)(startSeconds * 1000) + 1));
            return new Life(lines, null, StartSeconds: 0, StartProcessor: 0, Log: "");
        }

        long begin = Stopwatch.GetTimestamp();
        string? silence = Await(watch, output, lines);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        double ran = watch.Processor;
        var missing = kind == LifeKind.GoesOn
            ? known.ToDictionary(one => one.Key, one => one.Value.Count + NewLines, StringComparer.Ordinal)
            : [];
        while (silence is null && 0 < missing.Count)
        {
            Heard(lines[^1], missing);
            silence = Await(watch, output, lines);
        }

        Thread.Sleep(silence is null ? random.Next(LifeMillisecondsMax) : 0);
        return new Life(lines, silence, seconds, ran, Log: "");
    }

    // Waits for a line, or until the process has had what it needs for one and says none: then it is told why.
    private static string? Await(LifeWatch watch, LifeLines output, List<string> lines)
    {
        string? silence = null;
        while (silence is null)
        {
            if (output.Next(LifeWatch.LookMilliseconds) is { } line)
            {
                lines.Add(line);
                watch.Heard();
                return null;
            }

            silence = output.IsOver ? "it ended by itself" : watch.Look();
        }

        return silence;
    }

    // Of those who have yet to say something new, and up to which number.
    private static void Heard(string line, Dictionary<string, int> missing)
    {
        string[] words = line.Split(' ');
        if (1 < words.Length && missing.TryGetValue(words[0], out int number) && words[1] == $"{number}")
        {
            missing.Remove(words[0]);
        }
    }

    private enum LifeKind
    {
        /// <summary>It is killed soon after its first line.</summary>
        Ordinary,

        /// <summary>It is killed before that, most likely, whatever it does then.</summary>
        EndsInStart,

        /// <summary>It is killed once all have said what nobody said before.</summary>
        GoesOn,
    }

    /// <param name="Silence">Why it said no more, where it should have; null when it did.</param>
    /// <param name="StartSeconds">To its first line.</param>
    /// <param name="StartProcessor">Seconds that it had of a processor until then.</param>
    private sealed record Life(
        List<string> Lines, string? Silence, double StartSeconds, double StartProcessor, string Log);
}
