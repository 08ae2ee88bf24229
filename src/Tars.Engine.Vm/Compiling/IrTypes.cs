using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>How types of WebAssembly are written in LLVM's text.</summary>
internal static class IrTypes
{
    /// <summary>The address of a function's record, or the number of an external value; 0 is null.</summary>
    public const string Reference = "i64";

    public static string Of(ValType type) => type switch
    {
        ValType.I32 => "i32",
        ValType.I64 => "i64",
        ValType.F32 => "float",
        ValType.F64 => "double",
        ValType.V128 => "<2 x i64>",
        ValType.FuncRef or ValType.ExternRef => Reference,
    };

    /// <summary>The zero of a type.</summary>
    public static string ZeroOf(ValType type) => type switch
    {
        ValType.I32 or ValType.I64 or ValType.FuncRef or ValType.ExternRef => "0",
        ValType.F32 or ValType.F64 => "0.0",
        ValType.V128 => "zeroinitializer",
    };

    /// <summary>A float of any kind: values whose NaNs can be loose.</summary>
    public static bool CanBeLoose(ValType type) => type is ValType.F32 or ValType.F64 or ValType.V128;

    /// <summary>What a function gives: the fuel that is left, and its result when there is exactly one.</summary>
    public static string ReturnOf(FuncType type, bool isMetered) => (type.Results.Length == 1, isMetered) switch
    {
        (true, true) => $"{{ i64, {Of(type.Results[0])} }}",
        (true, false) => Of(type.Results[0]),
        (false, true) => "i64",
        (false, false) => "void",
    };
}
