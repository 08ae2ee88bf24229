using Tars.Kernel.Ports;

namespace Tars.Host.Testing;

/// <summary>Ends the calls of a guest once a stop is asked for.</summary>
/// <remarks>An abort that comes just before a call begins is lost on it, so it is asked for again and again.</remarks>
internal sealed class AbortOnStop : IDisposable
{
    private readonly Timer _again;
    private readonly CancellationTokenRegistration _stopped;

    public AbortOnStop(IGuest guest, CancellationToken stop)
    {
        _again = new Timer(_ => guest.Abort());
        _stopped = stop.Register(() => _again.Change(0, Limits.AbortAgainMilliseconds));
    }

    public void Dispose()
    {
        _stopped.Dispose(); // Waits for one that is under way, so the timer is there for it.
        _again.Dispose();
    }
}
