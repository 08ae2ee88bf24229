using System.Globalization;
using Tars.Host;
using Tars.Host.Control;
using Tars.Sim.Swarm;

namespace Tars.Sim.Soak;

/// <summary>The run that is looked at, in a process of its own: a system with a journal and a socket, as of
/// `tarscli run`.</summary>
internal static class SoakRun
{
    /// <summary>A leak of each kind that the verdict must find.</summary>
    public const string Leaks = "leaks";

    /// <summary>Where the run says what it alone knows of its memory.</summary>
    public const string HeapFile = "heap";

    // Small, so that ten minutes see many of them come and go.
    private const long SegmentOctets = 256 << 10;
    private const int TellEvery = 1_000;
    private const int LeakBytes = 512 << 10;

    private static readonly Lock _telling = new();

    public static int Run(string folder, bool leaks)
    {
        SwarmModules.Load("soak.tars", SoakText.Versions[0], out var bundle);
        var options = new RunOptions
        {
            Journal = Path.Combine(folder, "kept"),
            JournalSegmentOctets = SegmentOctets,
            JournalOctetsKept = SegmentOctets, // What is kept to be looked at would fill up for an hour.
            Control = new ControlOptions(Path.Combine(folder, "run.sock")),
        };
        // For whoever looks for what grows: then only what somebody holds is left.
        bool collects = Environment.GetEnvironmentVariable("TARS_SOAK_COLLECT") == "1";
        using var heap = new Timer(_ => Tell(folder, collects), state: null, TellEvery, TellEvery);
        var held = new List<(FileStream File, byte[] Memory)>();
        int every = leaks ? 1_000 : Timeout.Infinite;
        using var timer = new Timer(_ => held.Add(Leak(folder)), state: null, every, every);
        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        var outcome = SystemRun.Run([bundle], options, streams, CancellationToken.None);
        foreach (string reason in (outcome as RunOutcome.Refused)?.Reasons ?? [])
        {
            Console.Error.WriteLine(reason);
        }

        return outcome is RunOutcome.Ended ? 0 : 1;
    }

    // What only the run itself knows: its managed memory, and how often all of it was looked through.
    private static void Tell(string folder, bool collects)
    {
        if (collects)
        {
            GC.Collect();
        }

        lock (_telling) // On a busy machine the next is due before one is done.
        {
            string path = Path.Combine(folder, HeapFile);
            File.WriteAllText($"{path}.new", string.Create(
                CultureInfo.InvariantCulture,
                $"{GC.GetTotalMemory(forceFullCollection: false)} {GC.CollectionCount(2)}"));
            File.Move($"{path}.new", path, overwrite: true);
        }
    }

    private static (FileStream File, byte[] Memory) Leak(string folder)
    {
        byte[] memory = new byte[LeakBytes];
        memory.AsSpan().Fill(1); // Memory counts once it is touched.
        File.WriteAllBytes(Path.Combine(folder, "kept", $"{Guid.NewGuid()}.leak"), memory.AsSpan(0, LeakBytes / 16));
        return (File.OpenRead("/dev/null"), memory);
    }
}
