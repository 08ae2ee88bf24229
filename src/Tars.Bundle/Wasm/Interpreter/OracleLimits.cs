namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>What a guest of the oracle may use.</summary>
/// <param name="Fuel">For each call from outside.</param>
/// <param name="DepthSlots">The sum over all active calls.</param>
/// <param name="TableElements">The sum over all tables of an instance.</param>
/// <param name="MemoryPages">At most what an array of .NET holds.</param>
public sealed record OracleLimits(long Fuel, int DepthSlots, uint MemoryPages, uint TableElements)
{
    public const uint MemoryPagesMax = 32_767;

    /// <summary>Whereby another may end a call; null when nobody does.</summary>
    public OracleAbort? Abort { get; init; }

    /// <summary>Wide limits for tests and tools.</summary>
    public static OracleLimits Wide { get; } = new(
        Fuel: long.MaxValue / 2,
        DepthSlots: 1 << 20,
        MemoryPages: MemoryPagesMax,
        TableElements: WasmLimits.TableElementsMax);
}
