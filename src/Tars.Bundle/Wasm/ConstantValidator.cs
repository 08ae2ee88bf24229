namespace Tars.Bundle.Wasm;

/// <summary>Checks constant expressions, those of the extended-const proposal included.</summary>
internal sealed class ConstantValidator
{
    private readonly List<ValType> _stack = [];

    /// <param name="declared">Gets every function that the expression names: code may then name it too.</param>
    /// <returns>What is wrong, in the specification's words, or null.</returns>
    public string? ErrorIn(ReadOnlySpan<byte> code, ValType expected, ModuleSpaces spaces, HashSet<int> declared)
    {
        _stack.Clear();
        var reader = new InstructionReader(code);
        while (reader.Next())
        {
            if (reader.Opcode is Opcode.End)
            {
                return reader.End != code.Length ? "unexpected content after a constant expression"
                    : _stack is [var only] && only == expected ? null
                    : $"type mismatch: a constant of {expected.Name()} is needed";
            }

            if (Step(in reader, spaces, declared) is { } error)
            {
                return error;
            }
        }

        return reader.Error ?? "unexpected end of section or function";
    }

    private string? Step(in InstructionReader at, ModuleSpaces spaces, HashSet<int> declared)
    {
        switch (at.Opcode)
        {
            case Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const or Opcode.V128Const
                or Opcode.I32Add or Opcode.I32Sub or Opcode.I32Mul or Opcode.I64Add or Opcode.I64Sub or Opcode.I64Mul
                or Opcode.RefNull:
                return Apply(spaces.SignatureOf(in at, [])!);
            case Opcode.RefFunc:
                declared.Add(at.Index);
                return ImmediateChecks.Within(at.Index, spaces.Functions.Length, "function")
                    ?? Apply(spaces.SignatureOf(in at, [])!);
            case Opcode.GlobalGet:
                // Only imported globals have their value by then.
                return ImmediateChecks.Within(at.Index, spaces.ImportedGlobalCount, "global")
                    ?? (spaces.Globals[at.Index].Mutable ? "constant expression required" : null)
                    ?? Apply(spaces.SignatureOf(in at, [])!);
            default:
                return "constant expression required";
        }
    }

    private string? Apply(FuncType signature)
    {
        for (int back = signature.Parameters.Length; 0 < back; back--)
        {
            if (_stack.Count < back || _stack[^back] != signature.Parameters[^back])
            {
                return "type mismatch: operands of a constant expression";
            }
        }

        _stack.RemoveRange(_stack.Count - signature.Parameters.Length, signature.Parameters.Length);
        _stack.AddRange(signature.Results);
        return null;
    }
}
