using System.Collections.Immutable;
using Tars.Evolution.Gates;
using Tars.Evolution.Search;

namespace Tars.Evolution.Planning;

/// <summary>What a whole module costs on what there is to learn from.</summary>
internal static class TrainRuns
{
    private const string Split = "train";

    public static CandidateScore Score(string text, EvolutionProblem problem, ISearchParts parts) =>
        Score(text, problem, parts, out _);

    /// <param name="broken">Why it does not compile; else empty.</param>
    public static CandidateScore Score(
        string text, EvolutionProblem problem, ISearchParts parts, out string broken)
    {
        var evaluation = Evaluation.Run(text, problem, parts, [Split]);
        broken = evaluation.Problem;
        var runs = evaluation.Of(Split);
        ImmutableArray<double> costs = [.. runs.TakeWhile(one => one.Cost is not null).Select(one => one.Cost!.Value)];
        bool isWhole = !runs.IsEmpty && costs.Length == runs.Length;
        return new CandidateScore(costs, isWhole)
        {
            IsVoid = !isWhole,
            Fuels = [.. runs.Select(one => one.Outcome.Fuel)],
        };
    }
}
