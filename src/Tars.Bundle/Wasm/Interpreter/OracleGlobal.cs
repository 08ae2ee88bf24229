namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>A global variable.</summary>
public sealed class OracleGlobal(GlobalType type, Value value)
{
    public GlobalType Type { get; } = type;

    public Value Value { get; set; } = value;
}
