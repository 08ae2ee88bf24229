using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Schema;

namespace Tars.Evolution.Search;

/// <summary>Searches for better functions and numbers by seeded genetic programming in eras (decision 182).
/// </summary>
/// <remarks>
/// Invariants:
///   I1  What is made depends on the seed and on what was found, and on no budget: a search that is stopped is the
///       beginning of a longer one.
///   I2  All that is new in a generation is scored together, so the number of workers changes nothing.
///   I3  Eras know nothing of each other; each has its share of the finalists.
///   I4  Of two that cost the same on every run the shorter one stays. At last the best is made shorter, beyond the
///       evaluations that were asked for.
/// </remarks>
public sealed class GeneSearch
{
    private const int GenerationsBetweenVisits = 8;

    // Of the best of an outer island, how many go to the mainland: now and then, and at the end of an era.
    private const int Visitors = 1;
    private const int LastVisitors = 5;

    // Candidates that are run to make the best shorter.
    private const int ShorteningMax = 600;

    private readonly SearchProblem _problem;
    private readonly SearchOptions _options;
    private readonly CandidateBench _bench;
    private readonly Xoshiro256 _random;
    private readonly CandidateMaker _maker;
    private readonly EliteArchive _elites = new();
    private readonly List<List<ScoredCandidate>> _harvests = [];
    private readonly ImmutableArray<string>.Builder _archive = ImmutableArray.CreateBuilder<string>();
    private readonly EarlyEndWatch _end;
    private Era _era;
    private ScoredCandidate? _best;
    private bool _isCutShort;

    private GeneSearch(SearchProblem problem, CandidateBench bench, SearchOptions options)
    {
        _problem = problem;
        _options = options;
        _bench = bench;
        _random = new Xoshiro256((ulong)options.Seed);
        _maker = new CandidateMaker(problem, _random);
        _end = new EarlyEndWatch(options.End);
        _era = NewEra();
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
        string why = "";
        for (; IsGoingOn(stop) && why.Length == 0; generation++)
        {
            var born = _era.Born(
                _bench, generation == 0 ? _maker.First() : null, _options.Evaluations - _bench.Evaluations);
            if (born.Count == 0)
            {
                break; // Nothing new can be drawn any more.
            }

            var scores = _bench.Score([.. born.Select(one => one.Trial)], out why);
            if (why.Length == 0)
            {
                _era.Settle(born, scores);
                why = Pass(generation + 1);
                Tell(generation);
                _end.See(_bench.Evaluations, _best?.Score.Mean ?? double.PositiveInfinity);
            }
        }

        // What shortening runs is in none of them.
        var (evaluations, givenUp, remembered) = (_bench.Evaluations, _bench.GivenUp, _bench.Remembered);
        why = why.Length == 0 ? Visit(LastVisitors) : why;
        why = why.Length == 0 ? Shorten(generation, stop) : why;
        return why.Length != 0
            ? new SearchResult.Stopped(why)
            : new SearchResult.Found(
                [.. Finalists().Select(FinalistOf)],
                [.. _archive, .. _elites.Lines()],
                evaluations,
                givenUp)
            {
                Remembered = remembered,
                IsCutShort = _isCutShort,
                EndedBy = _end.Why,
            };
    }

    // Gives why it cannot go on.
    private string Pass(int generations)
    {
        bool isLast = generations % _options.GenerationsInEra == 0;
        string why = isLast ? Visit(LastVisitors) : generations % GenerationsBetweenVisits == 0 ? Visit(Visitors) : "";
        if (isLast && why.Length == 0)
        {
            _harvests.Add(_era.Harvest(_options.FinalistsMax));
            _bench.BeginAnew();
            _era = NewEra();
        }

        return why;
    }

    private Era NewEra() => new(_problem, _options.Kind, _maker, _random, _elites);

    private string Visit(int each)
    {
        var visitors = _era.Visitors(each);
        var scores = _bench.Score(visitors, out string why);
        if (why.Length == 0)
        {
            _era.Visit(visitors, scores, each);
            Look();
        }

        return why;
    }

    // The best of each era, then the second of each, as long as there is room.
    private IEnumerable<ScoredCandidate> Finalists()
    {
        var harvests = _harvests.Append(_era.Harvest(_options.FinalistsMax)).Where(one => 0 < one.Count)
            .OrderBy(one => one[0], ScoredCandidate.BestFirst).ToList();
        int longest = harvests.Select(one => one.Count).DefaultIfEmpty().Max();
        return Enumerable.Range(0, longest)
            .SelectMany(place => harvests.Where(one => place < one.Count).Select(one => one[place]))
            .Take(_options.FinalistsMax)
            .Order(ScoredCandidate.BestFirst)
            .DistinctBy(one => one.Behaviour); // What was made shorter stays, and not what it was made of.
    }

    private static Finalist FinalistOf(ScoredCandidate one) => new(one.Candidate.Code, one.Candidate.Texts, one.Score);

    // Of all that is one step shorter than the best and costs no more the cheapest is next, until nothing is. It is
    // in no count, so that the count that is told repeats the search; who stops it is told that it was cut short.
    // Every code is new again, since an outer island has tried some on a part of the runs; and the best is the measure,
    // since an era that is young or of another kind would give up what does the same as the best.
    private string Shorten(int generation, CancellationToken stop)
    {
        _bench.BeginAnew();
        int told = _bench.Evaluations;
        int most = told + ShorteningMax;
        while (_options.Kind == SearchKind.Evolve && _best is { } best)
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
                    .Where(one => one.Count < best.Candidate.Count && _problem.Fits(one) && _bench.IsNew(one.Code))
                    .Take(most - _bench.Evaluations)
                    .Select(one => new CandidateTrial(one, best.Score.Costs.Length, Island.BoundsOf([best]))),
            ];
            var scores = _bench.Score(shorter, out string why);
            var kept = shorter.Zip(scores, (one, score) => new ScoredCandidate(one.Candidate, score))
                .Where(one => one.Score.IsWhole && one.Score.Mean <= best.Score.Mean).ToList();
            if (why.Length != 0 || kept.Count == 0)
            {
                return why;
            }

            _era.Take(kept);
            Look();
        }

        return "";
    }

    private bool IsGoingOn(CancellationToken stop) => _bench.Evaluations < _options.Evaluations
        && _bench.Fuel < _options.Fuel && _end.Why.Length == 0 && !stop.IsCancellationRequested;

    // The best of all eras.
    private void Look()
    {
        if (_era.Ranked().FirstOrDefault() is { } best
            && (_best is null || ScoredCandidate.BestFirst.Compare(best, _best) < 0))
        {
            _best = best;
        }
    }

    private void Tell(int generation)
    {
        Look();
        if (_best is not { } best)
        {
            return;
        }

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
