namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>The meaning of every instruction that depends on its operands alone, found by opcode.</summary>
/// <remarks>
/// Chapter 4.3 of the specification, one row an instruction, in the tables named in the constructor. Where the
/// specification leaves the bits of a NaN open, TARS does not: whatever computes a float gives the canonical NaN
/// (positive, payload one half). Moving, abs, neg, copysign and pseudo-minimum and -maximum compute none and keep bits.
/// </remarks>
internal static class Operations
{
    private static readonly Dictionary<Opcode, Operation> _byOpcode = ByOpcode();

    /// <summary>Null when the instruction needs more than its operands.</summary>
    public static Operation? Find(Opcode opcode) => _byOpcode.GetValueOrDefault(opcode);

    private static Dictionary<Opcode, Operation> ByOpcode()
    {
        IEnumerable<OperationRow> rows =
        [
            .. IntegerOperations.Rows,
            .. FloatOperations.Rows,
            .. ConversionOperations.Rows,
            .. VectorLaneOperations.Rows,
            .. VectorIntegerOperations.Rows,
            .. VectorWideningOperations.Rows,
            .. VectorFloatOperations.Rows,
        ];
        return rows.ToDictionary(row => row.Opcode, row => row.Run);
    }
}
