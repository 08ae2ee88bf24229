using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Schema;

namespace Tars.Evolution.Search;

/// <summary>Searches for better functions and numbers by seeded genetic programming on islands (decision 108).
/// </summary>
/// <remarks>
/// Invariants:
///   I1  What is made depends on the seed and on what was found, and on no budget: a search that is stopped is the
///       beginning of a longer one.
///   I2  All that is new in a generation is scored together, so the number of workers changes nothing.
///   I3  Outer islands know nothing of each other, so that not all of them end where the first got stuck. The mainland
///       gets the best of each now and then, and has the archive of elites for parents too.
///   I4  Of two that cost the same on every run the shorter one stays. At last the best is made shorter, beyond the
///       evaluations that were asked for.
/// </remarks>
public sealed class GeneSearch
{
    private const int OuterCount = 7;
    private const int BornOuter = 12;
    private const int BornMainland = 36;
    private const int CrossPercent = 40;
    private const int StrangerPercent = 8;
    private const int ElitePercent = 50;
    private const int GenerationsBetweenVisits = 8;

    // For how many generations an outer island may find nothing better until it begins anew.
    private const int StuckMax = 100;

    // Candidates that are run to make the best shorter.
    private const int ShorteningMax = 600;

    private readonly SearchProblem _problem;
    private readonly SearchOptions _options;
    private readonly CandidateBench _bench;
    private readonly Xoshiro256 _random;
    private readonly CandidateMaker _maker;
    private readonly Island _mainland = new(BornMainland);
    private readonly ImmutableArray<Island> _outer;
    private readonly ImmutableArray<Island> _islands;
    private readonly EliteArchive _elites = new();
    private readonly ImmutableArray<string>.Builder _archive = ImmutableArray.CreateBuilder<string>();
    private bool _isCutShort;

    private GeneSearch(SearchProblem problem, CandidateBench bench, SearchOptions options)
    {
        _problem = problem;
        _options = options;
        _bench = bench;
        _random = new Xoshiro256((ulong)options.Seed);
        _maker = new CandidateMaker(problem, _random);
        _outer = [.. Enumerable.Range(0, OuterCount).Select(_ => new Island(BornOuter))];
        _islands = [_mainland, .. _outer];
    }

    /// <param name="stop">Ends the search with the generation that is on its way, or the round of shortening.</param>
    public static SearchResult Run(
        SearchProblem problem, ISearchParts parts, SearchOptions options, CancellationToken stop)
    {
        using var bench = new CandidateBench(problem, parts);
        return new GeneSearch(problem, bench, options).Run(stop);
    }

    private SearchResult Run(CancellationToken stop)
    {
        int generation = 0;
        for (; IsGoingOn(stop); generation++)
        {
            var born = Born(generation);
            if (born.Count == 0)
            {
                break; // Nothing new can be drawn any more.
            }

            var scores = _bench.Score([.. born.Select(one => one.Trial)], out string why);
            if (why.Length != 0)
            {
                return new SearchResult.Stopped(why);
            }

            Settle(born, scores);
            if (generation % GenerationsBetweenVisits == GenerationsBetweenVisits - 1)
            {
                Visit();
            }

            if (Ranked().FirstOrDefault() is { } best)
            {
                Tell(generation, best);
            }
        }

        // What shortening runs is in none of them.
        var (evaluations, givenUp, remembered) = (_bench.Evaluations, _bench.GivenUp, _bench.Remembered);
        return Shorten(generation, stop) is { Length: > 0 } broken
            ? new SearchResult.Stopped(broken)
            : new SearchResult.Found(
                [.. Finalists().Select(FinalistOf)],
                [.. _archive, .. _elites.Lines()],
                evaluations,
                givenUp)
            {
                Remembered = remembered,
                IsCutShort = _isCutShort,
            };
    }

    // The best by what they cost, and as many of other kinds: what is best on what was learnt from fits it too well,
    // and its neighbours do so with it.
    private IEnumerable<ScoredCandidate> Finalists()
    {
        var best = Ranked().Take(_options.FinalistsMax - (_options.FinalistsMax / 2)).ToList();
        var kinds = best.Select(one => EliteKind.Of(one.Candidate)).ToHashSet();
        var others = ScoredCandidate.Ranked(_elites.Elites)
            .ExceptBy(best.Select(one => one.Behaviour), one => one.Behaviour)
            .Where(one => !kinds.Contains(EliteKind.Of(one.Candidate)))
            .Take(_options.FinalistsMax - best.Count);
        return best.Concat(others).Order(ScoredCandidate.BestFirst);
    }

    private static Finalist FinalistOf(ScoredCandidate one) => new(one.Candidate.Code, one.Candidate.Texts, one.Score);

    // Of all that is one step shorter than the best and costs no more the cheapest is next, until nothing is. It is
    // in no count, so that the count that is told repeats the search; who stops it is told that it was cut short.
    private string Shorten(int generation, CancellationToken stop)
    {
        int told = _bench.Evaluations;
        int most = told + ShorteningMax;
        while (_options.Kind == SearchKind.Evolve && Ranked().FirstOrDefault() is { } best)
        {
            _options.Progress?.Invoke(new SearchProgress(generation, told, best.Score.Mean, best.Candidate.Code));
            if (stop.IsCancellationRequested)
            {
                _isCutShort = true;
                return "";
            }

            ImmutableArray<CandidateTrial> shorter =
            [
                .. _maker.Shorter(best.Candidate)
                    .Where(one => one.Count < best.Candidate.Count && Fits(one) && _bench.IsNew(one.Code))
                    .Take(most - _bench.Evaluations)
                    .Select(one => new CandidateTrial(one)),
            ];
            var scores = _bench.Score(shorter, out string why);
            var kept = shorter.Zip(scores, (one, score) => new ScoredCandidate(one.Candidate, score))
                .Where(one => one.Score.IsWhole && one.Score.Mean <= best.Score.Mean).ToList();
            if (why.Length != 0 || kept.Count == 0)
            {
                return why;
            }

            _mainland.Take(kept);
        }

        return "";
    }

    private bool IsGoingOn(CancellationToken stop) =>
        _bench.Evaluations < _options.Evaluations && _bench.Fuel < _options.Fuel && !stop.IsCancellationRequested;

    private List<(Island Island, CandidateTrial Trial)> Born(int generation)
    {
        var born = new List<(Island Island, CandidateTrial Trial)>();
        int left = _options.Evaluations - _bench.Evaluations;
        foreach (var island in _islands)
        {
            var bounds = island.Bounds();
            // What is a duplicate is drawn again, but not for ever.
            for (int tries = 0, own = 0; own < island.Born && tries < island.Born * 8; tries++)
            {
                bool isFirst = generation == 0 && island == _mainland && own == 0;
                var made = isFirst && _maker.First() is { } first ? first : Make(island);
                if (born.Count < left && Fits(made) && _bench.IsNew(made.Code))
                {
                    born.Add((island, new CandidateTrial(made, bounds)));
                    own++;
                }
            }
        }

        return born;
    }

    private void Settle(List<(Island Island, CandidateTrial Trial)> born, ImmutableArray<CandidateScore> scores)
    {
        var settlers = born.Zip(scores, (one, score) => (
            one.Island, Settler: new ScoredCandidate(one.Trial.Candidate, score)))
            .Where(one => one.Settler.Score.IsWhole).ToLookup(one => one.Island, one => one.Settler);
        foreach (var island in _islands)
        {
            island.Take(settlers[island]);
            foreach (var one in settlers[island])
            {
                _elites.Take(one);
            }
        }
    }

    private bool Fits(Candidate made) => _problem.Targets.Zip(made.Texts).All(pair =>
        pair.First is SearchTarget.Param || SearchProblem.NodesOf(pair.Second) <= _problem.NodesMax);

    private Candidate Make(Island island)
    {
        if (_options.Kind == SearchKind.Tune)
        {
            return _maker.Tune(
                island.Members.Count == 0 ? _maker.First() ?? _maker.Draw() : island.Parent(_random).Candidate);
        }

        if (_options.Kind == SearchKind.Draw || !island.HasParents || _random.Next(100) < StrangerPercent)
        {
            return _maker.Draw();
        }

        var one = Parent(island).Candidate;
        return _random.Next(100) < CrossPercent ? _maker.Cross(one, Parent(island).Candidate) : _maker.Mutate(one);
    }

    private ScoredCandidate Parent(Island island) => island == _mainland && _random.Next(100) < ElitePercent // I3
        ? _elites.Parent(_random)
        : island.Parent(_random);

    // The best of an island that begins anew was on the mainland before.
    private void Visit()
    {
        _mainland.Take(_outer.SelectMany(island => island.Members.Take(1)));
        foreach (var island in _outer.Where(island => StuckMax <= island.Stuck))
        {
            island.Clear();
        }
    }

    private IEnumerable<ScoredCandidate> Ranked() =>
        ScoredCandidate.Ranked(_islands.SelectMany(island => island.Members).Concat(_elites.Elites));

    private void Tell(int generation, ScoredCandidate best)
    {
        string counts = string.Create(
            CultureInfo.InvariantCulture,
            $"\"generation\":{generation},\"evaluations\":{_bench.Evaluations},\"given_up\":{_bench.GivenUp}");
        string cost = FloatText.Of(best.Score.Mean);
        // Code of floats needs no escapes.
        _archive.Add($"{{{counts},\"cost\":{cost},\"code\":\"{best.Candidate.Code}\"}}");
        _options.Progress?.Invoke(
            new SearchProgress(generation, _bench.Evaluations, best.Score.Mean, best.Candidate.Code));
    }
}
