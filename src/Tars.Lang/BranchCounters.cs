using System.Collections.Immutable;
using Tars.Bundle.Wasm;

namespace Tars.Lang;

/// <summary>The branches of a module that was compiled to count them, and where its code does.</summary>
/// <remarks>
/// A u32 for each branch stands in the memory of the guest, outside of what undo writes to, and is one more whenever
/// the code comes to the branch. Nobody but a reader outside ever looks at it or makes it less.
/// </remarks>
/// <param name="All">In the order of the text of each body.</param>
/// <param name="Address">Of the first counter.</param>
public sealed record BranchCounters(ImmutableArray<Branch> All, int Address)
{
    /// <summary>A page of WebAssembly, whatever is counted: so all that lies behind stays where it was within its
    /// page, and memory grows when it would have.</summary>
    public const int AreaSize = WasmLimits.PageSize;

    public const int CountMax = AreaSize / MemoryCounter.Size;

    /// <summary>How many counters there are; what is behind is not counted.</summary>
    public int Count => Math.Min(All.Length, CountMax);
}
