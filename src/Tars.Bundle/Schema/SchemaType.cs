using System.Collections.Immutable;

namespace Tars.Bundle.Schema;

/// <summary>
/// The type of a value that crosses a border: a message, a state field, a parameter. Compared by structure.
/// </summary>
/// <remarks>
/// Records and variants are not recursive, so a type is a finite tree. docs/abi.md says how values are encoded.
/// </remarks>
public abstract record SchemaType
{
    private SchemaType()
    {
    }

    /// <summary>No value: what an ask without `returns` answers. Encoded as nothing.</summary>
    public sealed record Unit : SchemaType;

    public sealed record Bool : SchemaType;

    public sealed record Int : SchemaType;

    public sealed record Float : SchemaType;

    public sealed record Text : SchemaType;

    public sealed record Bytes : SchemaType;

    /// <summary>Nanoseconds.</summary>
    public sealed record Duration : SchemaType;

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    public sealed record Instant : SchemaType;

    public sealed record Blob : SchemaType;

    public sealed record List(SchemaType Element) : SchemaType;

    public sealed record Map(SchemaType Key, SchemaType Value) : SchemaType;

    /// <summary><c>T?</c></summary>
    public sealed record Optional(SchemaType Inner) : SchemaType;

    /// <summary><c>T!</c></summary>
    public sealed record Fallible(SchemaType Inner) : SchemaType;

    /// <summary><c>ref&lt;agent&gt;</c>: a slot of the holder's table.</summary>
    public sealed record Ref(string Agent) : SchemaType;

    /// <summary><c>cap&lt;KIND&gt;</c>: a slot of the holder's table.</summary>
    public sealed record Cap(string Kind) : SchemaType;

    /// <summary>
    /// Fields in order of declaration. The name is for messages and texts; equality looks at the fields alone.
    /// </summary>
    public sealed record Record(string Name, ImmutableArray<SchemaField> Fields) : SchemaType
    {
        public bool Equals(Record? other) => other is not null && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan());

        public override int GetHashCode() => Fields.Length;
    }

    /// <summary>One of its cases; the index of a case is what is encoded.</summary>
    public sealed record Variant(string Name, ImmutableArray<SchemaCase> Cases) : SchemaType
    {
        public bool Equals(Variant? other) => other is not null && Cases.AsSpan().SequenceEqual(other.Cases.AsSpan());

        public override int GetHashCode() => Cases.Length;
    }
}
