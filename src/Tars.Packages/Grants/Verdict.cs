using System.Collections.Immutable;

namespace Tars.Packages.Grants;

/// <summary>What an operator answers to one demand.</summary>
/// <param name="By">Who says so: `tars.toml:12`, `--store kept`; "" where nobody need.</param>
/// <param name="Given">What is given: patterns, a path, origins, a number; empty for all that is asked.</param>
public sealed record Verdict(Demand Demand, GrantAnswer Answer, string By, ImmutableArray<string> Given);

/// <summary>The ways to answer a demand.</summary>
public enum GrantAnswer
{
    /// <summary>It reaches nothing that the operator did not give by running it.</summary>
    Free,

    /// <summary>All of it.</summary>
    Granted,

    /// <summary>Less than is asked.</summary>
    Narrowed,

    /// <summary>Nothing of it, on purpose.</summary>
    Withheld,

    /// <summary>Nobody has said anything: the module may not run.</summary>
    Open,
}
