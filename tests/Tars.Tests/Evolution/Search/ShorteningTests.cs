using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Text;
using Xunit;

namespace Tars.Tests.Evolution.Search;

/// <summary>At last the best is made shorter, by what is one step shorter and costs no more, whoever tried that before
/// and on how much.</summary>
/// <remarks>Nothing is run: costs are made of the code. So one code can be given other costs, and all that is made
/// before somebody looks at them stays as it was.</remarks>
public sealed class ShorteningTests
{
    private const int Runs = 9;
    private const int FirstRuns = 4;

    private static readonly SearchProblem _problem = SmallPacking.Problem();

    private static readonly string[] _parts =
    [
        "item", "left", "gap", "abs(", "min(", "max(", "if ", " / ", " * ", " + ", " - ", "0.1", "0.5", "2.0",
        "3.0", "5.0", "10.0", "100.0", "(-", "min(max", "max(abs", "(if", "(min",
    ];

    // An outer island knows the first half of the runs alone, and there what is good here is like anything else.
    [Fact]
    public void What_an_outer_island_tried_on_a_part_of_the_runs_is_tried_again()
    {
        int tried = 0;
        for (int seed = 1; seed <= 8; seed++)
        {
            var costs = new CostsOfParts((code, run) =>
                run < FirstRuns ? (Parts(code) / 16.0) + Noise(code, run) : 0);
            var found = Search(seed, evaluations: 960, costs);
            double begin = found.Score.Costs[..FirstRuns].Sum();
            foreach (string other in Shorter(found).Where(costs.Asked.Contains))
            {
                // As much as the best in all, and on the first half what it was before.
                var first = costs.Of(other)[..FirstRuns];
                if (begin * 1.02 < first.Sum())
                {
                    continue; // It would be given up, since it is behind.
                }

                double rest = found.Score.Costs.Sum() - first.Sum();
                double each = Math.Floor(rest / 5 * 1024) / 1024;
                CheckTakes(seed, evaluations: 960, other, costs, [.. first, each, each, each, each, rest - (4 * each)]);
                tried++;
            }
        }

        Assert.True(5 < tried, $"{tried}");
    }

    // What is good begins dear, so a young era, in which nothing is good yet, would give up what does the same as the
    // best of an older one.
    [Fact]
    public void What_is_made_of_the_best_is_measured_by_the_best_and_not_by_a_young_era()
    {
        int tried = 0;
        for (int seed = 1; seed <= 4; seed++)
        {
            const int Evaluations = (20 * 120) + 480;
            var costs = new CostsOfParts((code, run) => run switch
            {
                0 => Parts(code) / 4.0,
                1 => -Parts(code) / 4.0,
                _ => 0,
            });
            var found = Search(seed, Evaluations, costs);
            foreach (string other in Shorter(found).Where(one => !costs.Asked.Contains(one)).Take(3))
            {
                CheckTakes(seed, Evaluations, other, costs, found.Score.Costs);
                tried++;
            }
        }

        Assert.Equal(12, tried);
    }

    // With these costs for one code nothing that is one step shorter than what is found costs as little.
    private static void CheckTakes(
        int seed, int evaluations, string code, CostsOfParts costs, ImmutableArray<double> changed)
    {
        var others = new CostsOfParts(costs.Difference) { Changed = (code, changed) };
        var found = Search(seed, evaluations, others);
        Assert.DoesNotContain(
            Shorter(found), one => others.Of(one).Sum() <= found.Score.Costs.Sum());
    }

    private static Finalist Search(int seed, int evaluations, CostsOfParts costs)
    {
        var options = new SearchOptions(seed, evaluations)
        {
            GenerationsInEra = 20,
            Progress = told => costs.IsOver |= told.Evaluations == evaluations,
        };
        return Assert.IsType<SearchResult.Found>(GeneSearch.Run(
            _problem,
            new SearchParts(SmallPacking.Path, SmallPacking.Text, workers: 1, costs),
            options,
            CancellationToken.None)).Finalists[0];
    }

    private static IEnumerable<string> Shorter(Finalist best)
    {
        var body = CodeParser.ParseBody(
            SourceSlice.Verbatim($"return {best.Code}", fileOffset: 0), new DiagnosticBag());
        var candidate = new Candidate(
            _problem, [GeneSimplifier.Simple(GeneReader.Of(body, ["item", "left", "gap"])!)]);
        Assert.Equal(best.Code, candidate.Code);
        return new CandidateMaker(_problem, new Xoshiro256(1)).Shorter(candidate)
            .Where(one => one.Count < candidate.Count && _problem.Fits(one)).Select(one => one.Code).Distinct();
    }

    private static int Parts(string code) => _parts.Count(part => code.Contains(part, StringComparison.Ordinal));

    // Of 1,024, so that sums are what they should be.
    private static double Noise(string code, int run)
    {
        ulong seed = code.Aggregate(17UL + (ulong)run, (sum, letter) => (sum * 31) + letter);
        return (new Xoshiro256(seed).Next(65) - 32) / 1024.0;
    }

    /// <summary>Claims to remember every code: the more of the parts it has, the less it costs.</summary>
    /// <param name="difference">What a code costs more on a run.</param>
    private sealed class CostsOfParts(Func<string, int, double> difference) : IScoreMemory
    {
        public Func<string, int, double> Difference => difference;

        public (string Code, ImmutableArray<double> Costs) Changed { get; init; } = ("", []);

        /// <summary>What was asked for before shortening began.</summary>
        public HashSet<string> Asked { get; } = new(StringComparer.Ordinal);

        public bool IsOver { get; set; }

        public ImmutableArray<double> Of(string code) => code == Changed.Code
            ? Changed.Costs
            : [.. Enumerable.Range(0, Runs).Select(run => 4 - (Parts(code) / 16.0) + difference(code, run))];

        public CandidateScore Find(string code)
        {
            _ = !IsOver && Asked.Add(code);
            return new CandidateScore(Of(code), IsWhole: true) { Fuels = [.. Enumerable.Repeat(1L, Runs)] };
        }

        public void Add(IEnumerable<KeyValuePair<string, CandidateScore>> scores) => Assert.Empty(scores);
    }
}
