using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Lang.Types;

namespace Tars.Lang.Lowering;

/// <summary>How values of one type lie in memory and in registers.</summary>
/// <remarks>
/// A text is one i64: address in the low half, size in the high half. A list, map or byte string is the address of its
/// block, 0 when empty. Records, variants with fields, <c>T?</c> and <c>T!</c> lie in memory and are known by address.
/// </remarks>
/// <param name="Id">Tells this type from all others in one module.</param>
/// <param name="Owns">True when a value holds blocks of the heap, so that it is copied and freed with care.</param>
/// <param name="Scalar">The register type; null when a value lies in memory.</param>
internal sealed record Layout(int Id, LangType Type, Shape Shape, int Size, int Align, bool Owns, ValType? Scalar)
{
    /// <summary>Offsets of a record's fields, or of <c>T?</c>'s and <c>T!</c>'s value.</summary>
    public ImmutableArray<Part> Parts { get; init; } = [];

    /// <summary>Of a variant with fields: the parts of each case.</summary>
    public ImmutableArray<ImmutableArray<Part>> Cases { get; init; } = [];

    public bool InMemory => Scalar is null && Shape != Shape.Unit;
}

/// <summary>A value inside another: where it begins.</summary>
internal readonly record struct Part(int Offset, Layout Layout);

internal enum Shape
{
    Unit,

    /// <summary>i32, 0 or 1.</summary>
    Bool,

    /// <summary>i32, the index of the case.</summary>
    Choice,

    /// <summary>i64: int, duration, instant, slot.</summary>
    Int,
    Float,
    Text,
    Bytes,
    List,
    Map,
    Record,

    /// <summary>An i32 with the case, then the fields of that case.</summary>
    Variant,

    /// <summary>An i32, 0 or 1, then the value.</summary>
    Optional,

    /// <summary>An i32, 0 for a value and 1 for a Failure, then either.</summary>
    Fallible,
}
