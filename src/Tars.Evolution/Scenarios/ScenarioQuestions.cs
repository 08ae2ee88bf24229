using System.Collections.Immutable;
using Tars.Lang.Checking;
using Tars.Lang.Judging;
using Tars.Lang.Symbols;

namespace Tars.Evolution.Scenarios;

/// <summary>All that is asked about the runs of one scenario, compiled once for all its seeds.</summary>
internal sealed class ScenarioQuestions
{
    private readonly Dictionary<CheckedStep, int> _steps = new(ReferenceEqualityComparer.Instance);

    public ScenarioQuestions(ModuleSymbol module, CheckedScenario scenario, ImmutableArray<CheckedMeasure> measures)
    {
        var expectations = scenario.Expect.ToList();
        foreach (var step in scenario.Steps.Where(one => one.Expect is not null))
        {
            _steps.Add(step, expectations.Count);
            expectations.Add(step.Expect!);
        }

        Measures = [.. measures];
        FirstMeasure = expectations.Count;
        Judge = Judge.Of(module, expectations, measures);
    }

    public Judge Judge { get; }

    public List<CheckedMeasure> Measures { get; }

    /// <summary>Index of the first measure among the judge's questions.</summary>
    public int FirstMeasure { get; }

    /// <summary>Index of a step's expectation; -1 when it has none.</summary>
    public int Of(CheckedStep step) => _steps.GetValueOrDefault(step, -1);
}
