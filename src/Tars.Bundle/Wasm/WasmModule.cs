using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>A WebAssembly module as inert data: what was written, which need not be valid.</summary>
/// <remarks>
/// Code and constant expressions stay raw bytes that end with <c>end</c>; <see cref="InstructionReader"/> walks them.
/// So decoding what was encoded gives the same module, and encoding what was decoded gives the same bytes when they
/// were canonical (shortest numbers, no empty section, the shortest form of each segment).
/// </remarks>
public sealed record WasmModule
{
    public ImmutableArray<FuncType> Types { get; init; } = [];

    public ImmutableArray<Import> Imports { get; init; } = [];

    /// <summary>The module's own functions; the imported ones come before them in the index space.</summary>
    public ImmutableArray<WasmFunction> Functions { get; init; } = [];

    public ImmutableArray<TableType> Tables { get; init; } = [];

    public ImmutableArray<MemoryType> Memories { get; init; } = [];

    public ImmutableArray<WasmGlobal> Globals { get; init; } = [];

    public ImmutableArray<Export> Exports { get; init; } = [];

    public FuncIndex? Start { get; init; }

    public ImmutableArray<ElementSegment> Elements { get; init; } = [];

    /// <summary>What the data count section says; without it no code may name a data segment.</summary>
    public int? DataCount { get; init; }

    public ImmutableArray<DataSegment> DataSegments { get; init; } = [];

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<CustomSection> CustomSections { get; init; } = [];
}
