using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>What devices answered in the recorded run: each answer once, to the same ask, in the same order.</summary>
internal sealed class TrialAnswers
{
    private readonly Dictionary<string, Queue<Recorded>> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (Recorded Ask, long At)> _open = [];
    private readonly Dictionary<long, Recorded> _byPlace = [];

    /// <summary>The recorded code asked a device.</summary>
    /// <param name="key">Device, operation and arguments.</param>
    public void Asked(string key, long number, long now)
    {
        if (!_asked.TryGetValue(key, out var asks))
        {
            asks = new Queue<Recorded>();
            _asked.Add(key, asks);
        }

        var ask = new Recorded();
        asks.Enqueue(ask);
        _open[number] = (ask, now);
    }

    /// <summary>The recorded code was answered.</summary>
    /// <param name="place">Number of the event.</param>
    public void Given(long number, long place, DeviceAnswer given, long now)
    {
        if (_open.Remove(number, out var open))
        {
            open.Ask.Place = place;
            open.Ask.Given = given;
            open.Ask.Delay = now - open.At;
            _byPlace[place] = open.Ask;
        }
    }

    /// <summary>What came of the next ask with that key; null when the recorded code did not ask so often.</summary>
    public Recorded? Take(string key) =>
        _asked.TryGetValue(key, out var asks) && asks.TryDequeue(out var ask) ? ask : null;

    /// <summary>The ask that an event answered; null for an event that answered none.</summary>
    public Recorded? At(long place) => _byPlace.GetValueOrDefault(place);

    /// <summary>One ask of the recorded run and its answer.</summary>
    public sealed class Recorded
    {
        /// <summary>Number of the event that answered it; null when none did.</summary>
        public long? Place { get; set; }

        public DeviceAnswer? Given { get; set; }

        /// <summary>Nanoseconds from ask to answer.</summary>
        public long Delay { get; set; }

        /// <summary>The ask of the other code that waits for the same answer.</summary>
        public long? Waits { get; set; }
    }
}
