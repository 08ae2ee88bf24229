namespace Tars.Bundle.Wasm;

/// <summary>How large a module may be; but for the whole, the numbers are those of browsers.</summary>
/// <remarks>A module beyond one of them is refused by name; none is part of what a module means.</remarks>
public static class WasmLimits
{
    public const int ModuleBytesMax = 256 << 20;
    public const int TypeCountMax = 1_000_000;
    public const int FunctionCountMax = 1_000_000;
    public const int ImportCountMax = 100_000;
    public const int ExportCountMax = 100_000;
    public const int GlobalCountMax = 1_000_000;
    public const int TableCountMax = 100_000;
    public const int SegmentCountMax = 100_000;
    public const int ParameterCountMax = 1_000;
    public const int ResultCountMax = 1_000;
    public const int LocalCountMax = 50_000;
    /// <summary>Of all functions together, parameters too: a few bytes can declare many.</summary>
    public const int LocalTotalMax = 20_000_000;
    public const int FunctionBytesMax = 7_654_321;

    /// <summary>What WebAssembly itself allows a memory: 4 GiB in pages of 64 KiB.</summary>
    public const uint MemoryPagesMax = 65_536;

    public const int PageSize = 65_536;

    /// <summary>How many elements a table may have, whatever its own maximum says.</summary>
    public const uint TableElementsMax = 10_000_000;
}
