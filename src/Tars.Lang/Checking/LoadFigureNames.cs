using System.Collections.Immutable;

namespace Tars.Lang.Checking;

/// <summary>What a scenario with a recorded load measures, whatever the module reports: the names that its metrics
/// have there.</summary>
public static class LoadFigureNames
{
    public const string Missed = "missed";
    public const string P99 = "p99";
    public const string Slowdown = "slowdown";
    public const string Fairness = "fairness";

    /// <summary>All of them.</summary>
    public static ImmutableArray<string> All { get; } = [Missed, P99, Slowdown, Fairness];
}
