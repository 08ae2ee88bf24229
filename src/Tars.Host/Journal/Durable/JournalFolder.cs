using Tars.Base;
using Tars.Bundle.Container;
using Tars.Host.Sharding;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal.Durable;

/// <summary>A durable journal as a run finds it: nothing yet, or what it goes on from.</summary>
/// <remarks>
/// Invariants:
///   I1  The newest segment whose head is whole is the one to go on from; the one right behind it was being made and
///       holds nothing that anybody was told. A torn head without the segment before it has lost what it held: then
///       there is a reason and no run.
///   I2  Nothing of a torn end is used, and nothing behind damage: then there is a reason and no run.
/// </remarks>
internal sealed class JournalFolder
{
    private readonly List<JournalRecord> _records = [];
    private string? _unfinished;
    private Segment? _segment;
    private JournalRecord.Checkpoint? _checkpoint;

    private JournalFolder(IJournalDisk disk) => Disk = disk;

    public IJournalDisk Disk { get; }

    /// <summary>A mistake that the simulator puts in: lines of events that are kept, and of which nothing is known to
    /// have left, come again.</summary>
    public bool ForgetsUnacknowledged { get; init; }

    /// <summary>True when there is nothing to go on from.</summary>
    public bool IsFresh => _segment is null;

    /// <summary>True when anything has happened in it, before it is done again.</summary>
    public bool HasEvents => _checkpoint is not null || _records.Exists(one => one is JournalRecord.Happened);

    public JournalHeader Header { get; private set; } = new([], [], []);

    /// <summary>Of one of several shards: the newest event that all of them have alike, if it was done again.</summary>
    public KernelEvent? LastCommon { get; set; }

    /// <summary>Every bundle that runs or ran, by its hash.</summary>
    public Dictionary<BundleHash, ReadOnlyMemory<byte>> Bundles { get; } = [];

    /// <summary>How far each input was read.</summary>
    public Dictionary<string, InputPlace> Places { get; } = new(StringComparer.Ordinal);

    /// <summary>The number of the segment that is written on.</summary>
    public long Number { get; private set; }

    /// <summary>Events that the journal holds, those before its checkpoint among them.</summary>
    public long Events { get; private set; }

    /// <summary>Finds what is there.</summary>
    /// <returns>Null, with a reason.</returns>
    public static JournalFolder? Open(IJournalDisk disk, List<string> reasons, bool forgetsUnacknowledged = false)
    {
        var folder = new JournalFolder(disk) { ForgetsUnacknowledged = forgetsUnacknowledged };
        try
        {
            return folder.Find(reasons) ? folder : null;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            reasons.Add(broken.Message);
            return null;
        }
    }

    /// <summary>The octets that a segment begins with.</summary>
    public static ByteWriter HeadOf(
        JournalFrames frames,
        JournalHeader header,
        IEnumerable<ReadOnlyMemory<byte>> bundles,
        JournalRecord.Checkpoint? checkpoint)
    {
        var output = new ByteWriter();
        output.Bytes(JournalFrames.Begin);
        var record = new ByteWriter();
        JournalRecord[] records =
        [
            new JournalRecord.Begin(header),
            .. bundles.Select(bundle => new JournalRecord.Module(bundle)),
            .. checkpoint is null ? Array.Empty<JournalRecord>() : [checkpoint],
        ];
        foreach (var one in records)
        {
            record.Clear();
            JournalCodec.Write(record, one);
            frames.Append(output, record.Written);
        }

        return output;
    }

    /// <summary>Deletes segments that nobody needs any more, the oldest first, beyond what is kept to be looked
    /// at. What cannot be deleted stays.</summary>
    /// <param name="ageKept">How old they may be; null for any age.</param>
    public static void Tidy(IJournalDisk disk, long newest, long octetsKept, TimeSpan? ageKept)
    {
        long kept = 0;
        foreach (string name in Older(disk, newest))
        {
            try
            {
                kept += octetsKept == 0 ? 1 : disk.SizeOf(name);
                if (octetsKept < kept || (ageKept is { } most && most < disk.AgeOf(name)))
                {
                    disk.Delete(name);
                }
            }
            catch (Exception stuck) when (stuck is IOException or UnauthorizedAccessException)
            {
                // One that somebody else holds, or has taken away, stands in nobody's way; the next time it is tried
                // again.
            }
        }
    }

    private static List<string> Older(IJournalDisk disk, long newest)
    {
        try
        {
            return [.. disk.Names().Where(name => Segment.NumberOf(name) < newest)
                .OrderByDescending(name => name, StringComparer.Ordinal)];
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return []; // What is not needed any more ends no run.
        }
    }

    /// <summary>The module that decides which process runs next; null where none does.</summary>
    public ReadOnlyMemory<byte>? PolicyModule =>
        Header.Policy.Module is { } hash ? Bundles[hash] : (ReadOnlyMemory<byte>?)null;

    /// <summary>The system that ran, of the bundles that the journal holds; null with the loader's reasons.</summary>
    public SystemImage? Load(SystemLoader loader)
    {
        ReadOnlyMemory<byte>[] bundles = [.. Header.Modules.Select(hash => Bundles[hash])];
        return _checkpoint is null ? loader.Load(bundles) : loader.LoadAgain(bundles, Header);
    }

    /// <summary>A kernel that stands where the run was lost, and a hold that has what had not left. It leaves with the
    /// first flush or event, once the journal is gone on with: then it is synced.</summary>
    /// <param name="outside">What shows effects: it gets no digest of what it is told of old processes.</param>
    /// <param name="load">Loads the bundle of a version that was swapped in.</param>
    /// <param name="mail">What takes mail for other shards; null for the only kernel.</param>
    /// <param name="policy">Who decides, as the journal says; null where no module does.</param>
    /// <returns>Null, with a reason.</returns>
    public Recovered? Recover(
        SystemImage system,
        IBufferedOutside outside,
        Func<ReadOnlyMemory<byte>, ModuleImage?> load,
        List<string> reasons,
        OutgoingMail? mail = null,
        PolicyChoice? policy = null)
    {
        var hold = new EffectHold(outside, system) { Mail = mail };
        var effects = new EffectTrace(hold, _checkpoint?.At.Digests.Effects ?? 0);
        policy ??= new PolicyChoice(Header.Policy.Kind);
        var kernel = KernelOf(system, policy, effects, hold, load, reasons);
        if (kernel is null)
        {
            return null;
        }

        hold.Event = Events;
        hold.BeginRepeat(Released ?? Events);
        var admission = new EventAdmission(system);
        if (_checkpoint is not null)
        {
            admission.GoOn(kernel.Now.Monotonic);
        }

        var repeat = new RecordRepeat(kernel, effects, hold, admission, load, this);
        if (repeat.Run(_records) is { } why)
        {
            reasons.Add(why);
            return null;
        }

        hold.EndRepeat();
        return new Recovered(kernel, hold, effects);
    }

    /// <summary>One more event is known.</summary>
    public void Count() => Events++;

    /// <summary>The file to write on: cut behind its last whole record, or a new one.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public (IJournalFile File, JournalFrames Frames, long Octets) Continue()
    {
        if (_unfinished is not null)
        {
            Disk.Delete(_unfinished);
        }

        if (_segment is { } segment)
        {
            // Who was killed had not synced all of it, nor its name; from here on its events count as on the disk.
            var left = Disk.Continue(segment.Name, segment.At);
            left.Sync();
            Disk.SyncNames();
            return (left, segment.Frames(), segment.At);
        }

        var frames = new JournalFrames();
        var head = HeadOf(frames, Header, Header.Bundles.Select(hash => Bundles[hash]), checkpoint: null);
        var file = Disk.Create(Segment.NameOf(Number));
        file.Write(head.Written);
        file.Sync();
        Disk.SyncNames();
        return (file, frames, head.Length);
    }

    /// <summary>What a run that begins here begins with.</summary>
    /// <param name="shard">Which of several shards it is; null for the only one.</param>
    public void BeginWith(
        IReadOnlyList<ReadOnlyMemory<byte>> bundles, RunOptions options, JournalShard? shard = null)
    {
        var hashes = new List<BundleHash>();
        foreach (var bundle in bundles)
        {
            if (BundleReader.Read(bundle) is BundleReading.Read { Bundle.Hash: var hash })
            {
                hashes.Add(hash);
                Bundles[hash] = bundle;
            }
        }

        Header = JournalSystem.HeaderOf(options) with
        {
            Modules = [.. hashes],
            Inputs = [.. options.Inputs.Select(input => input.Name)],
            Shard = shard,
        };
        if (Header.Policy.Module is { } policy)
        {
            Bundles[policy] = options.PolicyModule!.Value; // It has its hash.
        }

        Number = 1;
        KnowImports();
    }

    // An import runs under its own hash once a checkpoint names it.
    private void KnowImports()
    {
        foreach (var bundle in Bundles.Values.ToArray())
        {
            if (BundleReader.Read(bundle) is not BundleReading.Read { Bundle.Imports: var imports })
            {
                continue;
            }

            foreach (var inner in imports)
            {
                if (BundleReader.Read(inner) is BundleReading.Read { Bundle.Hash: var hash })
                {
                    Bundles.TryAdd(hash, inner);
                }
            }
        }
    }

    private bool Find(List<string> reasons)
    {
        foreach (string name in Disk.Names().Where(name => Segment.NumberOf(name) is not null)
            .OrderByDescending(name => name, StringComparer.Ordinal))
        {
            long number = Segment.NumberOf(name)!.Value; // It has one.
            if (!IsBefore(number, reasons)) // I1
            {
                return false;
            }

            var segment = new Segment(name, Disk.Read(name));
            if (ReadHead(segment, reasons))
            {
                _segment = segment;
                Number = number;
                KnowImports();
                ReadRest(segment);
                reasons.AddRange(segment.Damage is { } later ? [$"{name}: {later}"] : Array.Empty<string>()); // I2
                return reasons.Count == 0;
            }

            if (segment.Damage is { } damage)
            {
                reasons.Add($"{name}: {damage}"); // I2
                return false;
            }

            if (0 < reasons.Count)
            {
                return false;
            }

            if (_unfinished is not null)
            {
                reasons.Add($"{name}: its head is torn, and a segment behind it was begun"); // I1
                return false;
            }

            _unfinished = name;
            Bundles.Clear();
        }

        return IsBefore(number: 0, reasons); // I1
    }

    // Whether what was being made, if there is any, was to stand right behind this segment; behind none is the first.
    private bool IsBefore(long number, List<string> reasons)
    {
        bool isBefore = _unfinished is null || Segment.NumberOf(_unfinished) == number + 1;
        reasons.AddRange(isBefore ? [] : [$"{_unfinished}: its head is torn, and the segment before it is missing"]);
        return isBefore;
    }

    // A head that ends too soon was being made; one that is whole and of no use here is not ours to delete.
    private bool ReadHead(Segment segment, List<string> reasons)
    {
        bool Unfit(JournalRecord? record, string what)
        {
            reasons.AddRange(record is null ? [] : [$"{segment.Name}: {what}"]);
            return false;
        }

        var first = segment.Next();
        if (first is not JournalRecord.Begin { Header: var header })
        {
            return Unfit(first, "it does not begin as a journal does");
        }

        foreach (var hash in header.Bundles)
        {
            var next = segment.Next();
            if (next is not JournalRecord.Module { Bundle: var bundle }
                || BundleReader.Read(bundle) is not BundleReading.Read { Bundle.Hash: var found } || found != hash)
            {
                return Unfit(next, "it holds a module that this version does not read");
            }

            Bundles[hash] = bundle;
        }

        Header = header;
        if (Segment.NumberOf(segment.Name) == 1)
        {
            return true; // The first begins with the start.
        }

        // Versions that may come back stand behind those that run.
        var last = segment.Next();
        for (; last is JournalRecord.Module { Bundle: var old }; last = segment.Next())
        {
            if (BundleReader.Read(old) is not BundleReading.Read { Bundle.Hash: var hash })
            {
                return Unfit(last, "it holds a module that this version does not read");
            }

            Bundles[hash] = old;
        }

        if (last is not JournalRecord.Checkpoint checkpoint)
        {
            return Unfit(last, "its checkpoint is missing");
        }

        _checkpoint = checkpoint;
        Events = checkpoint.At.Events;
        foreach (var place in checkpoint.Inputs)
        {
            Places[place.Name] = place;
        }

        return true;
    }

    private Kernel.Kernel? KernelOf(
        SystemImage system,
        PolicyChoice policy,
        EffectTrace effects,
        EffectHold hold,
        Func<ReadOnlyMemory<byte>, ModuleImage?> load,
        List<string> reasons)
    {
        if (_checkpoint is null)
        {
            return new Kernel.Kernel(system, effects) { Policy = policy, Shard = Header.Shard?.PlaceIn(system) };
        }

        ModuleImage? Old(BundleHash hash) => Bundles.TryGetValue(hash, out var bundle) ? load(bundle) : null;
        var place = Header.Shard?.PlaceIn(system);
        if (Kernel.Kernel.From(system, effects, _checkpoint.Kernel.Span, Old, out string why, place, policy)
            is not { } kernel)
        {
            reasons.Add($"its checkpoint cannot be gone on from: {why}");
            return null;
        }

        hold.BeginRepeat(long.MaxValue);
        foreach (var mail in _checkpoint.Mail)
        {
            hold.Mail?.Add(mail.Shard, mail.Sequence, mail.Records, happened: 0);
        }

        foreach (var process in kernel.Report().Processes.Where(one => !one.IsEnded))
        {
            hold.Started(process.Process, process.Module, process.Agent);
        }

        return kernel;
    }

    // A place whose event was torn off is none: its lines come again.
    private void ReadRest(Segment segment)
    {
        while (segment.Next() is { } record)
        {
            _records.Add(record);
        }

        long known = ForgetsUnacknowledged ? Released ?? 0 : long.MaxValue;
        long events = Events;
        for (int index = 0; index < _records.Count && events < known; index++)
        {
            if (_records[index] is not JournalRecord.Happened)
            {
                continue;
            }

            events++;
            if (0 < index && _records[index - 1] is JournalRecord.Place { Input: var place })
            {
                Places[place.Name] = place;
            }
        }
    }

    // Up to which event effects are known to have left.
    private long? Released => _records.OfType<JournalRecord.Mark>().LastOrDefault()?.Released;
}

/// <summary>A run that goes on.</summary>
internal sealed record Recovered(Kernel.Kernel Kernel, EffectHold Hold, EffectTrace Effects);
