using System.Collections.Concurrent;
using Tars.Devices.Host;

namespace Tars.Host;

/// <summary>What comes to a run from its inputs and devices, in the order in which it came.</summary>
/// <remarks>Many threads add, one takes. A wait allocates nothing and ends when it should, to the tenth of a
/// millisecond.</remarks>
internal sealed class ArrivalQueue : IDisposable
{
    private readonly ConcurrentQueue<Arrival> _arrivals = new();
    private readonly Alarm _alarm = new();
    private readonly WakeBoost? _boost;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenRegistration _stopping;
    private int _sleeps;

    /// <param name="stop">Ends a wait.</param>
    /// <param name="boost">Of the thread that takes; null where it may wake later.</param>
    public ArrivalQueue(CancellationToken stop, WakeBoost? boost = null)
    {
        _boost = boost;
        _stop = stop;
        _stopping = stop.UnsafeRegister(queue => ((ArrivalQueue)queue!)._alarm.Ring(), this);
    }

    public void Add(Arrival arrival)
    {
        _arrivals.Enqueue(arrival);
        if (Interlocked.Exchange(ref _sleeps, 0) != 0)
        {
            _alarm.Ring();
        }
    }

    /// <summary>What has come already.</summary>
    public bool TryTake(out Arrival arrival) => _arrivals.TryDequeue(out arrival);

    /// <summary>The thread that takes works still; to be told between any two Steps, whatever they are of.</summary>
    public void GoOn() => _boost?.GoesOn();

    /// <summary>Waits for the next arrival, at most so long; below zero for as long as it takes.</summary>
    /// <returns>False when none has come, which may be before the time is over.</returns>
    public bool TryTake(out Arrival arrival, long nanoseconds)
    {
        // Who adds after this rings; who added before is seen below.
        Interlocked.Exchange(ref _sleeps, 1);
        if (_arrivals.IsEmpty && !_stop.IsCancellationRequested)
        {
            _boost?.BeforeSleep();
            _alarm.Sleep(nanoseconds);
            _boost?.AfterSleep();
        }

        Interlocked.Exchange(ref _sleeps, 0);
        return _arrivals.TryDequeue(out arrival);
    }

    /// <summary>The thread that took does so no more.</summary>
    public void Leave() => _boost?.End();

    public void Dispose()
    {
        _stopping.Dispose();
        _alarm.Dispose();
    }
}
