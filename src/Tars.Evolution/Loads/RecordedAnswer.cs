using Tars.Kernel.Ports;

namespace Tars.Evolution.Loads;

/// <summary>What came of one ask of a device.</summary>
public sealed class RecordedAnswer
{
    /// <summary>Nanoseconds from ask to answer.</summary>
    public long Delay { get; private set; }

    /// <summary>Null when no answer came.</summary>
    public DeviceAnswer? Given { get; private set; }

    public void Give(long delay, DeviceAnswer given) => (Delay, Given) = (delay, given);
}
