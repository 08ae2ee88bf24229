using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>All that a guest is between two calls, free of addresses, so that any engine can go on from it.</summary>
/// <param name="MemorySize">Bytes of linear memory.</param>
/// <param name="Pages">What of the memory is not zero, by ascending address.</param>
/// <param name="Globals">The bits of each; of a function reference, its index and one, or zero for null.</param>
/// <param name="Tables">For each table the indices of its functions and one; zero is null.</param>
/// <param name="DroppedData">For each data segment whether it was dropped.</param>
/// <param name="DroppedElements">For each element segment whether it was dropped.</param>
public sealed record GuestState(
    long MemorySize,
    ImmutableArray<GuestPage> Pages,
    ImmutableArray<UInt128> Globals,
    ImmutableArray<ImmutableArray<int>> Tables,
    ImmutableArray<bool> DroppedData,
    ImmutableArray<bool> DroppedElements);

/// <summary>A stretch of a guest's memory.</summary>
public readonly record struct GuestPage(long Address, ReadOnlyMemory<byte> Bytes);
