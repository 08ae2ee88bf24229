using System.Text;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Host.Files;
using Tars.Lang.Checking;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution.Planning;

/// <summary>A module whose params and one function can be made better by small steps, as a person would take them.
/// </summary>
internal static class SmallTuning
{
    public static string Path { get; } = RepoRoot.File("tests/golden/evolution/tuning.tars");

    public static string Text { get; } = File.ReadAllText(Path);

    public static (EvolutionProblem Problem, CheckResult Check) Module(string text)
    {
        var files = ModuleFiles.Of(Path, Encoding.UTF8.GetBytes(text));
        var check = ModuleChecker.Check(files.Source, files);
        Assert.Empty(check.Diagnostics.Where(one => one.Severity == Tars.Lang.Diagnostics.Severity.Error));
        var problem = EvolutionProblem.Of(files.Source, check, out string why);
        Assert.True(problem is not null, why);
        return (problem, check);
    }

    /// <summary>What candidates of this module cost, for tests that are not about that: each is run once.</summary>
    public static IScoreMemory Remembered { get; } = new Memory();

    public static PipelineResult Run(
        IPlanner planner,
        int workers,
        int evaluations,
        IScoreMemory? memory = null,
        string? text = null,
        EarlyEnd? end = null)
    {
        var (problem, check) = Module(text ?? Text);
        return EvolutionPipeline.Run(
            new PipelineOrder(problem, check, planner, Parent: null, Seed: 1, evaluations)
            {
                End = end ?? EarlyEnd.None,
            },
            new SearchParts(Path, problem.Source.Text, workers, memory),
            CancellationToken.None);
    }

    /// <summary>All of a run that has to be the same again.</summary>
    public static string Told(PipelineResult result) => string.Join('\n', [
        .. result.Trace.Select(one => one.Line),
        .. result.Plan?.Archive ?? [],
        .. result.Tried.Select(one => $"{one.Id} {one.Planned.Proposal.Why} {one.Evaluation.Mean("validation")}"),
        .. result.Verdicts.Select(one => one.ToString()),
        result.Best?.Text ?? result.Why,
    ]);

    private sealed class Memory : IScoreMemory
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, CandidateScore> _scores =
            new(StringComparer.Ordinal);

        public CandidateScore? Find(string code) => _scores.GetValueOrDefault(code);

        public void Add(IEnumerable<KeyValuePair<string, CandidateScore>> scores)
        {
            foreach (var (code, score) in scores)
            {
                _scores[code] = score;
            }
        }
    }
}
