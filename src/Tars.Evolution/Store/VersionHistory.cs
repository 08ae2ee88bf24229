using System.Collections.Immutable;

namespace Tars.Evolution.Store;

/// <summary>All that ever happened to the versions of one module, as a chain that only grows.</summary>
/// <remarks>
/// Invariants:
///   I1  Each entry's chain is the hash of the one before it and of all its own members.
///   I2  The head is a version whose text is there, or none in an empty history.
///   I3  No version is dropped that is the head, was approved last, or has the best score.
/// </remarks>
public sealed class VersionHistory
{
    private readonly ImmutableArray<VersionId> _present;

    private VersionHistory(string module, ImmutableArray<VersionEntry> entries)
    {
        Module = module;
        Entries = entries;
        var present = new List<VersionId>();
        foreach (var entry in entries)
        {
            bool isNew = entry.Event is VersionEvent.Keep or VersionEvent.Commit;
            if (isNew && !present.Contains(entry.Version))
            {
                present.Add(entry.Version);
            }

            if (entry.Event is not (VersionEvent.Approve or VersionEvent.Prune))
            {
                Head = entry.Version;
            }

            present.RemoveAll(entry.Dropped.Contains);
            (Approved, SinceApproval) = entry.Event switch
            {
                VersionEvent.Approve => (entry.Version, 0),
                VersionEvent.Commit => (Approved, SinceApproval + 1),
                _ => (Approved, SinceApproval),
            };
        }

        _present = [.. present];
    }

    public string Module { get; }

    public ImmutableArray<VersionEntry> Entries { get; }

    /// <summary>The version that counts now.</summary>
    public VersionId Head { get; } = VersionId.None;

    /// <summary>The version that was approved last, or none.</summary>
    public VersionId Approved { get; } = VersionId.None;

    /// <summary>Commits of evolution since a person approved one, over all runs.</summary>
    public int SinceApproval { get; }

    /// <summary>The versions whose texts are there, oldest first.</summary>
    public ImmutableArray<VersionId> Present => _present;

    /// <summary>Every object that has to be there.</summary>
    public IEnumerable<VersionId> Objects => _present.Concat(_present.SelectMany(NotesOf)).Distinct();

    public static VersionHistory Empty(string module) => new(module, []);

    /// <summary>The history with one more entry, or null with why not.</summary>
    /// <param name="entry">Its chain is worked out here.</param>
    public VersionHistory? With(VersionEntry entry, out string why)
    {
        why = WhyNot(entry) ?? "";
        return why.Length == 0 ? Chained(entry) : null;
    }

    /// <summary>Drops all but the newest texts, the head, the one approved last, and those of the least and the
    /// greatest score: one of the two is the best, and only the module knows which.</summary>
    public VersionHistory Pruned(int keep, string by, string at)
    {
        var scored = Entries.Where(one => one.Score is not null && _present.Contains(one.Version)).ToList();
        var ends = new[] { scored.MinBy(one => one.Score), scored.MaxBy(one => one.Score) };
        var kept = _present.TakeLast(Math.Max(0, keep)).Append(Head).Append(Approved)
            .Concat(ends.OfType<VersionEntry>().Select(one => one.Version)).ToHashSet(); // I3
        ImmutableArray<VersionId> dropped = [.. _present.Where(one => !kept.Contains(one))];
        return dropped.IsEmpty
            ? this
            : Chained(Entry(VersionEvent.Prune, VersionId.None, by, at) with { Dropped = dropped });
    }

    /// <summary>An entry that says nothing but what happened to which version.</summary>
    public static VersionEntry Entry(VersionEvent what, VersionId version, string by, string at) =>
        new(what, version, VersionId.None, VersionId.None, Score: null, by, at, VersionId.None, []);

    /// <summary>The entry that brought a version, the newest of them.</summary>
    public VersionEntry? Find(VersionId version) => Entries.LastOrDefault(one =>
        one.Version == version && one.Event is VersionEvent.Keep or VersionEvent.Commit);

    /// <summary>The versions that a person may mean by some digits, or by `head` or `approved`.</summary>
    public ImmutableArray<VersionId> Meant(string digits) => digits switch
    {
        "head" => Head.IsNone ? [] : [Head],
        "approved" => Approved.IsNone ? [] : [Approved],
        _ => [.. _present.Where(one => one.BeginsWith(digits))],
    };

    /// <summary>Reads entries that were written once; null with why when they are not a history.</summary>
    internal static VersionHistory? Of(string module, IEnumerable<VersionEntry> entries, out string why)
    {
        var history = Empty(module);
        foreach (var entry in entries)
        {
            why = history.WhyNot(entry) ?? "";
            if (why.Length != 0)
            {
                return null;
            }

            history = history.Chained(entry);
            if (history.Entries[^1].Chain != entry.Chain) // I1
            {
                why = "its chain of hashes is broken";
                return null;
            }
        }

        why = "";
        return history;
    }

    private VersionHistory Chained(VersionEntry entry)
    {
        var before = Entries.IsEmpty ? VersionId.None : Entries[^1].Chain;
        var chain = VersionId.Of(HistoryText.Line(entry with { Chain = before }));
        return new VersionHistory(Module, Entries.Add(entry with { Chain = chain }));
    }

    private string? WhyNot(VersionEntry entry)
    {
        bool isNew = entry.Event is VersionEvent.Keep or VersionEvent.Commit;
        if (Limits.HistoryEntriesMax <= Entries.Length)
        {
            return $"its history is full: {Limits.HistoryEntriesMax} entries";
        }

        if (isNew && Limits.VersionsMax <= _present.Length && !_present.Contains(entry.Version))
        {
            return $"it holds {Limits.VersionsMax} versions; prune it";
        }

        if (Limits.EntryTextMax < entry.By.Length || Limits.EntryTextMax < entry.At.Length)
        {
            return "who and when is too long";
        }

        return entry.Event switch
        {
            VersionEvent.Prune when entry.Dropped.IsEmpty || entry.Dropped.Contains(Head)
                || entry.Dropped.Contains(Approved) || entry.Dropped.Any(one => !_present.Contains(one)) =>
                "it drops what has to stay, or is not there", // I2, I3
            VersionEvent.Prune => null,
            _ when entry.Version.IsNone || !entry.Dropped.IsEmpty => "it names no version",
            VersionEvent.Rollback or VersionEvent.Approve when !_present.Contains(entry.Version) =>
                "that version is not there",
            VersionEvent.Commit when entry.Parent != Head => "the head has moved since",
            _ => null,
        };
    }

    private IEnumerable<VersionId> NotesOf(VersionId version) =>
        Entries.Where(one => one.Version == version && !one.Notes.IsNone).Select(one => one.Notes);
}
