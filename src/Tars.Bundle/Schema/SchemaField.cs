using System.Collections.Immutable;

namespace Tars.Bundle.Schema;

/// <summary>
/// A named member of a record, a case, a handler's payload or a state. Equality looks at name and type.
/// </summary>
/// <param name="HasDefault">True when a reader of JSON or an older state may leave it out.</param>
/// <param name="Default">
/// That default in the value encoding; null when there is none or only the guest can work it out.
/// </param>
public sealed record SchemaField(
    string Name, SchemaType Type, bool HasDefault = false, ImmutableArray<byte>? Default = null)
{
    public bool Equals(SchemaField? other) =>
        other is not null && (ReferenceEquals(this, other) || (Name == other.Name && Type.Equals(other.Type)));

    public override int GetHashCode() => Name.Length;
}
