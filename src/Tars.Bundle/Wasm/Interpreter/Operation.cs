namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>What an instruction does to its operands alone. The result replaces the first of them.</summary>
/// <param name="lane">The lane that the instruction names, else 0.</param>
/// <returns>The trap, if it traps.</returns>
internal delegate WasmTrap? Operation(Span<Value> operands, byte lane);

/// <summary>One row: an instruction and its meaning.</summary>
internal sealed record OperationRow(Opcode Opcode, Operation Run);
