namespace Tars.Host;

/// <summary>
/// Sees to it that a run ends when it is to: a handler that goes on for too long after that is ended and rolled back.
/// </summary>
/// <remarks>A guest that is busy does not look at clocks or signals, so this looks from another thread.</remarks>
internal sealed class Patience : IDisposable
{
    private const int LookEveryMilliseconds = 100;
    private const long Never = long.MaxValue;
    private const long NanosecondsPerMillisecond = 1_000_000;

    private readonly Kernel.Kernel _kernel;
    private readonly CancellationTokenRegistration _stopped;
    private readonly Timer _timer;
    private long _endsAt = Never;

    /// <param name="span">Nanoseconds from now after which the run is to end; null for no such time.</param>
    public Patience(Kernel.Kernel kernel, long? span, CancellationToken stop)
    {
        _kernel = kernel;
        if (span is { } nanoseconds)
        {
            _endsAt = Environment.TickCount64 + (nanoseconds / NanosecondsPerMillisecond);
        }

        _stopped = stop.Register(Begin);
        _timer = new Timer(_ => Look(), state: null, LookEveryMilliseconds, LookEveryMilliseconds);
    }

    /// <summary>Whether even the stop handlers have had their time.</summary>
    public bool IsOver => Limits.StopGraceMilliseconds < Environment.TickCount64 - Volatile.Read(ref _endsAt);

    /// <summary>From now on the run is to end.</summary>
    public void Begin()
    {
        long now = Environment.TickCount64;
        long before = Volatile.Read(ref _endsAt);
        if (now < before)
        {
            _ = Interlocked.CompareExchange(ref _endsAt, now, before);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stopped.Dispose();
    }

    private void Look()
    {
        if (Limits.HandlerGraceMilliseconds < Environment.TickCount64 - Volatile.Read(ref _endsAt))
        {
            _kernel.Abort();
        }
    }
}
