namespace Tars.Bundle.Wasm;

/// <summary>The signatures that instructions take from one value type, made once for each type.</summary>
internal sealed record TypeShapes(
    FuncType Push,
    FuncType Pop,
    FuncType Tee,
    FuncType Select,
    FuncType TableGet,
    FuncType TableSet,
    FuncType TableGrow,
    FuncType TableFill)
{
    private static readonly TypeShapes[] _byType = [.. Enumerable.Range(0, 0x80).Select(code => Make((ValType)code))];

    public static TypeShapes Of(ValType type) => _byType[(byte)type];

    private static TypeShapes Make(ValType type) => new(
        Push: new([], [type]),
        Pop: new([type], []),
        Tee: new([type], [type]),
        Select: new([type, type, ValType.I32], [type]),
        TableGet: new([ValType.I32], [type]),
        TableSet: new([ValType.I32, type], []),
        TableGrow: new([type, ValType.I32], [ValType.I32]),
        TableFill: new([ValType.I32, type, ValType.I32], []));
}
