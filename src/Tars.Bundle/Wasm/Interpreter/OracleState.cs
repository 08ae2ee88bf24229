using System.Collections.Immutable;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>All that an instance is between two calls, without the objects that it is made of.</summary>
/// <param name="Globals">The bits of each; of a function, its index and one, or zero for null.</param>
/// <param name="Tables">For each table the indices of its functions and one; zero is null.</param>
/// <param name="DroppedData">For each data segment whether it was dropped.</param>
/// <param name="DroppedElements">For each element segment whether it was dropped.</param>
public sealed record OracleState(
    ReadOnlyMemory<byte> Memory,
    ImmutableArray<UInt128> Globals,
    ImmutableArray<ImmutableArray<int>> Tables,
    ImmutableArray<bool> DroppedData,
    ImmutableArray<bool> DroppedElements);
