using System.Runtime.InteropServices;

namespace Tars.Engine.Cil.Runtime;

/// <summary>
/// An instance's mapping as managed code sees it: typed reads and writes at the offsets of the layout.
/// </summary>
/// <remarks>Valid as long as the <see cref="MemoryMapping"/> behind it; <see cref="Instance"/> keeps both
/// together.</remarks>
// SAFETY: addresses come from MemoryMapping and offsets from StateLayout, which made the mapping that large. The size
// of the linear memory in the header never exceeds what was reserved behind it. Guests cannot write to the header.
internal readonly unsafe struct MemoryState(nint address)
{
    public nint Address => address;

    public long Fuel
    {
        get => *(long*)(address + StateLayout.Fuel);
        set => *(long*)(address + StateLayout.Fuel) = value;
    }

    /// <summary>Written by other threads.</summary>
    public long Floor
    {
        get => Volatile.Read(ref *(long*)(address + StateLayout.Floor));
        set => Volatile.Write(ref *(long*)(address + StateLayout.Floor), value);
    }

    public long MemorySize
    {
        get => *(long*)(address + StateLayout.MemorySize);
        set => *(long*)(address + StateLayout.MemorySize) = value;
    }

    /// <summary>The instance whose state block this is; its code is running.</summary>
    public Instance Instance => Word(StateLayout.Handle) is var handle and not 0
        ? (Instance)GCHandle.FromIntPtr(handle).Target!
        : GuestRun.Current;

    public nint Word(int offset) => *(nint*)(address + offset);

    public void SetWord(int offset, nint value) => *(nint*)(address + offset) = value;

    public int Int(int offset) => *(int*)(address + offset);

    public void SetInt(int offset, int value) => *(int*)(address + offset) = value;

    public UInt128 Value(int offset) => *(UInt128*)(address + offset);

    public void SetValue(int offset, UInt128 value) => *(UInt128*)(address + offset) = value;

    /// <summary>The linear memory; at most 2 GiB of it, which is as much as a span can hold.</summary>
    public Span<byte> Memory(int start) =>
        new((void*)(address + start), (int)Math.Min(MemorySize, int.MaxValue));

    /// <summary>Part of the linear memory; the caller has checked the range.</summary>
    public Span<byte> Range(int start, uint at, int size) => new((void*)(address + start + (nint)at), size);
}
