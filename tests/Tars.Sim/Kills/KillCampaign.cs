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
/// </remarks>
internal static class KillCampaign
{
    private const int LifeMillisecondsMax = 300;
    private const int StartMillisecondsMax = 60_000;

    // What users start; its code is compiled ahead of time, and a life is mostly its start.
    private static readonly string _launcher = Samples.File("tarscli");

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

            return Run(folder, arguments, kills);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Run(string folder, string[] arguments, int kills)
    {
        var random = new Xoshiro256(2026);
        var known = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        long again = 0;
        for (int kill = 1; kill <= kills; kill++)
        {
            var lines = Live(folder, arguments, random, out string log);
            string? why = lines.Count == 0 ? "nothing was printed" : Take(lines, known, ref again);
            if (why is not null)
            {
                Console.WriteLine($"kill {kill}: {why}: {log}");
                return 1;
            }

            if (kill % 100 == 0)
            {
                Console.WriteLine($"  {kill} kills, {known.Values.Sum(one => one.Count)} events");
            }
        }

        string of = string.Join(", ", known.OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => $"{one.Value.Count} of {one.Key}"));
        Console.WriteLine($"kills: {kills} passed, 0 failed; acknowledged: {of}; {again} told again");
        return 0;
    }

    // What one life printed goes on where the ones before ended, or earlier and then with the same words.
    private static string? Take(List<string> lines, Dictionary<string, List<string>> known, ref long again)
    {
        var next = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string line in lines)
        {
            string[] words = line.Split(' ');
            if (words.Length < 2 || !long.TryParse(words[1], CultureInfo.InvariantCulture, out long number))
            {
                return $"`{line}` was printed";
            }

            if (!known.TryGetValue(words[0], out var before))
            {
                known[words[0]] = before = [];
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
    private static List<string> Live(string folder, string[] arguments, Xoshiro256 random, out string log)
    {
        var start = new ProcessStartInfo(_launcher, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!; // A program of the system is no document.
        var error = process.StandardError.ReadToEndAsync();
        var first = process.StandardOutput.ReadLineAsync();
        var lines = new List<string>();
        bool isUp = first.Wait(StartMillisecondsMax);
        if (isUp && first.Result is not null)
        {
            Thread.Sleep(random.Next(LifeMillisecondsMax));
        }

        process.Kill();
        if (first.Result is { } line && isUp)
        {
            lines.Add(line);
        }

        string[] rest = process.StandardOutput.ReadToEnd().Split('\n');
        lines.AddRange(rest.SkipLast(1)); // The last line may be a part of one.
        process.WaitForExit();
        log = error.Result;
        return lines;
    }
}
