using System.Collections.Immutable;

namespace Tars.Evolution.Store;

/// <summary>All that ever happened to the versions of one module, as a chain that only grows.</summary>
/// <remarks>
/// Invariants:
///   I1  Each entry's chain is the hash of the one before it and of all its own members.
///   I2  The head is a version whose text is there, or none in an empty history.
///   I3  No version is dropped that is the head or was approved last; a prune spares that of the best score too.
/// </remarks>
public sealed class VersionHistory
{
    private readonly VersionFold _fold;

    private VersionHistory(string module, ImmutableArray<VersionEntry> entries, VersionFold fold)
    {
        Module = module;
        Entries = entries;
        _fold = fold;
        Present = [.. fold.Present];
    }

    public string Module { get; }

    public ImmutableArray<VersionEntry> Entries { get; }

    /// <summary>The version that counts now.</summary>
    public VersionId Head => _fold.Head;

    /// <summary>The version that was approved last, or none.</summary>
    public VersionId Approved => _fold.Approved;

    /// <summary>Commits of evolution since a person approved one, over all runs.</summary>
    public int SinceApproval => _fold.SinceApproval;

    /// <summary>The versions whose texts are there, oldest first.</summary>
    public ImmutableArray<VersionId> Present { get; }

    /// <summary>Every object that has to be there.</summary>
    public IEnumerable<VersionId> Objects => Present
        .Concat(Entries.Where(one => !one.Notes.IsNone && _fold.Has(one.Version)).Select(one => one.Notes)).Distinct();

    public static VersionHistory Empty(string module) => new(module, [], new VersionFold());

    /// <summary>The history with one more entry, or null with why not.</summary>
    /// <param name="entry">Its chain is worked out here.</param>
    public VersionHistory? With(VersionEntry entry, out string why)
    {
        why = _fold.WhyNot(entry) ?? "";
        return why.Length == 0 ? Chained(entry) : null;
    }

    /// <summary>Drops all but the newest texts, the head, the one approved last, and those of the least and the
    /// greatest score: one of the two is the best, and only the module knows which.</summary>
    public VersionHistory Pruned(int keep, string by, string at)
    {
        var scored = Entries.Where(one => one.Score is not null && _fold.Has(one.Version)).ToList();
        var ends = new[] { scored.MinBy(one => one.Score), scored.MaxBy(one => one.Score) };
        var kept = Present.TakeLast(Math.Max(0, keep)).Append(Head).Append(Approved)
            .Concat(ends.OfType<VersionEntry>().Select(one => one.Version)).ToHashSet(); // I3
        ImmutableArray<VersionId> dropped = [.. Present.Where(one => !kept.Contains(one))];
        return dropped.IsEmpty
            ? this
            : Chained(Entry(VersionEvent.Prune, VersionId.None, by, at) with { Dropped = dropped });
    }

    /// <summary>Drops all that lead from one version to another; the two, their notes and every entry stay.</summary>
    /// <param name="why">Why it cannot be.</param>
    public VersionHistory? Squashed(VersionId from, VersionId to, string by, string at, out string why)
    {
        var way = Lineage(to).Select(one => one.Version).ToList();
        int first = way.LastIndexOf(from);
        var between = way.Skip(first + 1).SkipLast(1).Where(one => _fold.Has(one) && one != from && one != to)
            .Distinct().ToImmutableArray();
        why = from == to || first < 0 ? $"{to.Short} was not made from {from.Short}"
            : between.IsEmpty ? $"nothing lies between {from.Short} and {to.Short}"
            : between.Contains(Head) ? $"the head {Head.Short} lies between them"
            : between.Contains(Approved) ? $"{Approved.Short} lies between them, and was approved"
            : "";
        if (why.Length != 0)
        {
            return null;
        }

        var entry = Entry(VersionEvent.Squash, to, by, at) with { Parent = from, Dropped = between };
        return With(entry, out why);
    }

    /// <summary>An entry that says nothing but what happened to which version.</summary>
    public static VersionEntry Entry(VersionEvent what, VersionId version, string by, string at) =>
        new(what, version, VersionId.None, VersionId.None, Score: null, by, at, VersionId.None, []);

    /// <summary>Who looked at the test scenarios, oldest first.</summary>
    public ImmutableArray<VersionEntry> Looks => [.. Entries.Where(one => one.Event == VersionEvent.Look)];

    /// <summary>The entry that brought a version, the newest of them.</summary>
    public VersionEntry? Find(VersionId version) => Entries.LastOrDefault(one =>
        one.Version == version && one.Event is VersionEvent.Keep or VersionEvent.Commit);

    /// <summary>How a version came to be: the entries that brought it and those it was made from, oldest first.
    /// </summary>
    /// <remarks>A version may be kept again later, so each parent is looked for before its child.</remarks>
    public ImmutableArray<VersionEntry> Lineage(VersionId version)
    {
        var lineage = new List<VersionEntry>();
        for (int place = Entries.Length - 1; 0 <= place && !version.IsNone; place--)
        {
            var entry = Entries[place];
            if (entry.Version == version && entry.Event is VersionEvent.Keep or VersionEvent.Commit)
            {
                lineage.Add(entry);
                version = entry.Parent;
            }
        }

        lineage.Reverse();
        return [.. lineage];
    }

    /// <summary>The versions that a person may mean by some digits, or by `head` or `approved`.</summary>
    public ImmutableArray<VersionId> Meant(string digits) => digits switch
    {
        "head" => Head.IsNone ? [] : [Head],
        "approved" => Approved.IsNone ? [] : [Approved],
        _ => [.. Present.Where(one => one.BeginsWith(digits))],
    };

    /// <summary>The versions that a person may mean by some digits and whose texts are gone, each with what dropped it
    /// last.</summary>
    public ImmutableArray<(VersionId Version, VersionEntry By)> Gone(string digits) =>
    [
        .. Entries.SelectMany(entry => entry.Dropped.Select(one => (Version: one, By: entry)))
            .Where(one => one.Version.BeginsWith(digits) && !_fold.Has(one.Version))
            .GroupBy(one => one.Version).Select(one => one.Last()),
    ];

    /// <summary>Reads entries that were written once; null with why when they are not a history.</summary>
    internal static VersionHistory? Of(string module, IEnumerable<VersionEntry> entries, out string why)
    {
        var fold = new VersionFold();
        var read = ImmutableArray.CreateBuilder<VersionEntry>();
        foreach (var entry in entries)
        {
            why = fold.WhyNot(entry) ?? "";
            if (why.Length != 0)
            {
                return null;
            }

            if (ChainOf(entry, read.Count == 0 ? VersionId.None : read[^1].Chain) != entry.Chain) // I1
            {
                why = "its chain of hashes is broken";
                return null;
            }

            fold.Add(entry);
            read.Add(entry);
        }

        why = "";
        return new VersionHistory(module, read.ToImmutable(), fold);
    }

    private VersionHistory Chained(VersionEntry entry)
    {
        var before = Entries.IsEmpty ? VersionId.None : Entries[^1].Chain;
        var chained = entry with { Chain = ChainOf(entry, before) };
        var fold = _fold.Copy();
        fold.Add(chained);
        return new VersionHistory(Module, Entries.Add(chained), fold);
    }

    private static VersionId ChainOf(VersionEntry entry, VersionId before) =>
        VersionId.Of(HistoryText.Line(entry with { Chain = before }));
}
