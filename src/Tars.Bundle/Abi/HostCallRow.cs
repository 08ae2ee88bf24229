using System.Collections.Immutable;

namespace Tars.Bundle.Abi;

/// <summary>One row of <see cref="HostCalls"/>: everything about one call.</summary>
/// <param name="Name">The import's name in module "tars".</param>
/// <param name="Meaning">One sentence, printed in docs/abi.md.</param>
public sealed record HostCallRow(HostCall Call, string Name, string Meaning, ImmutableArray<HostArgument> Arguments);
