namespace Tars.Evolution.Store;

/// <summary>What a history of versions comes to, entry by entry, and which entry may come next.</summary>
/// <remarks>It is mutable and belongs to one history; reading one of many entries takes a step for each.</remarks>
internal sealed class VersionFold
{
    private readonly List<VersionId> _present = [];
    private readonly HashSet<VersionId> _has = [];

    public VersionId Head { get; private set; } = VersionId.None;

    public VersionId Approved { get; private set; } = VersionId.None;

    /// <summary>Commits of evolution since a person approved one.</summary>
    public int SinceApproval { get; private set; }

    /// <summary>Entries so far.</summary>
    public int Count { get; private set; }

    /// <summary>The versions whose texts are there, oldest first.</summary>
    public IReadOnlyList<VersionId> Present => _present;

    public bool Has(VersionId version) => _has.Contains(version);

    public VersionFold Copy()
    {
        var copy = new VersionFold
        {
            Head = Head,
            Approved = Approved,
            SinceApproval = SinceApproval,
            Count = Count,
        };
        copy._present.AddRange(_present);
        copy._has.UnionWith(_has);
        return copy;
    }

    /// <summary>Takes an entry that may come.</summary>
    public void Add(VersionEntry entry)
    {
        Count++;
        bool isNew = entry.Event is VersionEvent.Keep or VersionEvent.Commit;
        if (isNew && _has.Add(entry.Version))
        {
            _present.Add(entry.Version);
        }

        if (isNew || entry.Event == VersionEvent.Rollback)
        {
            Head = entry.Version;
        }

        if (!entry.Dropped.IsEmpty)
        {
            _has.ExceptWith(entry.Dropped);
            _present.RemoveAll(one => !_has.Contains(one));
        }

        (Approved, SinceApproval) = entry.Event switch
        {
            VersionEvent.Approve => (entry.Version, 0),
            VersionEvent.Commit => (Approved, SinceApproval + 1),
            _ => (Approved, SinceApproval),
        };
    }

    /// <summary>Why an entry may not come next, or null.</summary>
    public string? WhyNot(VersionEntry entry)
    {
        bool isNew = entry.Event is VersionEvent.Keep or VersionEvent.Commit;
        if (Limits.HistoryEntriesMax <= Count)
        {
            return $"its history is full: {Limits.HistoryEntriesMax} entries";
        }

        if (isNew && Limits.VersionsMax <= _present.Count && !Has(entry.Version))
        {
            return $"it holds {Limits.VersionsMax} versions; prune it";
        }

        if (Limits.EntryTextMax < entry.By.Length || Limits.EntryTextMax < entry.At.Length)
        {
            return "who and when is too long";
        }

        if (entry.Score is { } score && !double.IsFinite(score))
        {
            return "its score is no number";
        }

        return entry.Event switch
        {
            VersionEvent.Prune or VersionEvent.Squash when entry.Dropped.IsEmpty || entry.Dropped.Contains(Head)
                || entry.Dropped.Contains(Approved) || entry.Dropped.Any(one => !Has(one)) =>
                "it drops what has to stay, or is not there", // I2 and I3 of the history
            VersionEvent.Squash when !Has(entry.Version) || !Has(entry.Parent)
                || entry.Dropped.Contains(entry.Version) || entry.Dropped.Contains(entry.Parent) =>
                "its ends have to stay, and are not there",
            VersionEvent.Prune or VersionEvent.Squash => null,
            _ when entry.Version.IsNone || !entry.Dropped.IsEmpty => "it names no version",
            VersionEvent.Look when entry.Shown.IsNone || !entry.Notes.IsNone => "it does not say what judged",
            VersionEvent.Rollback or VersionEvent.Approve when !Has(entry.Version) => "that version is not there",
            VersionEvent.Commit when entry.Parent != Head => "the head has moved since",
            _ => null,
        };
    }
}
