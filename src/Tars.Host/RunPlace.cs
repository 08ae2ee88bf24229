using System.Collections.Immutable;
using Tars.Devices.Host;
using Tars.Host.Journal;
using Tars.Host.Journal.Durable;
using Tars.Host.Journal.Recent;
using Tars.Host.Sharding;
using Tars.Host.Swapping;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>Where a run begins: at its birth, or where its journal says that it was lost.</summary>
/// <remarks>It owns the code that was loaded; what is swapped in later is the outside's.</remarks>
internal sealed class RunPlace : IDisposable
{
    private readonly List<string> _reasons = [];
    private readonly IEngine _engine;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _bundles;
    private RunOptions _options;
    private JournalFolder? _folder;
    private bool _hasBegun;

    private RunPlace(IEngine engine, IReadOnlyList<ReadOnlyMemory<byte>> bundles, RunOptions options)
    {
        _engine = engine;
        _bundles = bundles;
        _options = options;
    }

    /// <summary>Null when there are reasons.</summary>
    public SystemImage? System { get; private set; }

    public IReadOnlyList<string> Reasons => _reasons;

    /// <summary>How the run goes on; where it begins, as it was started.</summary>
    public RunOptions Options => _options;

    /// <summary>How far each input was read before.</summary>
    public IReadOnlyDictionary<string, InputPlace> Inputs =>
        (IReadOnlyDictionary<string, InputPlace>?)_folder?.Places ?? ImmutableDictionary<string, InputPlace>.Empty;

    public static RunPlace Open(IEngine engine, IReadOnlyList<ReadOnlyMemory<byte>> bundles, RunOptions options)
    {
        var place = new RunPlace(engine, bundles, options);
        if (1 < options.Shards || place.OpenJournal()) // Several shards have journals of their own.
        {
            place.Load();
        }

        return place;
    }

    /// <summary>Makes the kernel and what it is connected to; null when there are reasons.</summary>
    public RunStart? Begin(RunStreams streams, AskedDevices devices, PolicyChoice policy, Serving serving)
    {
        var system = System!; // Without one nobody begins.
        IClock clock = _options.VirtualTime ? new VirtualClock() : new SystemClock();
        var outside = new SystemOutside(system, clock, streams, devices, _options.JsonLines, _options.Swaps, serving);
        try
        {
            var start = _folder is not null ? Keep(_folder, system, outside, clock, policy)
                : _options.Record is { } path ? Record(path, system, outside, clock, policy)
                : new RunStart(
                    clock,
                    outside,
                    new Kernel.Kernel(system, outside) { Policy = policy },
                    Journal: null,
                    Events: 0,
                    []);
            _hasBegun = start is not null;
            if (_folder is not null && start is not null)
            {
                KeptRun.LeftOut(_bundles, start.Kernel.System).ToList().ForEach(streams.Log.WriteLine);
            }

            return start is not null && _options.Recent is not null ? WithRecent(start) : start;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            _reasons.Add($"--journal: {broken.Message}");
            return null;
        }
    }

    public void Dispose()
    {
        if (!_hasBegun)
        {
            _folder?.Disk.Dispose();
        }

        foreach (var module in System?.Modules ?? [])
        {
            module.Code.Dispose();
        }
    }

    private bool OpenJournal()
    {
        if (KeptRun.DiskOf(_options, _reasons) is not { } disk)
        {
            return _reasons.Count == 0;
        }

        var reasons = new List<string>();
        if (ShardDisk.IsOfShards(disk))
        {
            reasons.Add("it is of a run on several shards; say --shards N");
        }

        _folder = reasons.Count == 0 ? JournalFolder.Open(disk, reasons) : null;
        _reasons.AddRange(reasons.Select(one => $"--journal: {one}"));
        if (_folder is null)
        {
            disk.Dispose();
        }

        var given = _options.Params;
        _options = KeptRun.GoOn(_folder, _options, _reasons);
        _reasons.AddRange(KeptRun.WhyNot(_folder, _options, given));
        return _reasons.Count == 0;
    }

    private void Load()
    {
        var loader = new SystemLoader(_engine, _options);
        System = _folder is { IsFresh: false } ? _folder.Load(loader) : loader.Load(_bundles);
        _reasons.AddRange(loader.Reasons);
        if (System is null || _folder is not null)
        {
            return;
        }

        _reasons.AddRange(System.Modules.SelectMany(module => Unkept.WhyNot(module.Manifest, _options)));
        if (0 < _reasons.Count)
        {
            foreach (var module in System.Modules)
            {
                module.Code.Dispose();
            }

            System = null;
        }
    }

    /// <summary>Who decides which process runs next: as the run was begun, where it goes on.</summary>
    public (PolicyKind Kind, ReadOnlyMemory<byte>? Module) Policy => _folder is { IsFresh: false }
        ? (_folder.Header.Policy.Kind, _folder.PolicyModule)
        : (_options.Policy, _options.PolicyModule);

    private IEnumerable<ReadOnlyMemory<byte>> BundlesToTry => _folder is not null ? _folder.Bundles.Values
        : _options.PolicyModule is { } policy ? [.. _bundles, policy]
        : _bundles;

    private RunStart WithRecent(RunStart start)
    {
        var header = _folder?.Header ?? JournalSystem.HeaderOf(_options);

        // A journal that is kept may have been begun under another policy, and the floor is what holds now.
        header = header with { Isolated = _options.Isolated };
        return start with { Journal = new RecentRun(start.Journal, header, BundlesToTry) };
    }

    private RunStart? Record(
        string path, SystemImage system, SystemOutside outside, IClock clock, PolicyChoice policy)
    {
        string? reason = Recorder.Create(path, out var stream);
        if (stream is null)
        {
            _reasons.Add($"--record: {reason}");
            return null;
        }

        var effects = new EffectTrace(outside);
        var recorder = new Recorder(stream, effects);
        recorder.Begin(_bundles, _options);
        var kernel = new Kernel.Kernel(system, effects) { Policy = policy };
        return new RunStart(clock, outside, kernel, recorder, Events: 0, []);
    }

    private RunStart? Keep(
        JournalFolder folder, SystemImage system, SystemOutside outside, IClock clock, PolicyChoice policy)
    {
        outside.RunName = folder.Disk.RunName;
        if (folder.IsFresh)
        {
            folder.BeginWith(_bundles, _options);
            var hold = new EffectHold(outside, system);
            var effects = new EffectTrace(hold);
            var journal = new DurableJournal(folder, effects, hold, _options);
            var begun = new Kernel.Kernel(system, effects) { Policy = policy };
            return new RunStart(clock, outside, begun, journal, Events: 0, []);
        }

        ModuleImage? Load(ReadOnlyMemory<byte> bundle) => KeptRun.Load(_engine, _options, bundle, _reasons);
        if (folder.Recover(system, outside, Load, _reasons, policy: policy) is not { } recovered)
        {
            return null;
        }

        clock.GoOnFrom(recovered.Kernel.Now.Monotonic);
        var offers = KeptRun.Newer(_bundles, recovered.Kernel.System, Load, _reasons);
        if (0 < _reasons.Count)
        {
            return null;
        }

        var kept = new DurableJournal(folder, recovered.Effects, recovered.Hold, _options);
        // A head may have been written, and the start not.
        return new RunStart(clock, outside, recovered.Kernel, kept, folder.Events, offers);
    }
}

/// <summary>A run that is ready for its first event.</summary>
/// <param name="Events">That it has had before; zero for one that begins.</param>
/// <param name="Offers">Versions of its modules that are to be swapped in at once.</param>
internal sealed record RunStart(
    IClock Clock,
    SystemOutside Outside,
    Kernel.Kernel Kernel,
    IRunJournal? Journal,
    long Events,
    ImmutableArray<SwapOffer> Offers);
