using System.Diagnostics;
using System.Globalization;
using Tars.Kernel;

namespace Tars.Sim.Swarm;

/// <summary>Many seeds of the swarm, one seed told whole, and planted mistakes that must be found.</summary>
internal static class SwarmCampaign
{
    private const int SmokeSeeds = 200;

    /// <summary>Seeds within which each planted mistake must be found.</summary>
    public const int SeedsUntilFound = 40;

    /// <summary>The share that every change goes through; a mark that it never comes to fails it.</summary>
    public static int Smoke()
    {
        var coverage = new Coverage();
        int failed = Seeds(first: 1, SmokeSeeds, coverage);
        foreach (string mark in coverage.Missing())
        {
            failed = 1;
            Console.WriteLine($"swarm: no seed has come to `{mark}`");
        }

        return Math.Max(failed, Mistakes());
    }

    /// <summary>What so many seeds come to, as a table.</summary>
    public static int Marks(int count)
    {
        var coverage = new Coverage();
        int failed = Seeds(first: 1, count, coverage);
        foreach (var (mark, times) in coverage.Marks)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times,9} {mark}"));
        }

        return failed;
    }

    /// <summary>Runs so many seeds; tells which failed.</summary>
    public static int Seeds(ulong first, int count, Coverage coverage) =>
        Seeds(first, (seed, _) => seed < first + (ulong)count, coverage);

    /// <summary>Runs seeds until the time is over.</summary>
    public static int Seeds(ulong first, TimeSpan budget) =>
        Seeds(first, (_, clock) => clock.Elapsed < budget, new Coverage());

    private static int Seeds(ulong first, Func<ulong, Stopwatch, bool> goesOn, Coverage coverage)
    {
        var clock = Stopwatch.StartNew();
        long happened = 0;
        long least = long.MaxValue;
        ulong digest = 0;
        int failed = 0;
        ulong seed = first;
        for (; goesOn(seed, clock); seed++)
        {
            var outcome = SwarmSeed.Run(seed, Planted.None, coverage);
            happened += outcome.Happened;
            digest = SwarmOutcome.DigestOf(digest, outcome.Digest);
            least = Math.Min(least, outcome.Happened);
            if (outcome.Problem is { } problem)
            {
                failed++;
                Console.WriteLine($"swarm seed {seed}: {problem}\n  repeat with: ./dev.cs sim {seed}");
            }
        }

        long run = Math.Max(1, (long)(seed - first));
        string each = string.Create(
            CultureInfo.InvariantCulture,
            $"{happened / run} events, {least} at least, and {clock.Elapsed.TotalMilliseconds / run:F1} ms each");
        Console.WriteLine($"swarm: {run - failed} passed, {failed} failed, {each}; digest {digest:x16}");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>One seed: what was wrong, the smallest part of its plan that shows it, and the trace of that.</summary>
    public static int Tell(ulong seed)
    {
        var outcome = SwarmSeed.Run(seed, Planted.None, new Coverage());
        if (outcome.Problem is null)
        {
            Console.WriteLine($"swarm seed {seed}: {outcome.Happened} events, nothing wrong");
            return 0;
        }

        if (SwarmSeed.Run(SwarmPlan.Draw(seed), Planted.None, new Coverage()).Problem is null)
        {
            Console.WriteLine($"swarm seed {seed}, beside the swarm itself: {outcome.Problem}");
            return 1;
        }

        var trace = new List<string>();
        var small = SwarmSeed.Shrink(SwarmPlan.Draw(seed), Planted.None);
        string? problem = SwarmSeed.Run(small, Planted.None, new Coverage(), trace).Problem;
        Console.WriteLine(string.Join('\n', trace));
        Console.WriteLine($"swarm seed {seed}: {outcome.Problem}");
        Console.WriteLine($"  with {small.Stimuli.Length} of its inputs: {problem}");
        return 1;
    }

    /// <summary>Each planted mistake must be found.</summary>
    public static int Mistakes() => Mistakes(one => one != Planted.None);

    /// <summary>Those that hold of the condition.</summary>
    public static int Mistakes(Func<Planted, bool> condition)
    {
        int missed = 0;
        foreach (var planted in Enum.GetValues<Planted>().Where(condition))
        {
            var found = SwarmSeed.Find(planted, SeedsUntilFound);
            missed += found is null ? 1 : 0;
            Console.WriteLine(found is { } at
                ? $"  {planted}: found by seed {at.Seed}: {at.Problem}"
                : $"  {planted}: not found in {SeedsUntilFound} seeds");
        }

        Console.WriteLine($"swarm: {missed} planted mistakes not found");
        return missed == 0 ? 0 : 1;
    }
}
