using System.Diagnostics;
using Tars.Kernel.Ports;

namespace Tars.Devices.Host;

/// <summary>The clocks of the machine.</summary>
public sealed class SystemClock : IClock
{
    private const long NanosecondsPerTick = 100;

    private static readonly double _scale = 1e9 / Stopwatch.Frequency;

    private readonly long _start = Stopwatch.GetTimestamp();
    private long _begin;

    public Moment Now => new(
        (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * NanosecondsPerTick,
        _begin + (long)((Stopwatch.GetTimestamp() - _start) * _scale));

    public bool IsVirtual => false;

    public void AdvanceTo(long monotonic)
    {
    }

    public void GoOnFrom(long monotonic) => _begin = monotonic;
}
