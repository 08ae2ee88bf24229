using Tars.Evolution.Analysis;
using Tars.Evolution.Gates;
using Tars.Evolution.Search;
using Tars.Lang.Symbols;

namespace Tars.Evolution.Planning;

/// <summary>All that a planner is told.</summary>
/// <param name="Module">The module as the checker knows it.</param>
/// <param name="Findings">What is known of it as it is.</param>
/// <param name="Evaluations">Candidates that may be run.</param>
public sealed record PlanRequest(
    EvolutionProblem Problem, ModuleSymbol Module, ModuleAnalysis Findings, long Seed, int Evaluations)
{
    /// <summary>Fuel with which a planner ends too, with the round that burns it up.</summary>
    public long Fuel { get; init; } = long.MaxValue;

    /// <summary>With what a planner ends before, with the round in which that comes about.</summary>
    public EarlyEnd End { get; init; } = EarlyEnd.None;

    /// <summary>Of the module as it is.</summary>
    public BeliefDoubts Beliefs { get; init; } = new(Graph: null, []);

    /// <summary>Hears of each round; null for nobody.</summary>
    public Action<SearchProgress>? Progress { get; init; }
}
