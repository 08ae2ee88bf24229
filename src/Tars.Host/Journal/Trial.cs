using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Devices.Host;
using Tars.Evolution.Trials;
using Tars.Host.Granting;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Tries other code on the events of a journal: what would it have sent outside?</summary>
/// <remarks>
/// A journal that begins with the start of a run gives its events to the other code from the start on. One that begins
/// with a checkpoint swaps the other code in there, as a running system would, so that its state is tried too. The
/// journals of all shards of a run are tried together, with the other code on each: from the start on, or from a moment
/// behind the checkpoints of all at which nothing is under way between them.
/// </remarks>
public sealed class Trial : IDisposable
{
    private readonly IReadOnlyList<Func<Stream>> _open;
    private readonly IEngine _engine;
    private readonly PolicyFile? _grants;
    private readonly CancellationToken _stop;

    // What happened later is not in the events of all shards; null where those end when they do.
    private readonly long? _until;
    private readonly List<string> _reasons = [];
    private readonly List<ModuleImage> _images = [];
    private readonly Dictionary<BundleHash, ReadOnlyMemory<byte>> _versions = [];
    private PolicyChoice? _policy;
    private SystemLoader? _loader;
    private ImmutableArray<long> _before; // Events of each shard that come before the moment at which it is tried.
    private string? _damage; // What is behind it is not tried, and is not counted: nobody knows how much it is.

    private Trial(
        IReadOnlyList<Func<Stream>> open, IEngine engine, PolicyFile? grants, long? until, CancellationToken stop)
    {
        _open = open;
        _engine = engine;
        _stop = stop;
        _grants = grants;
        _until = until;
        _before = [.. open.Select(_ => 0L)];
    }

    /// <summary>Tries modules on a recording. Whatever stands in the file, there is an answer.</summary>
    /// <param name="others">Bundles that take the place of the recorded modules of the same names.</param>
    /// <param name="grants">What an operator says of them, of which only the floor of their isolation counts, beside
    /// that of the recorded run; null for nothing.</param>
    public static TrialOutcome Run(
        string path, IReadOnlyList<ReadOnlyMemory<byte>> others, CancellationToken stop, PolicyFile? grants = null)
    {
        var reasons = new List<string>();
        try
        {
            var paths = RecordedShards.PathsOf(path, shard: null, reasons);
            return paths.Count == 0
                ? new TrialOutcome.Refused([.. reasons])
                : Run(
                    [.. paths.Select(one => new Func<Stream>(() => FileContent.OpenRead(one)))],
                    others,
                    Compose.WithFloors(stop),
                    stop,
                    grants);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return new TrialOutcome.Refused([broken.Message]);
        }
    }

    /// <summary>The same with a recording, of each shard or the only kernel, that is opened anew each time that it is
    /// read, on an engine.</summary>
    public static TrialOutcome Run(
        IReadOnlyList<Func<Stream>> open,
        IReadOnlyList<ReadOnlyMemory<byte>> others,
        IEngine engine,
        CancellationToken stop,
        PolicyFile? grants = null) => Run(new Trial(open, engine, grants, until: null, stop), others);

    /// <summary>The same with the newest events of a run, of each shard or the only kernel behind a checkpoint of its
    /// own.</summary>
    /// <param name="until">The monotonic clock until which they hold what all shards had.</param>
    internal static TrialOutcome RunRecent(
        IReadOnlyList<Func<Stream>> open,
        ReadOnlyMemory<byte> other,
        long until,
        IEngine engine,
        CancellationToken stop) => Run(new Trial(open, engine, grants: null, until, stop), [other]);

    private static TrialOutcome Run(Trial made, IReadOnlyList<ReadOnlyMemory<byte>> others)
    {
        using var trial = made;
        try
        {
            return trial.Plan(others) is { } plan
                && TrialRun.Run(plan, trial.Events, trial._reasons, trial._stop) is { } report
                ? new TrialOutcome.Tried(report with { Inconclusive = report.Inconclusive ?? trial._damage })
                : new TrialOutcome.Refused([.. trial._reasons]);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return new TrialOutcome.Refused([broken.Message]);
        }
    }

    public void Dispose()
    {
        foreach (var image in _images)
        {
            image.Code.Dispose();
        }

        _policy?.Module?.Image.Code.Dispose();
    }

    // Null with reasons.
    private TrialPlan? Plan(IReadOnlyList<ReadOnlyMemory<byte>> others)
    {
        using var reader = new JournalReader(_open[0]());
        var header = reader.Begin();
        _loader = LoaderOf(header);
        if (header is not null && WhyNoRun(header) is { } why)
        {
            _reasons.Add(why);
            return null;
        }

        var bundles = header is null ? null : JournalSystem.Bundles(reader, header, _reasons);
        var recorded = bundles is null ? null : Keep(JournalSystem.Load(bundles, header!, _loader, _reasons));
        _policy = recorded is null ? null : JournalSystem.Policy(reader, header!, _engine, _reasons);
        if (recorded is null || bundles is null || _policy is null)
        {
            _reasons.AddRange(reader.Damage is { } damage ? [damage] : Array.Empty<string>());
            return null;
        }

        var checkpoint = CheckpointOf(reader);
        AddUnfit(recorded, others, header!, checkpoint is not null);
        if (0 < _reasons.Count)
        {
            return null;
        }

        var loader = LoaderOf(header);
        var other = checkpoint is null
            ? loader.Load(Replaced(bundles, others))
            : loader.LoadAgain(bundles, header!);
        _reasons.AddRange(loader.Reasons);
        if (Keep(other) is null)
        {
            return null;
        }

        var shards = header!.Shard?.PlaceIn(recorded).Plan;
        if (shards is not null && WhyNotDealt(recorded, other!, shards) is { } moved)
        {
            _reasons.Add(moved);
            return null;
        }

        var plan = new TrialPlan(recorded, other!, _policy) // It was kept.
        {
            Shards = shards,
            Load = hash => _versions.TryGetValue(hash, out var bundle) ? Load(bundle) : null,
        };
        return checkpoint is null ? plan : From(plan, checkpoint, others[0]);
    }

    // Null with reasons.
    private TrialPlan? From(TrialPlan plan, JournalRecord.Checkpoint first, ReadOnlyMemory<byte> other)
    {
        var checkpoints = ImmutableArray.Create(first.Kernel);
        for (int shard = 1; shard < _open.Count; shard++)
        {
            using var reader = new JournalReader(_open[shard]());
            if (reader.Begin() is null || CheckpointOf(reader) is not { } checkpoint)
            {
                _reasons.Add($"shard {shard}: {reader.Damage ?? "it does not begin with a checkpoint"}");
                return null;
            }

            checkpoints = checkpoints.Add(checkpoint.Kernel);
        }

        if (Load(other) is not { } version)
        {
            _reasons.AddRange(_loader!.Reasons); // It is made before anything is loaded.
            return null;
        }

        plan = plan with { Checkpoints = checkpoints, Version = version };
        if (plan.Shards is null)
        {
            return plan;
        }

        var moment = TrialMoment.Find(plan, Events, version.Manifest.Name, _reasons, _stop);
        _before = moment?.Before ?? _before;
        return moment is null ? null : plan with { Checkpoints = moment.Checkpoints };
    }

    private void AddUnfit(
        SystemImage recorded, IReadOnlyList<ReadOnlyMemory<byte>> others, JournalHeader header, bool hasCheckpoint)
    {
        if (hasCheckpoint && header.Shard is not null && _until is null)
        {
            _reasons.Add("its shards do not hold the start of their run");
        }

        var names = others.Select(NameOf).ToArray();
        _reasons.AddRange(names.Where(name => recorded.Modules.All(one => one.Manifest.Name != name))
            .Select(name => $"no module {name} runs in it"));
        if (names.Distinct().Count() != names.Length)
        {
            _reasons.Add("a module is given twice");
        }

        if (hasCheckpoint && others.Count != 1)
        {
            _reasons.Add("it begins with a checkpoint, where one module is swapped in and not several");
        }
    }

    // Null when the journals are all shards of one run, as far as their heads say; what they sent each other is
    // compared later.
    private string? WhyNoRun(JournalHeader first)
    {
        if (_open.Count == 1)
        {
            return first.Shard is null ? null
                : "it is one shard of several, and other code would send the others other mail: name the folder that "
                    + "all are in";
        }

        for (int number = 0; number < _open.Count; number++)
        {
            using var reader = new JournalReader(_open[number]());
            bool isOne = reader.Begin() is { } head && head.Shard == new JournalShard(number, _open.Count)
                && head.Modules.SequenceEqual(first.Modules) && head.Numbered.SequenceEqual(first.Numbered);
            if (!isOne)
            {
                return $"shard {number}: {reader.Damage ?? "it is not a shard of this run"}";
            }
        }

        return null;
    }

    // What came for a module is in the journal of its shard.
    private static string? WhyNotDealt(SystemImage recorded, SystemImage other, ShardPlan shards)
    {
        var dealt = ShardPlan.Of(other, shards.Count);
        bool isSame = recorded.Modules.Length == other.Modules.Length
            && Enumerable.Range(0, recorded.Modules.Length).All(one => shards.ShardOf(one) == dealt.ShardOf(one)
                && recorded.Modules[one].Manifest.Name == other.Modules[one].Manifest.Name);
        return isSame ? null
            : "with the other code the modules would live on other shards than what was recorded for them";
    }

    // What was recorded keeps its floor, whatever is said of the other code.
    private SystemLoader LoaderOf(JournalHeader? header)
    {
        var options = JournalSystem.OptionsOf(header);
        return new SystemLoader(
            _engine, options with { Isolated = options.Isolated.AddRange(Floor.Of(_grants).Isolated) });
    }

    private JournalRecord.Checkpoint? CheckpointOf(JournalReader reader)
    {
        var record = reader.Next();
        for (; record is JournalRecord.Module { Bundle: var bundle }; record = reader.Next())
        {
            Know(bundle);
        }

        return record as JournalRecord.Checkpoint;
    }

    private static string NameOf(ReadOnlyMemory<byte> bundle) =>
        BundleReader.Read(bundle) is BundleReading.Read { Bundle.Manifest.Name: var name } ? name : "";

    private static List<ReadOnlyMemory<byte>> Replaced(
        List<ReadOnlyMemory<byte>> bundles, IReadOnlyList<ReadOnlyMemory<byte>> others)
    {
        var named = others.ToDictionary(NameOf);
        return [.. bundles.Select(bundle => named.GetValueOrDefault(NameOf(bundle), bundle))];
    }

    private void Know(ReadOnlyMemory<byte> bundle)
    {
        if (BundleReader.Read(bundle) is BundleReading.Read { Bundle.Hash: var hash })
        {
            _versions[hash] = bundle;
        }
    }

    private ModuleImage? Load(ReadOnlyMemory<byte> bundle)
    {
        var image = _loader!.LoadAlone(bundle); // There is one as soon as there is a plan.
        if (image is not null)
        {
            _images.Add(image);
        }

        return image;
    }

    private SystemImage? Keep(SystemImage? system)
    {
        _images.AddRange(system?.Modules ?? []);
        return system;
    }

    // The file may have changed since it was read, so it is as little believed as before.
    private IEnumerable<RecordedEvent> Events(int shard)
    {
        using var reader = new JournalReader(_open[shard]());
        if (reader.Begin() is null)
        {
            yield break;
        }

        JournalRecord? next = reader.Next();
        long before = _before[shard];
        while (next is not null)
        {
            var record = next;
            next = reader.Next();
            if (record is JournalRecord.Module { Bundle: var bundle })
            {
                Know(bundle);
            }
            else if (record is JournalRecord.Happened happened)
            {
                if (0 < before--)
                {
                    continue; // It is in the state at which the trial begins.
                }

                if (_until < happened.Event.At.Monotonic)
                {
                    yield break;
                }

                yield return RecordedEvent.Of(next is JournalRecord.Aborted { Calls: var calls }
                    ? happened with { Event = happened.Event with { Aborted = calls } }
                    : happened);
            }
        }

        if (reader.Damage is { } damage)
        {
            string where = _open.Count == 1 ? "" : $"shard {shard}: ";
            _damage ??= $"{where}{damage}";
        }
    }
}
