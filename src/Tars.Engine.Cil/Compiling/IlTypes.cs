using System.Runtime.Intrinsics;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>How value and function types look in CIL.</summary>
internal static class IlTypes
{
    /// <summary>State block, depth left and fuel left come before a function's own parameters.</summary>
    public const int LeadingParameterCount = 3;

    public static Type Of(ValType type) => type switch
    {
        ValType.I32 => typeof(int),
        ValType.I64 => typeof(long),
        ValType.F32 => typeof(float),
        ValType.F64 => typeof(double),
        ValType.V128 => typeof(Vector128<byte>),
        ValType.FuncRef or ValType.ExternRef => typeof(nint),
    };

    /// <summary>The first result; further ones come back through the scratch of the state block.</summary>
    public static Type ReturnOf(FuncType type) => type.Results.IsEmpty ? typeof(void) : Of(type.Results[0]);

    public static Type[] ParametersOf(FuncType type) =>
        [typeof(nint), typeof(int), typeof(long), .. type.Parameters.Select(Of)];
}
