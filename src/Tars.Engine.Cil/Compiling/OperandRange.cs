using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>How large an i32 can be, read as unsigned, by what made it.</summary>
/// <remarks>An index that is masked, shifted or loaded from an octet often needs no range check.</remarks>
internal static class OperandRange
{
    /// <summary>The bound of what an instruction makes of its operands.</summary>
    public static uint MaxOf(Opcode opcode, ReadOnlySpan<Operand> parts) => opcode switch
    {
        Opcode.I32And => Math.Min(parts[0].Max, parts[1].Max),
        Opcode.I32Or or Opcode.I32Xor => AllBits(parts[0].Max | parts[1].Max),
        Opcode.I32ShrU when parts[1].IsConstant => parts[0].Max >> ((int)parts[1].Bits & 31),
        Opcode.I32Shl when parts[1].IsConstant => Fit((ulong)parts[0].Max << ((int)parts[1].Bits & 31)),
        Opcode.I32Add => Fit((ulong)parts[0].Max + parts[1].Max),
        Opcode.I32Mul => Fit((ulong)parts[0].Max * parts[1].Max),
        Opcode.Select => Math.Max(parts[0].Max, parts[1].Max),
        _ => uint.MaxValue,
    };

    /// <summary>The bound of what a load gives.</summary>
    public static uint MaxOf(Opcode load) => load switch
    {
        Opcode.I32Load8U => byte.MaxValue,
        Opcode.I32Load16U => ushort.MaxValue,
        _ => uint.MaxValue,
    };

    private static uint Fit(ulong bound) => bound <= uint.MaxValue ? (uint)bound : uint.MaxValue;

    private static uint AllBits(uint bound) =>
        bound == 0 ? 0 : uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(bound);
}
