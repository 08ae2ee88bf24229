using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Host.Journal;
using Tars.Host.Journal.Durable;
using Tars.Host.Journal.Recent;
using Tars.Host.Swapping;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>The journals of a run on several shards: one for each, which holds all that comes to it.</summary>
/// <remarks>It owns the code that was loaded; what is swapped in later is the outside's of its shard.</remarks>
internal sealed class ShardJournals : IDisposable
{
    private PolicyChoice? _policy;
    private readonly IEngine _engine;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _bundles;
    private RunOptions _options;
    private readonly List<string> _reasons = [];
    private readonly Dictionary<BundleHash, ReadOnlyMemory<byte>> _versions = [];
    private readonly List<SystemImage> _loaded = [];
    private RunPlace? _place;
    private IJournalDisk? _disk;
    private ImmutableArray<JournalFolder> _folders = [];
    private ImmutableArray<SystemImage> _systems = [];
    private Stream[]? _files;
    private volatile bool _isActing;

    private ShardJournals(IEngine engine, IReadOnlyList<ReadOnlyMemory<byte>> bundles, RunOptions options)
    {
        _engine = engine;
        _bundles = bundles;
        _options = options with
        {
            JournalOctetsKept = (options.JournalOctetsKept ?? Limits.JournalOctetsKept) / options.Shards,
        };
    }

    /// <summary>What runs; null when there are reasons.</summary>
    public SystemImage? System => _systems.IsEmpty || _policy is null ? null : _systems[0];

    public IReadOnlyList<string> Reasons => _reasons;

    /// <summary>How the run goes on; where it begins, as it was started.</summary>
    public RunOptions Options => _options;

    /// <summary>True for a run that goes on after its end.</summary>
    public bool IsKept => _disk is not null;

    /// <summary>How far each input was read before: by whichever shard read it last.</summary>
    public IReadOnlyDictionary<string, InputPlace> Inputs => _folders.SelectMany(one => one.Places.Values)
        .GroupBy(one => one.Name, StringComparer.Ordinal)
        .ToDictionary(one => one.Key, one => one.MaxBy(place => (place.Octets, place.IsOver)), StringComparer.Ordinal);

    /// <summary>True from when a first shard does what all do alike until the disks of all have it: no checkpoint may
    /// hide it.</summary>
    public bool IsActing
    {
        get => _isActing;
        set => _isActing = value;
    }

    /// <summary>The newest moment of all shards.</summary>
    public long Monotonic { get; private set; }

    /// <summary>Events that the shards have had before; zero for a run that begins.</summary>
    public long Events => _folders.Sum(one => one.Events);

    /// <summary>Finds what is there, and loads what runs.</summary>
    public static ShardJournals Open(
        IEngine engine, IReadOnlyList<ReadOnlyMemory<byte>> bundles, RunOptions options)
    {
        var journals = new ShardJournals(engine, bundles, options);
        if (journals.OpenFolders())
        {
            journals.Load();
            journals.LoadPolicy();
        }

        return journals;
    }

    /// <summary>Makes the files of a recording that is asked for.</summary>
    /// <returns>Null, or why not.</returns>
    public string? Create()
    {
        string why = "";
        _files = _options.Record is { } folder && !IsKept
            ? RecordedShards.Create(folder, _options.Shards, out why)
            : null;
        return why.Length == 0 ? null : $"--record: {why}";
    }

    /// <summary>The system that a shard begins with.</summary>
    public SystemImage SystemOf(int shard) => _systems[shard];

    /// <summary>A kernel of one shard, and what writes down its run. Where there are reasons afterwards, it is of no
    /// use.</summary>
    public ShardStart Begin(ShardPlace place, SystemOutside outside)
    {
        var system = _systems[place.Number];
        var policy = _policy!; // There is one where there are no reasons.
        if (IsKept)
        {
            return Keep(place, outside);
        }

        if (_files is null)
        {
            var kernel = new Kernel.Kernel(system, outside) { Shard = place, Policy = policy };
            return new ShardStart(kernel, Journal: null, LastCommon: null, HasBegun: false);
        }

        var effects = new EffectTrace(outside);
        var recorder = new Recorder(_files[place.Number], effects);
        recorder.Begin(_bundles, _options, new JournalShard(place.Number, place.Plan.Count));
        var recorded = new Kernel.Kernel(system, effects) { Shard = place, Policy = policy };
        return new ShardStart(recorded, recorder, LastCommon: null, HasBegun: false);
    }

    /// <summary>Keeps the newest events of a shard besides what its journal holds.</summary>
    /// <param name="inner">Its journal; null where there is none.</param>
    public RecentRun Recent(ShardPlace place, IRunJournal? inner)
    {
        var header = _folders.IsEmpty
            ? JournalSystem.HeaderOf(_options)
            : _folders[place.Number].Header with { Isolated = _options.Isolated };
        return new RecentRun(
            inner,
            header with { Shard = new JournalShard(place.Number, place.Plan.Count) },
            _options.PolicyModule is { } policy ? [.. _versions.Values, policy] : _versions.Values);
    }

    /// <summary>A version that may be swapped in, and with it what it imports.</summary>
    public void Know(ReadOnlyMemory<byte> bundle)
    {
        if (BundleReader.Read(bundle) is BundleReading.Read { Bundle: var read } && _versions.TryAdd(read.Hash, bundle))
        {
            foreach (var import in read.Imports)
            {
                Know(import);
            }
        }
    }

    /// <summary>The bundle of a version that runs, ran or is about to; null for none of those.</summary>
    public ReadOnlyMemory<byte>? BundleOf(BundleHash version) =>
        _versions.TryGetValue(version, out var bundle) ? bundle : (ReadOnlyMemory<byte>?)null;

    /// <summary>Versions that were given and do not run; nothing, with reasons, when it cannot go on with them.
    /// </summary>
    public ImmutableArray<SwapOffer> Newer(SystemImage running) =>
        KeptRun.Newer(_bundles, running, LoadOne, _reasons);

    private ModuleImage? LoadOne(ReadOnlyMemory<byte> bundle) => KeptRun.Load(_engine, _options, bundle, _reasons);

    /// <summary>What goes on without having been given, in lines for a person.</summary>
    public IEnumerable<string> LeftOut(SystemImage running) => KeptRun.LeftOut(_bundles, running);

    /// <summary>Completes what some shards have done and others not; false with reasons.</summary>
    /// <remarks>Until all of it is on the disks, no checkpoint may be taken: see <see cref="IsActing"/>.</remarks>
    public bool Complete(ImmutableArray<RecoveredShard> shards, Moment at)
    {
        IsActing = true;
        string? why = ShardRecovery.Complete(shards, at, BundleOf);
        _reasons.AddRange(why is null ? [] : [$"--journal: {why}"]);
        return why is null;
    }

    public void Dispose()
    {
        _place?.Dispose();
        _disk?.Dispose();
        _policy?.Module?.Image.Code.Dispose();
        foreach (var module in _loaded.SelectMany(one => one.Modules))
        {
            module.Code.Dispose();
        }
    }

    private bool OpenFolders()
    {
        _disk = KeptRun.DiskOf(_options, _reasons);
        if (_disk is null)
        {
            return _reasons.Count == 0;
        }

        if (ShardDisk.IsOfOne(_disk))
        {
            _reasons.Add("--journal: it is of a run on one shard; leave --shards out");
            return false;
        }

        var folders = ImmutableArray.CreateBuilder<JournalFolder>();
        for (int shard = 0; shard < _options.Shards; shard++)
        {
            var reasons = new List<string>();
            if (JournalFolder.Open(new ShardDisk(_disk, shard), reasons) is { } folder)
            {
                folders.Add(folder);
                var expected = new JournalShard(shard, _options.Shards);
                if (!folder.IsFresh && folder.Header.Shard is { } begun && begun != expected)
                {
                    reasons.Add($"it was begun on {begun.Count} shards; say --shards {begun.Count}");
                }
            }

            _reasons.AddRange(reasons.Select(one => $"--journal: shard {shard}: {one}"));
        }

        // All heads are on the disk before anything happens: one that has none beside events has lost it.
        if (_reasons.Count == 0 && folders.Any(one => one.HasEvents))
        {
            _reasons.AddRange(folders.Index().Where(one => one.Item.IsFresh).Select(one =>
                $"--journal: shard {one.Index}: its journal is missing, or its head is torn, and the others hold what "
                + "the run has done"));
        }

        if (_reasons.Count == 0)
        {
            _folders = folders.ToImmutable();
            var given = _options.Params;
            foreach (var folder in _folders)
            {
                // Devices are those of the first; a shard may stand before a swap that it has yet to do again.
                var options = KeptRun.GoOn(folder, _options, _reasons);
                _reasons.AddRange([.. KeptRun.WhyNot(folder, options, given).Except(_reasons)]);
            }

            _options = KeptRun.GoOn(_folders.FirstOrDefault(one => !one.IsFresh), _options, []);
        }

        return _reasons.Count == 0;
    }

    // Shards whose journals begin with the same bundles share what was loaded of them.
    private void Load()
    {
        if (_folders.All(one => one.IsFresh))
        {
            foreach (var bundle in _bundles)
            {
                Know(bundle);
            }

            _place = RunPlace.Open(_engine, _bundles, _options);
            _reasons.AddRange(_place.Reasons);
            _systems = _place.System is { } system ? [.. Enumerable.Repeat(system, _options.Shards)] : [];
            return;
        }

        var systems = ImmutableArray.CreateBuilder<SystemImage>();
        var known = new List<(JournalHeader Header, SystemImage System)>();
        var first = _folders.First(one => !one.IsFresh); // A head is missing only where nothing has happened yet.
        foreach (var folder in _folders)
        {
            var from = folder.IsFresh ? first : folder;
            foreach (var bundle in from.Bundles.Values)
            {
                Know(bundle);
            }

            var same = known.FirstOrDefault(one => one.Header.Modules.SequenceEqual(from.Header.Modules)
                && one.Header.Imported.SequenceEqual(from.Header.Imported)
                && one.Header.Numbered.SequenceEqual(from.Header.Numbered)).System;
            if (same is null)
            {
                var loader = new SystemLoader(_engine, KeptRun.GoOn(from, _options, _reasons));
                same = from.Load(loader);
                _reasons.AddRange(loader.Reasons);
                if (same is null)
                {
                    return;
                }

                _loaded.Add(same);
                known.Add((from.Header, same));
            }

            systems.Add(same);
        }

        _systems = systems.ToImmutable();
    }

    // Each shard has a process of it, of one code.
    private void LoadPolicy()
    {
        var unfit = new List<string>();
        if (_folders.FirstOrDefault(one => !one.IsFresh) is { } begun)
        {
            _options = _options with { Policy = begun.Header.Policy.Kind, PolicyModule = begun.PolicyModule };
        }

        _policy = PolicyLoader.Load(
            _options.Policy, _options.PolicyModule, _engine, _options.Isolated, unfit);
        _reasons.AddRange(unfit.Select(one => $"--policy: {one}"));
    }

    private ShardStart Keep(ShardPlace place, SystemOutside outside)
    {
        try
        {
            if (TryKeep(place, outside) is { } start)
            {
                return start;
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            _reasons.Add($"--journal: {broken.Message}");
        }

        var none = new Kernel.Kernel(_systems[place.Number], outside) { Shard = place };
        return new ShardStart(none, Journal: null, LastCommon: null, HasBegun: false);
    }

    // Null with reasons.
    private ShardStart? TryKeep(ShardPlace place, SystemOutside outside)
    {
        var folder = _folders[place.Number];
        var system = _systems[place.Number];
        var mail = new OutgoingMail(place.Plan.Count);
        outside.RunName = folder.Disk.RunName;
        if (folder.IsFresh)
        {
            var first = _folders.FirstOrDefault(one => !one.IsFresh && one.Events == 0);
            folder.BeginWith(
                first is null ? _bundles : [.. first.Header.Modules.Select(hash => first.Bundles[hash])],
                _options,
                new JournalShard(place.Number, place.Plan.Count));
            var hold = new EffectHold(outside, system) { Mail = mail };
            var effects = new EffectTrace(hold);
            var begun = new Kernel.Kernel(system, effects) { Shard = place, Policy = _policy! }; // There is one.
            var kept = new KeptJournal(Journal(folder, effects, hold), mail, begun);
            return new ShardStart(begun, kept, LastCommon: null, HasBegun: false);
        }

        if (folder.Recover(system, outside, LoadOne, _reasons, mail, _policy) is not { } recovered)
        {
            return null;
        }

        foreach (var bundle in folder.Bundles.Values)
        {
            Know(bundle);
        }

        Monotonic = Math.Max(Monotonic, recovered.Kernel.Now.Monotonic);
        var inner = Journal(folder, recovered.Effects, recovered.Hold);
        var journal = new KeptJournal(inner, mail, recovered.Kernel);
        return new ShardStart(recovered.Kernel, journal, folder.LastCommon, HasBegun: 0 < folder.Events);
    }

    private DurableJournal Journal(JournalFolder folder, EffectTrace effects, EffectHold hold) =>
        new(folder, effects, hold, _options) { MayCheckpoint = () => !IsActing };
}

/// <summary>What a shard of a run begins with.</summary>
/// <param name="LastCommon">The newest event that was done again of those that all shards do alike.</param>
/// <param name="HasBegun">True where it has had its first event.</param>
internal sealed record ShardStart(
    Kernel.Kernel Kernel, IRunJournal? Journal, KernelEvent? LastCommon, bool HasBegun);
