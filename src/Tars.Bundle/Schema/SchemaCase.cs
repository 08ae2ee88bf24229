using System.Collections.Immutable;

namespace Tars.Bundle.Schema;

/// <summary>One case of a variant, with its fields in order.</summary>
public sealed record SchemaCase(string Name, ImmutableArray<SchemaField> Fields)
{
    public bool Equals(SchemaCase? other) =>
        other is not null && Name == other.Name && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan());

    public override int GetHashCode() => Fields.Length;
}
