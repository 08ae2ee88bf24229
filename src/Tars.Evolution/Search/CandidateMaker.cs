using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Evolution.Search;

/// <summary>Draws candidates, and makes new ones of old ones; what can be said shorter is. The same seed draws the
/// same.</summary>
internal sealed class CandidateMaker
{
    // Of the width of a range, how far a number is moved at most.
    private const double Reach = 0.1;

    private const int DigitsMin = 4;
    private const int DigitsMax = 15; // More cannot be rounded to.

    private readonly SearchProblem _problem;
    private readonly Xoshiro256 _random;
    private readonly ImmutableArray<GeneMaker?> _makers;

    public CandidateMaker(SearchProblem problem, Xoshiro256 random)
    {
        _problem = problem;
        _random = random;
        _makers =
        [
            .. problem.Targets.Select(target => target is SearchTarget.Function function
                ? new GeneMaker(random, function.Inputs.Length, problem.NodesMax)
                : null),
        ];
    }

    /// <summary>What the module is now, or null when the search could not make it.</summary>
    public Candidate? First() => _problem.Targets.All(target => target.First is not null)
        ? new Candidate(_problem, [.. _problem.Targets.Select(target => target.First!)])
        : null;

    public Candidate Draw() => Made(place => _makers[place]?.Draw() ?? DrawNumber(place));

    /// <summary>One target is of both parents, each of the others of one of them.</summary>
    public Candidate Cross(Candidate one, Candidate other)
    {
        int crossed = _random.Next(_problem.Targets.Length);
        return Made(place =>
            place != crossed ? _random.Next(2) == 0 ? one.Genes[place] : other.Genes[place]
            : _makers[place] is { } maker ? maker.Cross(one.Genes[place], other.Genes[place])
            : other.Genes[place]);
    }

    public Candidate Mutate(Candidate one)
    {
        int changed = _random.Next(_problem.Targets.Length);
        return Made(place => place != changed ? one.Genes[place]
            : _makers[place] is { } maker ? maker.Mutate(one.Genes[place])
            : Moved(place, one.Genes[place]));
    }

    /// <summary>The same with other numbers.</summary>
    public Candidate Tune(Candidate one)
    {
        int changed = _random.Next(_problem.Targets.Length);
        return Made(place => place != changed ? one.Genes[place]
            : _makers[place] is { } maker ? maker.Tune(one.Genes[place])
            : Moved(place, one.Genes[place]));
    }

    /// <summary>All that is one step shorter: a part in the place of the whole, or a number.</summary>
    public IEnumerable<Candidate> Shorter(Candidate one)
    {
        for (int target = 0; target < _makers.Length; target++)
        {
            var gene = one.Genes[target];
            for (int place = 0; _makers[target] is not null && place < gene.Count; place++)
            {
                var at = gene.At(place);
                IEnumerable<Gene> others = at.Parts.IsEmpty ? [] : [.. at.Parts, Gene.Constant(0), Gene.Constant(1)];
                foreach (var other in others)
                {
                    yield return new Candidate(
                        _problem, one.Genes.SetItem(target, GeneSimplifier.Simple(gene.With(place, other))));
                }
            }
        }
    }

    private Candidate Made(Func<int, Gene> gene) =>
        new(_problem, [.. _problem.Targets.Select((_, place) => GeneSimplifier.Simple(gene(place)))]);

    private Gene DrawNumber(int place)
    {
        var param = (SearchTarget.Param)_problem.Targets[place];
        return Within(param, param.Low + ((param.High - param.Low) * _random.NextUnit()));
    }

    private Gene Moved(int place, Gene gene)
    {
        var param = (SearchTarget.Param)_problem.Targets[place];
        double step = (param.High - param.Low) * Reach * ((2 * _random.NextUnit()) - 1);
        double moved = gene.Value + (param.IsWhole && Math.Abs(step) < 1 ? Math.Sign(step) : step);
        return _random.Next(8) == 0 ? DrawNumber(place) : Within(param, moved);
    }

    private static Gene Within(SearchTarget.Param param, double value) => Gene.Constant(
        Math.Clamp(Math.Round(value, param.IsWhole ? 0 : DigitsOf(param.High - param.Low)), param.Low, param.High));

    // Behind the point; at least four, and so many that a range has a thousand places.
    private static int DigitsOf(double width) =>
        width <= 0 ? DigitsMin : Math.Clamp(DigitsMin - (int)Math.Ceiling(Math.Log10(width)), DigitsMin, DigitsMax);
}
