using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;
using Tars.Bundle.Wasm;
using static System.Reflection.Emit.OpCodes;

namespace Tars.Engine.Cil.Compiling;

/// <summary>The rows of <see cref="Translations"/> for numbers.</summary>
internal static class ScalarTranslations
{
    public static readonly Translation[] Rows =
    [
        // Comparison
        Plain(Opcode.I32Eqz, Ldc_I4_0, Ceq),
        Plain(Opcode.I32Eq, Ceq),
        Plain(Opcode.I32Ne, Ceq, Ldc_I4_0, Ceq),
        Plain(Opcode.I32LtS, Clt),
        Plain(Opcode.I32LtU, Clt_Un),
        Plain(Opcode.I32GtS, Cgt),
        Plain(Opcode.I32GtU, Cgt_Un),
        Plain(Opcode.I32LeS, Cgt, Ldc_I4_0, Ceq),
        Plain(Opcode.I32LeU, Cgt_Un, Ldc_I4_0, Ceq),
        Plain(Opcode.I32GeS, Clt, Ldc_I4_0, Ceq),
        Plain(Opcode.I32GeU, Clt_Un, Ldc_I4_0, Ceq),
        Plain(Opcode.I64Eqz, Ldc_I4_0, Conv_I8, Ceq),
        Plain(Opcode.I64Eq, Ceq),
        Plain(Opcode.I64Ne, Ceq, Ldc_I4_0, Ceq),
        Plain(Opcode.I64LtS, Clt),
        Plain(Opcode.I64LtU, Clt_Un),
        Plain(Opcode.I64GtS, Cgt),
        Plain(Opcode.I64GtU, Cgt_Un),
        Plain(Opcode.I64LeS, Cgt, Ldc_I4_0, Ceq),
        Plain(Opcode.I64LeU, Cgt_Un, Ldc_I4_0, Ceq),
        Plain(Opcode.I64GeS, Clt, Ldc_I4_0, Ceq),
        Plain(Opcode.I64GeU, Clt_Un, Ldc_I4_0, Ceq),
        Compare(Opcode.F32Eq, Ceq),
        Compare(Opcode.F32Ne, Ceq, Ldc_I4_0, Ceq),
        Compare(Opcode.F32Lt, Clt),
        Compare(Opcode.F32Gt, Cgt),
        Compare(Opcode.F32Le, Cgt_Un, Ldc_I4_0, Ceq),
        Compare(Opcode.F32Ge, Clt_Un, Ldc_I4_0, Ceq),
        Compare(Opcode.F64Eq, Ceq),
        Compare(Opcode.F64Ne, Ceq, Ldc_I4_0, Ceq),
        Compare(Opcode.F64Lt, Clt),
        Compare(Opcode.F64Gt, Cgt),
        Compare(Opcode.F64Le, Cgt_Un, Ldc_I4_0, Ceq),
        Compare(Opcode.F64Ge, Clt_Un, Ldc_I4_0, Ceq),

        // Whole numbers
        Calls(Opcode.I32Clz, typeof(BitOperations), "LeadingZeroCount", typeof(uint)),
        Calls(Opcode.I32Ctz, typeof(BitOperations), "TrailingZeroCount", typeof(uint)),
        Calls(Opcode.I32Popcnt, typeof(BitOperations), "PopCount", typeof(uint)),
        Plain(Opcode.I32Add, Add),
        Plain(Opcode.I32Sub, Sub),
        Plain(Opcode.I32Mul, Mul),
        Plain(Opcode.I32And, And),
        Plain(Opcode.I32Or, Or),
        Plain(Opcode.I32Xor, Xor),
        Plain(Opcode.I32Shl, Shl) with { Mask = 31 },
        Plain(Opcode.I32ShrS, Shr) with { Mask = 31 },
        Plain(Opcode.I32ShrU, Shr_Un) with { Mask = 31 },
        Calls(Opcode.I32Rotl, Rotation.Source, "RotateLeft", typeof(uint), typeof(int)),
        Calls(Opcode.I32Rotr, Rotation.Source, "RotateRight", typeof(uint), typeof(int)),
        Widened(Calls(Opcode.I64Clz, typeof(BitOperations), "LeadingZeroCount", typeof(ulong))),
        Widened(Calls(Opcode.I64Ctz, typeof(BitOperations), "TrailingZeroCount", typeof(ulong))),
        Widened(Calls(Opcode.I64Popcnt, typeof(BitOperations), "PopCount", typeof(ulong))),
        Plain(Opcode.I64Add, Add),
        Plain(Opcode.I64Sub, Sub),
        Plain(Opcode.I64Mul, Mul),
        Plain(Opcode.I64And, And),
        Plain(Opcode.I64Or, Or),
        Plain(Opcode.I64Xor, Xor),
        Plain(Opcode.I64Shl, Shl) with { Mask = 63 },
        Plain(Opcode.I64ShrS, Shr) with { Mask = 63 },
        Plain(Opcode.I64ShrU, Shr_Un) with { Mask = 63 },
        Calls(Opcode.I64Rotl, Rotation.Source, "RotateLeft", typeof(ulong), typeof(int)) with
        {
            Steps = [Conv_I4],
        },
        Calls(Opcode.I64Rotr, Rotation.Source, "RotateRight", typeof(ulong), typeof(int)) with
        {
            Steps = [Conv_I4],
        },

        // Floating point
        Calls(Opcode.F32Abs, typeof(MathF), "Abs", typeof(float)),
        Plain(Opcode.F32Neg, Neg),
        Arithmetic(Opcode.F32Ceil, typeof(MathF), "Ceiling", typeof(float)),
        Arithmetic(Opcode.F32Floor, typeof(MathF), "Floor", typeof(float)),
        Arithmetic(Opcode.F32Trunc, typeof(MathF), "Truncate", typeof(float)),
        Arithmetic(Opcode.F32Nearest, typeof(MathF), "Round", typeof(float)),
        Arithmetic(Opcode.F32Sqrt, typeof(MathF), "Sqrt", typeof(float)),
        Arithmetic(Opcode.F32Add, Add),
        Arithmetic(Opcode.F32Sub, Sub),
        Arithmetic(Opcode.F32Mul, Mul),
        Arithmetic(Opcode.F32Div, Div),
        Arithmetic(Opcode.F32Min, typeof(MathF), "Min", typeof(float), typeof(float)),
        Arithmetic(Opcode.F32Max, typeof(MathF), "Max", typeof(float), typeof(float)),
        Calls(Opcode.F32Copysign, typeof(MathF), "CopySign", typeof(float), typeof(float)),
        Calls(Opcode.F64Abs, typeof(Math), "Abs", typeof(double)),
        Plain(Opcode.F64Neg, Neg),
        Arithmetic(Opcode.F64Ceil, typeof(Math), "Ceiling", typeof(double)),
        Arithmetic(Opcode.F64Floor, typeof(Math), "Floor", typeof(double)),
        Arithmetic(Opcode.F64Trunc, typeof(Math), "Truncate", typeof(double)),
        Arithmetic(Opcode.F64Nearest, typeof(Math), "Round", typeof(double)),
        Arithmetic(Opcode.F64Sqrt, typeof(Math), "Sqrt", typeof(double)),
        Arithmetic(Opcode.F64Add, Add),
        Arithmetic(Opcode.F64Sub, Sub),
        Arithmetic(Opcode.F64Mul, Mul),
        Arithmetic(Opcode.F64Div, Div),
        Arithmetic(Opcode.F64Min, typeof(Math), "Min", typeof(double), typeof(double)),
        Arithmetic(Opcode.F64Max, typeof(Math), "Max", typeof(double), typeof(double)),
        Calls(Opcode.F64Copysign, typeof(Math), "CopySign", typeof(double), typeof(double)),

        // Conversion
        Plain(Opcode.I32WrapI64, Conv_I4),
        Plain(Opcode.I64ExtendI32S, Conv_I8),
        Plain(Opcode.I64ExtendI32U, Conv_U8),
        Plain(Opcode.F32ConvertI32S, Conv_R4),
        Plain(Opcode.F32ConvertI32U, Conv_U8, Conv_R4),
        Plain(Opcode.F32ConvertI64S, Conv_R4),
        Calls(Opcode.F32ConvertI64U, typeof(Numbers), "ToSingle", typeof(ulong)),
        Arithmetic(Opcode.F32DemoteF64, Conv_R4),
        Plain(Opcode.F64ConvertI32S, Conv_R8),
        Plain(Opcode.F64ConvertI32U, Conv_U8, Conv_R8),
        Plain(Opcode.F64ConvertI64S, Conv_R8),
        Calls(Opcode.F64ConvertI64U, typeof(Numbers), "ToDouble", typeof(ulong)),
        Arithmetic(Opcode.F64PromoteF32, Conv_R8),
        Calls(Opcode.I32ReinterpretF32, typeof(BitConverter), "SingleToInt32Bits", typeof(float)),
        Calls(Opcode.I64ReinterpretF64, typeof(BitConverter), "DoubleToInt64Bits", typeof(double)),
        Calls(Opcode.F32ReinterpretI32, typeof(Numbers), "SingleFromBits", typeof(int)),
        Calls(Opcode.F64ReinterpretI64, typeof(BitConverter), "Int64BitsToDouble", typeof(long)),
        Plain(Opcode.I32Extend8S, Conv_I1),
        Plain(Opcode.I32Extend16S, Conv_I2),
        Plain(Opcode.I64Extend8S, Conv_I1, Conv_I8),
        Plain(Opcode.I64Extend16S, Conv_I2, Conv_I8),
        Plain(Opcode.I64Extend32S, Conv_I4, Conv_I8),

        // .NET saturates too, and makes 0 of a NaN, on every machine since version 9.
        Compare(Opcode.I32TruncSatF32S, Conv_I4),
        Compare(Opcode.I32TruncSatF32U, Conv_U4),
        Compare(Opcode.I32TruncSatF64S, Conv_I4),
        Compare(Opcode.I32TruncSatF64U, Conv_U4),
        Compare(Opcode.I64TruncSatF32S, Conv_I8),
        Compare(Opcode.I64TruncSatF32U, Conv_U8),
        Compare(Opcode.I64TruncSatF64S, Conv_I8),
        Compare(Opcode.I64TruncSatF64U, Conv_U8),
    ];

    private static Translation Plain(Opcode opcode, params OpCode[] steps) => new(opcode, [.. steps]);

    // From floats to something that is none: the bits of a NaN do not matter.
    private static Translation Compare(Opcode opcode, params OpCode[] steps) =>
        new(opcode, [.. steps], Takes: FloatShape.Scalar);

    private static Translation Arithmetic(Opcode opcode, OpCode step) =>
        new(opcode, [step], Gives: FloatShape.Scalar, Takes: FloatShape.Scalar);

    private static Translation Arithmetic(Opcode opcode, Type type, string method, params Type[] parameters) =>
        Calls(opcode, type, method, parameters) with { Gives = FloatShape.Scalar, Takes = FloatShape.Scalar };

    private static Translation Calls(Opcode opcode, Type type, string method, params Type[] parameters) =>
        new(opcode, [], Method(type, method, parameters));

    private static Translation Widened(Translation row) => row with { After = [Conv_I8] };

    private static MethodInfo Method(Type type, string name, Type[] parameters) =>
        type.GetMethod(name, BindingFlags.Public | BindingFlags.Static, parameters)!;
}
