using System.Collections.Immutable;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>How a call ended. The family is closed.</summary>
/// <param name="FuelUsed">What was charged, up to and including the last region that was entered.</param>
public abstract record OracleResult(long FuelUsed)
{
    public sealed record Returned(ImmutableArray<Value> Values, long FuelUsed) : OracleResult(FuelUsed);

    /// <param name="Function">The function that trapped, in its module; null when the host was called directly.</param>
    /// <param name="Offset">The instruction in that function's body.</param>
    public sealed record Trapped(WasmTrap Trap, FuncIndex? Function, int Offset, long FuelUsed)
        : OracleResult(FuelUsed);
}
