using System.Collections.Immutable;

namespace Tars.Host.Granting;

/// <summary>What an operator leaves of a path that a module serves.</summary>
/// <param name="Prefix">As the module declares it.</param>
/// <param name="Left">Paths below it; none where it is withheld.</param>
internal sealed record ServeLimit(string Module, string Prefix, ImmutableArray<string> Left);
