using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Schema;

namespace Tars.Evolution.Search;

/// <summary>Searches for better functions and numbers by seeded genetic programming on islands.</summary>
/// <remarks>
/// Each island draws, crosses and changes for itself; now and then the best of one goes to the next. All that is new in
/// a generation is scored together, so the number of workers changes nothing. What survives is the best that differs in
/// what it does: of two that cost the same on every run the shorter one stays. At last the best is made
/// shorter, beyond the evaluations that were asked for.
/// </remarks>
public sealed class GeneSearch
{
    private const int IslandCount = 3;
    private const int IslandSize = 40;
    private const int BornPerGeneration = 40;
    private const int Tournament = 4;
    private const int CrossPercent = 40;
    private const int StrangerPercent = 8;
    private const int GenerationsBetweenVisits = 8;
    private const int FinalistCount = 12;

    // Candidates that are run to make the best shorter.
    private const int ShorteningMax = 600;

    // How far behind the better half of an island a candidate may stay before it is given up.
    private const double Patience = 1.1;

    private readonly SearchProblem _problem;
    private readonly SearchOptions _options;
    private readonly CandidateBench _bench;
    private readonly Xoshiro256 _random;
    private readonly CandidateMaker _maker;
    private readonly List<Member>[] _islands;
    private readonly ImmutableArray<string>.Builder _archive = ImmutableArray.CreateBuilder<string>();
    private bool _isCutShort;

    private GeneSearch(SearchProblem problem, CandidateBench bench, SearchOptions options)
    {
        _problem = problem;
        _options = options;
        _bench = bench;
        _random = new Xoshiro256((ulong)options.Seed);
        _maker = new CandidateMaker(problem, _random);
        _islands = [.. Enumerable.Range(0, IslandCount).Select(_ => new List<Member>())];
    }

    /// <param name="stop">Ends the search with the generation that is on its way, or the round of shortening.</param>
    public static SearchResult Run(
        SearchProblem problem, ISearchParts parts, SearchOptions options, CancellationToken stop)
    {
        using var bench = new CandidateBench(problem, parts);
        return new GeneSearch(problem, bench, options).Run(stop);
    }

    private sealed record Member(Candidate Candidate, CandidateScore Score);

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

            var scores = _bench.Score([.. born.Select(one => one.Candidate)], Bounds(), out string why);
            if (why.Length != 0)
            {
                return new SearchResult.Stopped(why);
            }

            foreach (var (index, one) in born.Index())
            {
                if (scores[index].IsWhole)
                {
                    _islands[one.Island].Add(new Member(one.Candidate, scores[index]));
                }
            }

            Array.ForEach(_islands, Select);
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
                [.. Ranked().Take(FinalistCount).Select(FinalistOf)],
                _archive.ToImmutable(),
                evaluations,
                givenUp)
            {
                Remembered = remembered,
                IsCutShort = _isCutShort,
            };
    }

    private static Finalist FinalistOf(Member one) => new(one.Candidate.Code, one.Candidate.Texts, one.Score);

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

            ImmutableArray<Candidate> shorter =
            [
                .. _maker.Shorter(best.Candidate)
                    .Where(one => one.Count < best.Candidate.Count && Fits(one) && _bench.IsNew(one.Code))
                    .Take(most - _bench.Evaluations),
            ];
            var scores = _bench.Score(shorter, [], out string why);
            var kept = shorter.Zip(scores, (one, score) => new Member(one, score))
                .Where(one => one.Score.IsWhole && one.Score.Mean <= best.Score.Mean).ToList();
            if (why.Length != 0 || kept.Count == 0)
            {
                return why;
            }

            _islands[0].AddRange(kept);
            Select(_islands[0]);
        }

        return "";
    }

    private bool IsGoingOn(CancellationToken stop) =>
        _bench.Evaluations < _options.Evaluations && !stop.IsCancellationRequested;

    private List<(int Island, Candidate Candidate)> Born(int generation)
    {
        var born = new List<(int Island, Candidate Candidate)>();
        int left = _options.Evaluations - _bench.Evaluations;
        for (int island = 0; island < IslandCount; island++)
        {
            // What is a duplicate is drawn again, but not for ever.
            for (int tries = 0, own = 0; own < BornPerGeneration && tries < BornPerGeneration * 8; tries++)
            {
                bool isFirst = generation == 0 && island == 0 && own == 0;
                var made = isFirst && _maker.First() is { } first ? first : Make(_islands[island]);
                if (born.Count < left && Fits(made) && _bench.IsNew(made.Code))
                {
                    born.Add((island, made));
                    own++;
                }
            }
        }

        return born;
    }

    private bool Fits(Candidate made) => _problem.Targets.Zip(made.Texts).All(pair =>
        pair.First is SearchTarget.Param || SearchProblem.NodesOf(pair.Second) <= _problem.NodesMax);

    private Candidate Make(List<Member> island)
    {
        if (_options.Kind == SearchKind.Tune)
        {
            return _maker.Tune(island.Count == 0 ? _maker.First() ?? _maker.Draw() : Chosen(island).Candidate);
        }

        if (_options.Kind == SearchKind.Draw || island.Count < Tournament || _random.Next(100) < StrangerPercent)
        {
            return _maker.Draw();
        }

        var one = Chosen(island).Candidate;
        return _random.Next(100) < CrossPercent ? _maker.Cross(one, Chosen(island).Candidate) : _maker.Mutate(one);
    }

    private Member Chosen(List<Member> island)
    {
        var best = island[_random.Next(island.Count)];
        for (int round = 1; round < Tournament; round++)
        {
            var other = island[_random.Next(island.Count)];
            best = other.Score.Mean < best.Score.Mean ? other : best;
        }

        return best;
    }

    private static void Select(List<Member> island)
    {
        var kept = InOrder(island).DistinctBy(one => Behaviour(one.Score)).Take(IslandSize).ToList();
        island.Clear();
        island.AddRange(kept);
    }

    private void Visit()
    {
        var guests = _islands.Select(island => island.FirstOrDefault()).ToList();
        for (int island = 0; island < IslandCount; island++)
        {
            if (guests[island] is { } guest)
            {
                _islands[(island + 1) % IslandCount].Add(guest);
            }
        }

        Array.ForEach(_islands, Select);
    }

    private IEnumerable<Member> Ranked() =>
        InOrder(_islands.SelectMany(island => island)).DistinctBy(one => Behaviour(one.Score));

    private static IEnumerable<Member> InOrder(IEnumerable<Member> members) => members
        .OrderBy(one => one.Score.Mean).ThenBy(one => one.Candidate.Count)
        .ThenBy(one => one.Candidate.Code, StringComparer.Ordinal);

    private static string Behaviour(CandidateScore score) =>
        string.Join(' ', score.Costs.Select(FloatText.Of));

    // The highest sums of costs that one of the better half came with.
    private ImmutableArray<double> Bounds()
    {
        var half = _islands.SelectMany(island => island.Take((island.Count + 1) / 2)).ToList();
        if (half.Count < Tournament * IslandCount)
        {
            return [];
        }

        int runs = half[0].Score.Costs.Length;
        return
        [
            .. Enumerable.Range(1, runs).Select(count =>
                Loosened(half.Max(one => one.Score.Costs.Take(count).Sum()))),
        ];
    }

    private static double Loosened(double bound) => bound < 0 ? bound / Patience : bound * Patience;

    private void Tell(int generation, Member best)
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
