namespace Tars.Bundle.Wasm;

/// <summary>The vocabulary of value types: how each is spelled and what kind it is. One row holds everything.</summary>
public static class ValTypes
{
    private static readonly (ValType Type, string Name)[] _rows =
    [
        (ValType.I32, "i32"),
        (ValType.I64, "i64"),
        (ValType.F32, "f32"),
        (ValType.F64, "f64"),
        (ValType.V128, "v128"),
        (ValType.FuncRef, "funcref"),
        (ValType.ExternRef, "externref"),
    ];

    public static string Name(this ValType type) => Array.Find(_rows, row => row.Type == type).Name;

    public static bool IsReference(this ValType type) => type is ValType.FuncRef or ValType.ExternRef;

    /// <summary>True when the byte is a value type of WebAssembly 2.0.</summary>
    public static bool IsDefined(byte code) => Array.Exists(_rows, row => (byte)row.Type == code);

    /// <summary>The type with this spelling, which must be one of ours.</summary>
    internal static ValType Named(string name) => Array.Find(_rows, row => row.Name == name).Type;
}
