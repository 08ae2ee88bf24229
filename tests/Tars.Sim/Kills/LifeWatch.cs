using System.Diagnostics;
using System.Globalization;

namespace Tars.Sim.Kills;

/// <summary>Tells a process that stands still from one that was not given a processor, while it says nothing.</summary>
/// <remarks>
/// A start that takes half a second of a processor has taken half a minute on a machine whose other work came first. So
/// what counts is what the process had: how long it ran, and how long none of its threads had anything to do.
/// Both are bounded, and so is the time of the wall, behind which nobody can say which of them it was.
/// </remarks>
internal sealed class LifeWatch(int process)
{
    /// <summary>Milliseconds between two looks.</summary>
    public const int LookMilliseconds = 50;

    private const double WallSecondsMax = 900;

    // What lies between two looks further apart is what this program itself had to wait.
    private const double LookSecondsMax = 0.2;

    // The system counts the processor in such parts of a second for whoever asks, whatever its own clock.
    private const double TicksPerSecond = 100;

    private readonly string _folder = $"/proc/{process}";
    private long _heard = Stopwatch.GetTimestamp();
    private long _looked = Stopwatch.GetTimestamp();
    private double _processorBefore;
    private double _rest;

    /// <summary>Seconds of a processor behind which it says nothing more.</summary>
    public double ProcessorSecondsMax { get; init; } = 20;

    /// <summary>Seconds in which none of its threads runs, may run or waits for a disk, likewise.</summary>
    public double RestSecondsMax { get; init; } = 10;

    /// <summary>Seconds that the process has had of a processor.</summary>
    public double Processor { get; private set; }

    /// <summary>It has said something.</summary>
    public void Heard()
    {
        _heard = _looked = Stopwatch.GetTimestamp();
        _processorBefore = Processor;
        _rest = 0;
    }

    /// <summary>Looks at it while it says nothing.</summary>
    /// <returns>Null while it may yet speak; else why not.</returns>
    public string? Look()
    {
        double since = Math.Min(LookSecondsMax, Stopwatch.GetElapsedTime(_looked).TotalSeconds);
        _looked = Stopwatch.GetTimestamp();
        var threads = Threads();
        Processor = Read(_folder)?.Processor ?? Processor; // Threads that have ended count too.
        _rest += threads.TrueForAll(one => one.State == 'S') ? since : 0; // None runs, may run or waits for a disk.
        double ran = Processor - _processorBefore;
        double wall = Stopwatch.GetElapsedTime(_heard).TotalSeconds;
        if (ran < ProcessorSecondsMax && _rest < RestSecondsMax && wall < WallSecondsMax)
        {
            return null;
        }

        string all = string.Join(", ", threads.Select(one => $"{one.Name} {one.State}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"nothing was printed in {wall:F1} s, of which it ran {ran:F1} s and rested {_rest:F1} s; threads: {all}");
    }

    private List<(string Name, char State, double Processor)> Threads() => Directory.Exists(_folder)
        ? [.. Directory.GetDirectories($"{_folder}/task").Select(Read).OfType<(string, char, double)>()]
        : [];

    // Null for what has ended meanwhile. See proc(5).
    private static (string Name, char State, double Processor)? Read(string folder)
    {
        try
        {
            string text = File.ReadAllText($"{folder}/stat");
            int end = text.LastIndexOf(')'); // A name may hold anything.
            string[] fields = text[(end + 2)..].Split(' ');
            double ticks = long.Parse(fields[11], CultureInfo.InvariantCulture)
                + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return (text[(text.IndexOf('(') + 1)..end], fields[0][0], ticks / TicksPerSecond);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
