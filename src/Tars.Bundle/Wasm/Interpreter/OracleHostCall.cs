namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>What the host does when it is called; it fills in the results.</summary>
/// <returns>The trap, if it traps.</returns>
public delegate WasmTrap? OracleHostCall(ReadOnlySpan<Value> arguments, Span<Value> results);
