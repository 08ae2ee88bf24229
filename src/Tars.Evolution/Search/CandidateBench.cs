using System.Collections.Immutable;

namespace Tars.Evolution.Search;

/// <summary>Scores candidates, as many workers as there are, each with a host of its own.</summary>
/// <remarks>
/// Invariants:
///   I1  Which candidates share a sheet, and the order of the answers, do not depend on the workers.
///   I2  No code is new twice in an era; what an earlier run remembers counts as run, and gives what running it would.
///   I3  A host is used by one worker at a time; which one a sheet meets changes nothing.
/// </remarks>
internal sealed class CandidateBench(SearchProblem problem, ISearchParts parts) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<CandidateHost> _hosts = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Candidates run so far, the remembered ones included.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Of those, the ones that were remembered.</summary>
    public int Remembered { get; private set; }

    /// <summary>What all of them burnt, or would have.</summary>
    public long Fuel { get; private set; }

    /// <summary>Of those, the ones that were given up early.</summary>
    public int GivenUp { get; private set; }

    public void Dispose()
    {
        while (_hosts.TryPop(out var host))
        {
            host.Dispose();
        }
    }

    /// <summary>Whether a code is new; from now on it is not.</summary>
    public bool IsNew(string code) => _seen.Add(code); // I2

    /// <summary>An era begins, or the best is made shorter: every code is new again.</summary>
    public void BeginAnew() => _seen.Clear();

    /// <param name="trials">Of new candidates, and of such that go on.</param>
    /// <param name="why">Why it cannot go on; empty when all were scored.</param>
    public ImmutableArray<CandidateScore> Score(ImmutableArray<CandidateTrial> trials, out string why)
    {
        var scores = new CandidateScore[trials.Length];
        var unknown = new List<int>();
        for (int index = 0; index < trials.Length; index++)
        {
            if (parts.Memory?.Find(trials[index].Candidate.Code)?.Under(trials[index]) is { } known)
            {
                scores[index] = known;
            }
            else
            {
                unknown.Add(index);
            }
        }

        int jobs = (unknown.Count + Limits.SheetMax - 1) / Limits.SheetMax;
        string[] reasons = new string[jobs];
        parts.Run(jobs, job =>
        {
            int[] own = [.. unknown.Skip(job * Limits.SheetMax).Take(Limits.SheetMax)]; // I1
            reasons[job] = ScoreSheet(own, trials, scores);
        });
        why = Array.Find(reasons, one => one.Length != 0) ?? "";
        if (why.Length != 0)
        {
            return [];
        }

        parts.Memory?.Add(unknown.Select(one => KeyValuePair.Create(trials[one].Candidate.Code, scores[one])));
        var isUnknown = unknown.ToHashSet();
        foreach (var (index, trial) in trials.Index())
        {
            Fuel = CandidateScore.SumOf(scores[index].Fuels.Skip(trial.Begun?.Fuels.Length ?? 0).Prepend(Fuel));
            if (trial.Begun is null) // What goes on was counted when it began.
            {
                Evaluations++;
                Remembered += isUnknown.Contains(index) ? 0 : 1;
                GivenUp += scores[index].IsWhole ? 0 : 1;
            }
        }

        return [.. scores];
    }

    private string ScoreSheet(int[] own, ImmutableArray<CandidateTrial> trials, CandidateScore[] scores)
    {
        if (Rent(out string why) is not { } host)
        {
            return why;
        }

        var scored = host.Score([.. own.Select(one => trials[one])], out why);
        for (int place = 0; place < scored.Length; place++)
        {
            scores[own[place]] = scored[place];
        }

        lock (_gate)
        {
            _hosts.Push(host);
        }

        return why;
    }

    private CandidateHost? Rent(out string why)
    {
        lock (_gate)
        {
            if (_hosts.TryPop(out var host))
            {
                why = "";
                return host;
            }
        }

        return CandidateHost.Open(problem, parts, out why);
    }
}
