using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Vectors;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Emits the step that makes a NaN the canonical one.</summary>
/// <remarks>
/// AVX-512 has one instruction for it, VFIXUPIMM, for scalars too: a branch at every store would cut the JIT's view of
/// a loop into pieces. It is emitted here and not called, because the JIT stops putting calls in line when a method
/// has very many.
/// </remarks>
internal static class CanonicalNaN
{
    // By the kind of float, four bits each: quiet and signalling NaNs take the constant, all others stay.
    private const int NaNsTakeConstant = 0x11111100;

    private static readonly Lanes _single = new(typeof(float), typeof(int), 0x7FC000007FC00000);
    private static readonly Lanes _double = new(typeof(double), typeof(long), 0x7FF8000000000000);

    private static readonly Dictionary<(FloatShape, ValType), MethodInfo> _calls = new()
    {
        [(FloatShape.Scalar, ValType.F32)] = typeof(Numbers).GetMethod("Canonical", [typeof(float)])!,
        [(FloatShape.Scalar, ValType.F64)] = typeof(Numbers).GetMethod("Canonical", [typeof(double)])!,
        [(FloatShape.F32x4, ValType.V128)] = typeof(F32x4Operators).GetMethod("Canonical")!,
        [(FloatShape.F64x2, ValType.V128)] = typeof(F64x2Operators).GetMethod("Canonical")!,
    };

    /// <summary>Of the value on the IL stack.</summary>
    /// <param name="mayBranch">
    /// Something waits for the value: a branch that is foretold does not keep it waiting.
    /// </param>
    public static void Emit(ILGenerator il, ExpressionEmitter emitter, FloatShape shape, ValType type, bool mayBranch)
    {
        bool isScalar = shape is FloatShape.Scalar;
        if (!Avx512F.VL.IsSupported || (isScalar && mayBranch))
        {
            il.Emit(OpCodes.Call, _calls[(shape, type)]);
            return;
        }

        var lanes = shape is FloatShape.F32x4 || type is ValType.F32 ? _single : _double;
        var value = emitter.Rent(lanes.Vector);
        il.Emit(OpCodes.Call, isScalar ? lanes.FromScalar : lanes.FromBytes);
        il.Emit(OpCodes.Stloc, value);
        il.Emit(OpCodes.Ldc_I8, lanes.NaN);
        il.Emit(OpCodes.Call, lanes.Splat);
        il.Emit(OpCodes.Call, lanes.FromWords);
        il.Emit(OpCodes.Ldloc, value);
        emitter.Return(value);
        il.Emit(OpCodes.Ldc_I4, NaNsTakeConstant);
        if (lanes == _double)
        {
            il.Emit(OpCodes.Conv_I8);
        }

        il.Emit(OpCodes.Call, lanes.SplatTable);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Call, isScalar ? lanes.FixScalar : lanes.Fix);
        il.Emit(OpCodes.Call, isScalar ? lanes.ToScalar : lanes.ToBytes);
    }

    // The intrinsics for one width of float.
    private sealed class Lanes(Type lane, Type word, long canonical)
    {
        public Type Vector { get; } = Of(lane);

        public long NaN => canonical;

        public MethodInfo FromScalar { get; } = typeof(Vector128).GetMethod("CreateScalarUnsafe", [lane])!;

        public MethodInfo Splat { get; } = typeof(Vector128).GetMethod("Create", [typeof(long)])!;

        public MethodInfo SplatTable { get; } = typeof(Vector128).GetMethod("Create", [word])!;

        public MethodInfo FromWords { get; } = As(typeof(long), lane);

        public MethodInfo FromBytes { get; } = As(typeof(byte), lane);

        public MethodInfo ToBytes { get; } = As(lane, typeof(byte));

        public MethodInfo Fix { get; } =
            typeof(Avx512F.VL).GetMethod("Fixup", [Of(lane), Of(lane), Of(word), typeof(byte)])!;

        public MethodInfo FixScalar { get; } =
            typeof(Avx512F).GetMethod("FixupScalar", [Of(lane), Of(lane), Of(word), typeof(byte)])!;

        public MethodInfo ToScalar { get; } = Generic("ToScalar").MakeGenericMethod(lane);

        private static Type Of(Type lane) => typeof(Vector128<>).MakeGenericType(lane);

        private static MethodInfo As(Type from, Type to) => Generic("As").MakeGenericMethod(from, to);

        private static MethodInfo Generic(string name) =>
            typeof(Vector128).GetMethods().Single(method => method.Name == name && method.IsGenericMethod);
    }
}
