using Tars.Bundle.Wasm;

namespace Tars.Sim.Spec;

/// <summary>The suite's words for our traps.</summary>
internal static class SpecTraps
{
    /// <summary>True when the trap is what the suite calls by this text, which may say more at the end.</summary>
    public static bool Match(WasmTrap trap, string text) =>
        Words(trap).Any(words => text.StartsWith(words, StringComparison.Ordinal));

    private static string[] Words(WasmTrap trap) => trap switch
    {
        WasmTrap.Unreachable => ["unreachable"],
        WasmTrap.MemoryOutOfBounds => ["out of bounds memory access"],
        WasmTrap.TableOutOfBounds => ["out of bounds table access", "undefined element"],
        WasmTrap.IndirectCallTypeMismatch => ["indirect call type mismatch"],
        WasmTrap.UninitializedElement => ["uninitialized element"],
        WasmTrap.IntegerDivideByZero => ["integer divide by zero"],
        WasmTrap.IntegerOverflow => ["integer overflow"],
        WasmTrap.InvalidConversion => ["invalid conversion to integer"],
        WasmTrap.OutOfFuel => [],
        WasmTrap.StackExhausted => ["call stack exhausted"],
        WasmTrap.Deadline => [],
    };
}
