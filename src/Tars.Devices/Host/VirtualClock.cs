using Tars.Kernel.Ports;

namespace Tars.Devices.Host;

/// <summary>A clock that begins at 1970-01-01T00:00:00Z and moves only when it is told to: the same run, the same
/// instants.</summary>
public sealed class VirtualClock : IClock
{
    private long _monotonic;

    public Moment Now => new(_monotonic, _monotonic);

    public bool IsVirtual => true;

    public void AdvanceTo(long monotonic) => _monotonic = Math.Max(_monotonic, monotonic);

    public void GoOnFrom(long monotonic) => AdvanceTo(monotonic);
}
