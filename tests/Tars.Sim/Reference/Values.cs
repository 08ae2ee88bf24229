using System.Collections.Immutable;
using Tars.Bundle.Abi;

namespace Tars.Sim.Reference;

/// <summary>The values of the reference evaluator: all immutable, so value semantics needs no copy.</summary>
/// <remarks>
/// bool, long (int, duration, instant, ref), double, string (text), byte[] wrapped in <see cref="Octets"/>,
/// ImmutableList of object, ImmutableSortedDictionary of object to object, and the records below. An absent T? is null.
/// </remarks>
internal static class Values
{
    public static ImmutableSortedDictionary<object, object> EmptyMap { get; } =
        ImmutableSortedDictionary.Create<object, object>(ValueOrder.Instance);

    public static RecordValue Failure(int kind, string detail) => new([new CaseValue(kind, []), detail]);
}

/// <summary>Octets, compared by content.</summary>
internal sealed record Octets(ImmutableArray<byte> Bytes)
{
    public bool Equals(Octets? other) => other is not null && Bytes.AsSpan().SequenceEqual(other.Bytes.AsSpan());

    public override int GetHashCode() => Bytes.Length;
}

internal sealed record RecordValue(ImmutableArray<object?> Fields);

internal sealed record CaseValue(int Case, ImmutableArray<object?> Fields);

/// <summary>The failure side of a T!; the other side is the plain value.</summary>
internal sealed record Failed(RecordValue Failure);

/// <summary>The program waits for an answer: its transaction ends here.</summary>
internal sealed class EvaluatorSuspendedException : Exception;

/// <summary>A trap of the program under evaluation.</summary>
internal sealed class EvaluatorTrapException(GuestTrap trap, string detail = "") : Exception(detail)
{
    public GuestTrap Trap { get; } = trap;
}
