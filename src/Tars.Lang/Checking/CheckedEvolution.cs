using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;

namespace Tars.Lang.Checking;

/// <summary>What may change, towards what, and who approves; checked.</summary>
/// <param name="MayChange">Paths, as written.</param>
/// <param name="MustNotRegress">Metric to the share of loss that is borne.</param>
/// <param name="Planner">rules, search, llm, or empty.</param>
/// <param name="Approval">manual or automatic.</param>
public sealed record CheckedEvolution(
    MetricName Objective,
    ImmutableArray<string> MayChange,
    ImmutableArray<string> Frozen,
    int? NodesAtMost,
    ImmutableArray<KeyValuePair<MetricName, double>> MustNotRegress,
    string Planner,
    long? Seed,
    EvolutionBudget Budget,
    int? Keep,
    int VersionsPerSession,
    string Approval,
    TextSpan Span)
{
    /// <summary>Recorded runs that a next version has to come through.</summary>
    public ImmutableArray<CheckedLoad> Recorded { get; init; } = [];

    /// <summary>The beliefs that bear on what the module reports of its own objective.</summary>
    public ImmutableArray<string> JudgingBeliefs { get; init; } = [];
}

/// <param name="Environment">
/// The module of a scenario's environment that reports it, or null for the module's own.
/// </param>
/// <param name="Name">A metric, or a measure of the kernel: <c>fuel</c>, <c>traps</c>.</param>
public sealed record MetricName(ModuleSymbol? Environment, string Name);

/// <summary>What one search may use; null leaves it to the planner.</summary>
/// <param name="Patience">Candidates without a better one after which it ends.</param>
/// <param name="Target">Value of the objective on `train` with which it ends.</param>
public sealed record EvolutionBudget(long? Evaluations, long? Fuel, long? Tokens, long? Patience, double? Target);

/// <summary>What a bad metric means, and the paths to look at.</summary>
public sealed record CheckedReflection(BoundExpr When, string Diagnose, ImmutableArray<string> Suggest, TextSpan Span);
