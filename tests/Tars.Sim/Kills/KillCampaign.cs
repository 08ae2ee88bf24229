using System.Diagnostics;
using System.Globalization;
using Tars.Base;

namespace Tars.Sim.Kills;

/// <summary>
/// A run that is kept is killed at random moments and started again: what it acknowledged is there, each event once.
/// </summary>
/// <remarks>
/// The program counts its turns, draws at each, and prints both sums, so that a turn which is lost, done twice or done
/// otherwise shows in every line behind it.
/// </remarks>
internal static class KillCampaign
{
    private const int LifeMillisecondsMax = 300;
    private const int StartMillisecondsMax = 60_000;

    private const string Program = """
        tars: 1
        module: beats
        version: 1.0.0
        summary: Counts its turns and what it draws.
        capabilities:
          devices: { out: console }
          timers: { shortest: 1ms }
        agentic:
          agents:
            heart:
              role: Counts.
              journal: durable
              state:
                beats: int = 0
                drawn: int = 0
                kept: map<int, int> = []
              handlers:
                start:
                  do: |
                    every 1ms beat
                timer beat:
                  do: |
                    beats += 1
                    drawn += random_int(0, 999)
                    kept[beats % 100] = drawn
                    tell out.print(line = "{beats} {drawn} {kept.len()}")
        """;

    // What users start; its code is compiled ahead of time, and a life is mostly its start.
    private static readonly string _launcher = Samples.File("tarscli");

    public static int Run(int kills)
    {
        using (var built = Process.Start(_launcher, ["--version"]))
        {
            built.WaitForExit();
        }

        string folder = Directory.CreateTempSubdirectory("tars-kills-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "beats.tars"), Program);
            return Run(folder, kills);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Run(string folder, int kills)
    {
        var random = new Xoshiro256(2026);
        var known = new Dictionary<long, string>();
        long last = 0;
        long again = 0;
        for (int kill = 1; kill <= kills; kill++)
        {
            var lines = Live(folder, random, out string log);
            if (lines.Count == 0)
            {
                Console.WriteLine($"kill {kill}: nothing was printed: {log}");
                return 1;
            }

            long expected = long.Parse(lines[0].Split(' ')[0], CultureInfo.InvariantCulture);
            foreach (string line in lines)
            {
                long number = long.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
                string before = known.GetValueOrDefault(number, line);
                if (number != expected || last + 1 < number || before != line)
                {
                    Console.WriteLine($"kill {kill}: after {last} came `{line}`, known as `{before}`: {log}");
                    return 1;
                }

                again += known.TryAdd(number, line) ? 0 : 1;
                last = Math.Max(last, number);
                expected = number + 1;
            }

            if (kill % 100 == 0)
            {
                Console.WriteLine($"  {kill} kills, {last} events");
            }
        }

        Console.WriteLine($"kills: {kills} passed, 0 failed; {last} events acknowledged, {again} told again");
        return 0;
    }

    // One life: from the start to a moment that nobody chose.
    private static List<string> Live(string folder, Xoshiro256 random, out string log)
    {
        string[] arguments = ["run", "beats.tars", "--journal", "kept", "--seed", "7"];
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
