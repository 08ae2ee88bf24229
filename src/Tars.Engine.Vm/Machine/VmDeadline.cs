using System.Diagnostics;
using Tars.Engine.Vm.Kvm;

namespace Tars.Engine.Vm.Machine;

/// <summary>Until when a machine may run: by the clock on the wall, by the CPU time of its thread, or both.</summary>
/// <remarks>The default is no deadline. It holds for one thread, the one that made it.</remarks>
internal readonly record struct VmDeadline
{
    private readonly long _wallEnd;
    private readonly long _cpuEnd;
    private readonly VmStop? _passed;

    private VmDeadline(long wallEnd, long cpuEnd, VmStop? passed)
    {
        _wallEnd = wallEnd;
        _cpuEnd = cpuEnd;
        _passed = passed;
    }

    public bool IsSet => _wallEnd != 0 || _cpuEnd != 0 || _passed is not null;

    /// <summary>From now on, for the calling thread.</summary>
    public static VmDeadline After(TimeSpan? wall, TimeSpan? cpu) => new(
        wall is { } span ? Stopwatch.GetTimestamp() + (long)(span.TotalSeconds * Stopwatch.Frequency) : 0,
        cpu is { } used ? StopSignal.CpuTime(StopSignal.Prepare()) + (long)used.TotalNanoseconds : 0,
        passed: null);

    /// <summary>One that has passed.</summary>
    public static VmDeadline Now(VmStop why) => new(wallEnd: 0, cpuEnd: 0, why);

    /// <summary>Which of its times has come, if any.</summary>
    public VmStop? HasPassed(int thread) =>
        _passed is not null ? _passed
        : _wallEnd != 0 && _wallEnd <= Stopwatch.GetTimestamp() ? VmStop.WallDeadline
        : _cpuEnd != 0 && _cpuEnd <= StopSignal.CpuTime(thread) ? VmStop.CpuDeadline
        : null;
}
