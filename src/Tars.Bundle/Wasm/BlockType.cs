using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>The type after <c>block</c>, <c>loop</c> or <c>if</c>: nothing, one result, or an index.</summary>
/// <remarks>Held as the signed number of 33 bits in the module, where a type's byte is negative.</remarks>
public readonly record struct BlockType
{
    private const int EmptyCode = -64;

    private BlockType(long code) => Code = code;

    public static BlockType Empty => new(EmptyCode);

    public long Code { get; }

    /// <summary>Set when the block names a type of the module.</summary>
    public TypeIndex? Index => 0 <= Code ? new TypeIndex((int)Code) : null;

    /// <summary>Set when the block has no parameter and exactly this one result.</summary>
    public ValType? Result => Code is < 0 and not EmptyCode ? (ValType)(byte)(Code & 0x7F) : null;

    public static BlockType Of(ValType result) => new((byte)result - 128);

    public static BlockType Of(TypeIndex index) => new((uint)index.Value);

    /// <summary>Parameters and results, for a block of a valid module.</summary>
    public FuncType TypeIn(ImmutableArray<FuncType> types) =>
        Index is { } index ? types[index.Value]
        : Result is { } result ? TypeShapes.Of(result).Push
        : FuncType.Empty;

    /// <summary>Null when no block type has this code.</summary>
    internal static BlockType? FromCode(long code) =>
        0 <= code || code == EmptyCode || (-64 < code && ValTypes.IsDefined((byte)(code & 0x7F)))
            ? new BlockType(code)
            : null;
}
