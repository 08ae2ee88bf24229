using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Evolution.Search;

/// <summary>Candidates that have each other for parents, each another in what it does, best first.</summary>
/// <param name="born">How many are made in a generation.</param>
/// <param name="runs">How many of the runs its candidates learn from.</param>
internal sealed class Island(int born, int runs)
{
    private const int Size = 30;
    private const int Tournament = 4;

    // By what share a candidate may stay behind its better half after one run before it is given up. What many runs
    // say is surer, so it is less the more there were.
    private const double Patience = 0.1;

    private readonly List<ScoredCandidate> _members = [];

    public int Born => born;

    public int Runs => runs;

    public IReadOnlyList<ScoredCandidate> Members => _members;

    /// <summary>Whether there are enough to choose parents among.</summary>
    public bool HasParents => Tournament <= _members.Count;

    /// <summary>For how many generations its best has been the same.</summary>
    public int Stuck { get; private set; }

    /// <summary>The best of a few that are drawn.</summary>
    public ScoredCandidate Parent(Xoshiro256 random)
    {
        int best = random.Next(_members.Count);
        for (int round = 1; round < Tournament; round++)
        {
            best = Math.Min(best, random.Next(_members.Count)); // They are in order.
        }

        return _members[best];
    }

    /// <summary>Takes in what was made in a generation, or came from elsewhere; the best stay.</summary>
    public void Take(IEnumerable<ScoredCandidate> others)
    {
        var before = _members.FirstOrDefault();
        var kept = ScoredCandidate.Ranked(_members.Concat(others)).Take(Size).ToList();
        _members.Clear();
        _members.AddRange(kept);
        Stuck = _members.FirstOrDefault()?.Score.Mean == before?.Score.Mean ? Stuck + 1 : 0;
    }

    /// <summary>Begins anew with nothing.</summary>
    public void Clear()
    {
        _members.Clear();
        Stuck = 0;
    }

    /// <summary>The highest sums of costs that one of the better half came with, after each run but the last; none
    /// where there are too few to tell.</summary>
    public ImmutableArray<double> Bounds()
    {
        var half = _members.Take((_members.Count + 1) / 2).ToList();
        return half.Count < 2 * Tournament ? [] : BoundsOf(half);
    }

    /// <summary>The highest sums of costs with which it is worth going on, beside others that cost so much on as many
    /// runs.</summary>
    /// <param name="others">One at least.</param>
    public static ImmutableArray<double> BoundsOf(IReadOnlyList<ScoredCandidate> others) =>
    [
        .. Enumerable.Range(1, others[0].Score.Costs.Length).Select(count =>
            Loosened(others.Max(one => one.Score.Costs.Take(count).Sum()), 1 + (Patience / count))),
    ];

    private static double Loosened(double bound, double factor) => bound < 0 ? bound / factor : bound * factor;
}
