using System.Numerics;
using System.Reflection.Emit;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Rotations by shifts, for a JIT that gets comparisons of its own rotations with zero wrong.</summary>
/// <remarks>
/// On x64 the JIT of .NET 10 takes the zero flag after a rotation by a constant, which the processor does not set
/// (dotnet/runtime, issue 129288). A constant can come about by propagation, and so can the comparison, so there is
/// no telling which rotations are concerned. The JIT knows rotations by an `or` of two shifts; an `add` it leaves
/// alone, and the shift of a word that stands twice in 64 bits.
/// </remarks>
internal static class Rotation
{
    private const int WideMask = 63;
    private const int NarrowMask = 31;
    private const int NarrowBits = 32;

    /// <summary>The type whose RotateLeft and RotateRight generated code calls: tried out once in a process.</summary>
    public static Type Source { get; } = JitIsSound() ? typeof(BitOperations) : typeof(Rotation);

    // A word beside itself, shifted: the JIT makes it once for all rotations of one value.
    public static uint RotateLeft(uint value, int count) =>
        (uint)(Twice(value) >> (NarrowBits - (count & NarrowMask)));

    public static uint RotateRight(uint value, int count) => (uint)(Twice(value) >> (count & NarrowMask));

    public static ulong RotateLeft(ulong value, int count) =>
        (value << (count & WideMask)) + ((value >> 1) >> (WideMask - (count & WideMask)));

    public static ulong RotateRight(ulong value, int count) =>
        (value >> (count & WideMask)) + ((value << 1) << (WideMask - (count & WideMask)));

    private static ulong Twice(uint value) => ((ulong)value << NarrowBits) | value;

    // Answers 1 where the first comparison's flag does not stand in for the second's.
    private static bool JitIsSound()
    {
        var method = new DynamicMethod("rotation", typeof(int), [typeof(int), typeof(int)], typeof(Rotation).Module);
        var il = method.GetILGenerator();
        var unequal = il.DefineLabel();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Bne_Un, unequal);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Call, typeof(BitOperations).GetMethod("RotateRight", [typeof(uint), typeof(int)])!);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Cgt_Un);
        il.Emit(OpCodes.Ret);
        il.MarkLabel(unequal);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<int, int, int>>()(2, 2) == 1;
    }
}
