namespace Tars.Engine.Vm.Objects;

/// <summary>What one compilation may use of the machine before it is ended.</summary>
/// <param name="CpuSeconds">Processor time of one job.</param>
/// <param name="Wall">Time that passes for one job, start of the child included.</param>
/// <param name="MemoryBytes">Memory that the child may have written to, its own runtime included.</param>
/// <param name="ObjectBytes">Octets of an object.</param>
internal sealed record CompileLimits(int CpuSeconds, TimeSpan Wall, long MemoryBytes, int ObjectBytes)
{
    /// <summary>For modules of any origin.</summary>
    public static CompileLimits Usual { get; } = new(
        Limits.CompileCpuSecondsMax,
        TimeSpan.FromSeconds(Limits.CompileWallSecondsMax),
        Limits.CompileMemoryBytesMax,
        Limits.ObjectBytesMax);
}
