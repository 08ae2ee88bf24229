using Tars.Kernel.Ports;

namespace Tars.Devices.Host;

/// <summary>Where a run takes its time from.</summary>
public interface IClock
{
    Moment Now { get; }

    /// <summary>True when waiting costs nothing: the clock is moved instead.</summary>
    bool IsVirtual { get; }

    /// <summary>Moves a virtual clock on to a monotonic instant; does nothing to a real one.</summary>
    void AdvanceTo(long monotonic);

    /// <summary>The monotonic clock goes on from where a run was lost; nobody has read it yet.</summary>
    void GoOnFrom(long monotonic);
}
