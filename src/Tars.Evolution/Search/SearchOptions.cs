namespace Tars.Evolution.Search;

/// <summary>How long a search goes on, and what chance it has.</summary>
/// <param name="Evaluations">Candidates that are run at most; the search ends with the generation that reaches it.
/// Making the best shorter comes on top.</param>
public sealed record SearchOptions(long Seed, int Evaluations)
{
    /// <summary>The most that one search runs.</summary>
    public const int EvaluationsMax = 10_000_000;

    /// <summary>Fuel with which the search ends too, with the generation that burns it up.</summary>
    public long Fuel { get; init; } = long.MaxValue;

    /// <summary>With what it ends before, with the generation in which that comes about.</summary>
    public EarlyEnd End { get; init; } = EarlyEnd.None;

    /// <summary>How many of what was found are given back at most.</summary>
    public int FinalistsMax { get; init; } = 24;

    /// <summary>How new candidates come about.</summary>
    public SearchKind Kind { get; init; }

    /// <summary>Generations after which all begins anew (decision 182): what an era finds later is seldom better
    /// elsewhere than on what was learnt from. Only a test has others.</summary>
    internal int GenerationsInEra { get; init; } = 170;

    /// <summary>Hears of each generation: how many candidates were run, and the best cost.</summary>
    public Action<SearchProgress>? Progress { get; init; }
}

/// <summary>How new candidates come about. All but the first are there to be compared with.</summary>
public enum SearchKind
{
    /// <summary>From others that are good.</summary>
    Evolve,

    /// <summary>All are drawn.</summary>
    Draw,

    /// <summary>Only the numbers of what is there change.</summary>
    Tune,
}

/// <param name="Best">The least mean cost so far.</param>
public sealed record SearchProgress(int Generation, int Evaluations, double Best, string Code);

/// <summary>What a search found. The family is closed.</summary>
public abstract record SearchResult
{
    private SearchResult()
    {
    }

    /// <param name="Archive">A line of JSON for each generation; the same for the same seed and budget.</param>
    /// <param name="Finalists">The best of what was found, best first, each another in what it does.</param>
    public sealed record Found(
        System.Collections.Immutable.ImmutableArray<Finalist> Finalists,
        System.Collections.Immutable.ImmutableArray<string> Archive,
        int Evaluations,
        int GivenUp) : SearchResult
    {
        /// <summary>How many of the evaluations were remembered, from earlier runs or eras.</summary>
        public int Remembered { get; init; }

        /// <summary>Whether it was stopped before the best was as short as it could be made: then the same number of
        /// evaluations repeats the archive and may find something shorter.</summary>
        public bool IsCutShort { get; init; }

        /// <summary>Why it ended before its budget was used up, where it was asked to; else empty.</summary>
        public string EndedBy { get; init; } = "";
    }

    public sealed record Stopped(string Reason) : SearchResult;
}

/// <param name="Code">All of it in one line: the expression where one function is searched for.</param>
/// <param name="Texts">For each target the expression, which is the whole body, or the number.</param>
public sealed record Finalist(
    string Code, System.Collections.Immutable.ImmutableArray<string> Texts, CandidateScore Score);
