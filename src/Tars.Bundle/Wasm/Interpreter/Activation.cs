namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>One active call.</summary>
/// <param name="Locals">The place on the stack of its first local.</param>
/// <param name="Next">The instruction that comes next.</param>
internal readonly record struct Activation(OracleFunction.Own Function, PreparedCode Code, int Locals, int Next)
{
    /// <summary>The place on the stack of its first operand.</summary>
    public int Operands => Locals + Code.Function.Locals.Length;
}
