namespace Tars.Engine.Vm.Machine;

/// <summary>How much of what a machine has. Machines of one shape can take each other's place.</summary>
/// <param name="TextSize">Octets of code.</param>
/// <param name="ReadOnlySize">Octets of read-only data.</param>
/// <param name="ControlSize">Octets of the control area; at least <see cref="GuestMap.Control.Module"/>.</param>
/// <param name="StackSize">Octets of machine stack.</param>
/// <param name="MemorySize">Octets of linear memory 0 at the start, in whole pages of Wasm.</param>
/// <param name="MemoryMax">Octets to which it may grow.</param>
/// <param name="WindowCountMax">Linear memories that there may be: more than one when instances are linked.</param>
/// <param name="FurtherMemoryMax">Octets to which all the others together may grow.</param>
internal readonly record struct VmShape(
    int TextSize,
    int ReadOnlySize,
    int ControlSize,
    int StackSize,
    long MemorySize,
    long MemoryMax,
    int WindowCountMax = 1,
    long FurtherMemoryMax = 0)
{
    /// <summary>Null, or what is wrong: a shape comes from a module.</summary>
    public string? Mistake() =>
        TextSize <= 0 || ReadOnlySize < 0 || Limits.ImageBytesMax < (long)TextSize + ReadOnlySize
            ? $"text of {TextSize} and data of {ReadOnlySize} octets"
        : ControlSize < GuestMap.Control.Module || Limits.ControlBytesMax < ControlSize
            ? $"a control area of {ControlSize} octets"
        : StackSize < GuestMap.PageSize || Limits.StackBytesMax < StackSize
            ? $"a stack of {StackSize} octets"
        : WindowCountMax < 1 || Limits.WindowCountMax < WindowCountMax || FurtherMemoryMax < 0
            || Limits.WindowCountMax * Limits.MemoryBytesMax < FurtherMemoryMax
            ? $"{WindowCountMax} memories with {FurtherMemoryMax} octets beside the first"
        : MemoryMistake(MemorySize, MemoryMax);

    /// <summary>The same for one linear memory.</summary>
    public static string? MemoryMistake(long size, long max) =>
        size < 0 || max < size || Limits.MemoryBytesMax < max || size % GuestMap.WasmPageSize != 0
            ? $"a memory of {size} octets that may grow to {max}"
            : null;
}

/// <summary>What a machine is loaded with before anything runs in it.</summary>
/// <param name="Control">The first octets of the control area from <see cref="GuestMap.Control.Module"/> on.</param>
internal sealed record VmImage(
    VmShape Shape,
    ReadOnlyMemory<byte> Text,
    ReadOnlyMemory<byte> ReadOnly,
    ReadOnlyMemory<byte> Control);
