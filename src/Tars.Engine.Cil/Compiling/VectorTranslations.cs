using System.Reflection;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Vectors;

namespace Tars.Engine.Cil.Compiling;

/// <summary>The rows of <see cref="Translations"/> for vectors, found by name.</summary>
/// <remarks>
/// Each instruction is a method of its own name in Vectors/, which the JIT puts in line; lanes and masks among its
/// parameters are immediates. To add one: write the method. Float arithmetic is told by the list below.
/// </remarks>
internal static class VectorTranslations
{
    private static readonly string[] _arithmetic =
        ["Ceil", "Floor", "Trunc", "Nearest", "Sqrt", "Add", "Sub", "Mul", "Div", "Min", "Max"];

    private static readonly string[] _comparisons = ["Eq", "Ne", "Lt", "Gt", "Le", "Ge"];

    // They move a float from or to a lane as it is.
    private static readonly Dictionary<Opcode, (FloatShape Takes, FloatShape Gives)> _passes = new()
    {
        [Opcode.F32x4Splat] = (FloatShape.Scalar, FloatShape.F32x4),
        [Opcode.F64x2Splat] = (FloatShape.Scalar, FloatShape.F64x2),
        [Opcode.F32x4ExtractLane] = (FloatShape.F32x4, FloatShape.Scalar),
        [Opcode.F64x2ExtractLane] = (FloatShape.F64x2, FloatShape.Scalar),
    };

    private static readonly Dictionary<Opcode, MethodInfo> _methods =
        Methods().ToDictionary(method => Enum.Parse<Opcode>(method.Name));

    private static readonly Dictionary<Opcode, Translation> _rows =
        _methods.Where(pair => IsInTable(pair.Key)).ToDictionary(pair => pair.Key, pair => RowOf(pair.Key, pair.Value));

    public static Translation? Find(Opcode opcode) => _rows.GetValueOrDefault(opcode);

    /// <summary>The method that stands for an instruction.</summary>
    public static MethodInfo MethodOf(Opcode opcode) => _methods[opcode];

    private static IEnumerable<MethodInfo> Methods() =>
        from type in (Type[])
        [
            typeof(V128Operators), typeof(I8x16Operators), typeof(I16x8Operators), typeof(I32x4Operators),
            typeof(I64x2Operators), typeof(F32x4Operators), typeof(F64x2Operators),
        ]
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static)
        where Enum.IsDefined(typeof(Opcode), method.Name)
        select method;

    // Loads take an address and can trap.
    private static bool IsInTable(Opcode opcode) =>
        opcode.Info().Immediate is Immediate.None or Immediate.Lane or Immediate.Lanes;

    private static Translation RowOf(Opcode opcode, MethodInfo method) =>
        _passes.TryGetValue(opcode, out var shapes)
            ? new(opcode, [], method, shapes.Gives, shapes.Takes) { Passes = true }
            : new(opcode, [], method, Gives(opcode), Takes(opcode));

    private static FloatShape Gives(Opcode opcode) => opcode switch
    {
        Opcode.F32x4DemoteF64x2Zero => FloatShape.F32x4,
        Opcode.F64x2PromoteLowF32x4 => FloatShape.F64x2,
        _ => ShapeIf(opcode, _arithmetic),
    };

    private static FloatShape Takes(Opcode opcode) => opcode switch
    {
        Opcode.F32x4DemoteF64x2Zero or Opcode.I32x4TruncSatF64x2SZero or Opcode.I32x4TruncSatF64x2UZero =>
            FloatShape.F64x2,
        Opcode.F64x2PromoteLowF32x4 or Opcode.I32x4TruncSatF32x4S or Opcode.I32x4TruncSatF32x4U => FloatShape.F32x4,
        _ => ShapeIf(opcode, [.. _arithmetic, .. _comparisons]),
    };

    private static FloatShape ShapeIf(Opcode opcode, string[] names)
    {
        string name = opcode.ToString();
        return !names.Contains(name[5..], StringComparer.Ordinal) ? FloatShape.None
            : name.StartsWith("F32x4", StringComparison.Ordinal) ? FloatShape.F32x4
            : name.StartsWith("F64x2", StringComparison.Ordinal) ? FloatShape.F64x2
            : FloatShape.None;
    }
}
