using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Evolution.Search;

/// <summary>A part of a search that begins with nothing: outer islands, and a mainland that they visit (decisions 108
/// and 182).</summary>
/// <remarks>
/// Invariants:
///   I1  Outer islands know nothing of each other, so that not all of them end where the first got stuck. The mainland
///       gets the best of each now and then, and has the archive of elites for parents too.
///   I2  Outer islands learn from a part of the runs. What is an elite or gets out of an era was run on all of them.
///   I3  Of two on the mainland that cost the same on that part the longer is not run further, as long as such two
///       were not seen to cost something else on the rest.
/// </remarks>
/// <param name="record">Takes in every candidate that was run on all there is to learn from.</param>
internal sealed class Era(
    SearchProblem problem, SearchKind kind, CandidateMaker maker, Xoshiro256 random, EliteArchive record)
{
    private const int OuterCount = 3;
    private const int BornOuter = 12;
    private const int BornMainland = 84;
    private const int CrossPercent = 40;
    private const int StrangerPercent = 8;
    private const int ElitePercent = 50;

    // For how many generations an outer island may find nothing better until it begins anew.
    private const int StuckMax = 100;

    private readonly Island _mainland = new(BornMainland, problem.Learning.All.Length);
    private readonly ImmutableArray<Island> _outer =
        [.. Enumerable.Range(0, OuterCount).Select(_ => new Island(BornOuter, problem.Learning.FirstCount))];
    private readonly EliteArchive _elites = new();
    private readonly CandidateTwins? _twins = problem.Learning.FirstCount < problem.Learning.All.Length
        ? new CandidateTwins(problem.Learning.FirstCount)
        : null;
    private readonly HashSet<string> _visitors = new(StringComparer.Ordinal);

    /// <summary>What a generation is to try.</summary>
    /// <param name="first">What the mainland begins with; null for chance.</param>
    /// <param name="most">How many at most.</param>
    public List<(Island Island, CandidateTrial Trial)> Born(CandidateBench bench, Candidate? first, int most)
    {
        var born = new List<(Island Island, CandidateTrial Trial)>();
        foreach (var island in _outer.Prepend(_mainland))
        {
            var bounds = island.Bounds();
            // What is a duplicate is drawn again, but not for ever.
            for (int tries = 0, own = 0; own < island.Born && tries < island.Born * 8; tries++)
            {
                var made = born.Count == 0 && first is not null ? first : Make(island);
                first = null;
                if (born.Count < most && problem.Fits(made) && bench.IsNew(made.Code))
                {
                    born.Add((island, new CandidateTrial(made, island.Runs, bounds)
                    {
                        Twins = island == _mainland ? _twins : null,
                    }));
                    own++;
                }
            }
        }

        return born;
    }

    public void Settle(List<(Island Island, CandidateTrial Trial)> born, ImmutableArray<CandidateScore> scores)
    {
        var settlers = born.Zip(scores, (one, score) => (
            one.Island, Settler: new ScoredCandidate(one.Trial.Candidate, score)))
            .ToLookup(one => one.Island, one => one.Settler);
        foreach (var island in _outer.Prepend(_mainland))
        {
            Settle(island, settlers[island]);
        }
    }

    /// <summary>Those who would go to the mainland and were not run on all there is to learn from.</summary>
    /// <param name="each">How many of the best of each outer island.</param>
    public ImmutableArray<CandidateTrial> Visitors(int each)
    {
        var bounds = _mainland.Bounds();
        return
        [
            .. _outer.SelectMany(island => island.Members.Take(each))
                .Where(one => one.Score.Costs.Length < _mainland.Runs && _visitors.Add(one.Candidate.Code))
                .Select(one => new CandidateTrial(one.Candidate, _mainland.Runs, bounds) { Begun = one.Score }),
        ];
    }

    /// <summary>Visitors arrive, and what is stuck begins anew; its best is on the mainland, or was no good there.
    /// </summary>
    public void Visit(ImmutableArray<CandidateTrial> visitors, ImmutableArray<CandidateScore> scores, int each)
    {
        Settle(
            _mainland,
            visitors.Zip(scores, (one, score) => new ScoredCandidate(one.Candidate, score))
                .Concat(_outer.SelectMany(island => island.Members.Take(each))
                    .Where(one => one.Score.Costs.Length == _mainland.Runs)));
        foreach (var island in _outer.Where(island => StuckMax <= island.Stuck))
        {
            island.Clear();
        }
    }

    /// <summary>Takes in what was made of the best.</summary>
    public void Take(IEnumerable<ScoredCandidate> shorter) => _mainland.Take(shorter);

    /// <summary>All that was run on all there is to learn from and is still there, best first.</summary>
    public IEnumerable<ScoredCandidate> Ranked() =>
        ScoredCandidate.Ranked(_outer.Where(island => island.Runs == _mainland.Runs)
            .SelectMany(island => island.Members).Concat(_mainland.Members).Concat(_elites.Elites));

    /// <summary>The best by what they cost, and as many of other kinds, in turns: what is best on what was learnt from
    /// fits it too well, and its neighbours do so with it.</summary>
    /// <param name="most">How many at most.</param>
    public List<ScoredCandidate> Harvest(int most)
    {
        var best = Ranked().ToList();
        var kinds = best.DistinctBy(one => EliteKind.Of(one.Candidate)).ToList();
        return
        [
            .. best.Index().SelectMany(pair => kinds.Skip(pair.Index).Take(1).Prepend(pair.Item))
                .DistinctBy(one => one.Behaviour)
                .Take(most),
        ];
    }

    private void Settle(Island island, IEnumerable<ScoredCandidate> settlers)
    {
        var whole = settlers.Where(one => one.Score.IsWhole).ToList();
        island.Take(whole);
        if (island.Runs == _mainland.Runs) // I2
        {
            whole.ForEach(_elites.Take);
            whole.ForEach(record.Take);
        }

        if (island == _mainland)
        {
            foreach (var one in settlers)
            {
                _twins?.Add(one);
            }
        }
    }

    private Candidate Make(Island island)
    {
        if (kind == SearchKind.Tune)
        {
            return maker.Tune(
                island.Members.Count == 0 ? maker.First() ?? maker.Draw() : island.Parent(random).Candidate);
        }

        if (kind == SearchKind.Draw || !island.HasParents || random.Next(100) < StrangerPercent)
        {
            return maker.Draw();
        }

        var one = Parent(island).Candidate;
        return random.Next(100) < CrossPercent ? maker.Cross(one, Parent(island).Candidate) : maker.Mutate(one);
    }

    private ScoredCandidate Parent(Island island) => island == _mainland && random.Next(100) < ElitePercent // I1
        ? _elites.Parent(random)
        : island.Parent(random);
}
