using System.Collections.Immutable;

namespace Tars.Bundle.Abi;

/// <summary>One row of <see cref="HostCalls"/>: everything about one call.</summary>
/// <param name="Name">The import's name in module "tars".</param>
/// <param name="Meaning">One sentence, printed in docs/abi.md.</param>
/// <remarks>Invariant: arguments that are octets stand behind all that are one word.</remarks>
public sealed record HostCallRow(HostCall Call, string Name, string Meaning, ImmutableArray<HostArgument> Arguments)
{
    /// <summary>How many arguments are one word.</summary>
    public int Words { get; } = Arguments.Count(one => one.Kind != HostArgumentKind.Bytes);

    /// <summary>How many are octets: a size, then so many.</summary>
    public int Octets { get; } = Arguments.Count(one => one.Kind == HostArgumentKind.Bytes);
}
