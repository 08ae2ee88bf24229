using Tars.Base;
using Tars.Evolution.Search;

namespace Tars.Evolution.Gates;

/// <summary>Whether what a version changes is run, asked of versions, of each once.</summary>
/// <remarks>What nothing runs can cost nothing, whatever it does.</remarks>
/// <param name="stop">Ends the runs; a version of which they were not done is refused.</param>
internal sealed class CoveredCode(EvolutionProblem problem, ISearchParts parts, CancellationToken stop)
{
    private readonly Dictionary<string, GateVerdict> _verdicts = new(StringComparer.Ordinal);

    /// <summary>The name of the gate.</summary>
    public const string Gate = "covered";

    /// <summary>The verdict of the gate on a version.</summary>
    /// <param name="before">What is known of the version before.</param>
    /// <param name="after">What is known of this one.</param>
    public GateVerdict Ask(string text, Evaluation before, Evaluation after)
    {
        if (!_verdicts.TryGetValue(text, out var verdict))
        {
            verdict = Try(text, before, after);
            _verdicts.Add(text, verdict);
        }

        return verdict;
    }

    private GateVerdict Try(string text, Evaluation before, Evaluation after)
    {
        try
        {
            string why = UntriedCode.WhyNot(
                (problem.Source, before),
                (new SourceText(problem.Source.Name, text), after),
                problem.Evolution.Frozen,
                parts,
                stop,
                out var told);
            return new GateVerdict(Gate, why) { Told = told };
        }
        catch (OperationCanceledException)
        {
            return new GateVerdict(Gate, "the run was stopped before it was known what runs");
        }
    }
}
