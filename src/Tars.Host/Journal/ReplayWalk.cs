using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Devices.Host;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>One way through a journal: a kernel of its own, stepped with one recorded event after the other.</summary>
/// <remarks>
/// Invariants:
///   I1  The kernel is stepped only with what <see cref="EventAdmission"/> has let in.
///   I2  The digest of effects is asked once after each event, as the recording asked it.
/// </remarks>
internal sealed class ReplayWalk : IDisposable
{
    private readonly JournalReader _reader;
    private readonly ReplayOutside _outside;
    private readonly EffectTrace _effects;
    private readonly EventAdmission _admission;
    private readonly SystemLoader _loader;
    private readonly Dictionary<BundleHash, ReadOnlyMemory<byte>> _swapped = [];
    private ModuleImage? _looked;
    private JournalRecord? _next;

    private ReplayWalk(
        JournalReader reader,
        SystemLoader loader,
        SystemImage system,
        PolicyChoice policy,
        JournalHeader header,
        RunStreams? shown,
        IOutside? witness)
    {
        _reader = reader;
        _loader = loader;
        Shard = header.Shard;
        Isolated = header.Isolated;
        System = system;
        var console = shown is null
            ? null
            : new SystemOutside(system, new VirtualClock(), shown, devices: null, jsonLines: false);
        var first = Skip(reader.Next());
        var checkpoint = first as JournalRecord.Checkpoint;
        _outside = new ReplayOutside(system, console, witness);
        _effects = new EffectTrace(_outside, checkpoint?.At.Digests.Effects ?? 0);
        _admission = new EventAdmission(system);
        Policy = policy;
        Kernel = KernelOf(checkpoint);
        _next = checkpoint is null ? first : Skip(reader.Next());
    }

    public Kernel.Kernel Kernel { get; }

    public SystemImage System { get; }

    /// <summary>Which of several kernels it was; null for the only one.</summary>
    public JournalShard? Shard { get; }

    /// <summary>Modules that the operator let run in a machine of their own alone.</summary>
    public ImmutableArray<string> Isolated { get; }

    /// <summary>Who decides which process runs next.</summary>
    public PolicyChoice Policy { get; }

    /// <summary>The event that comes next; null at the end of what can be replayed.</summary>
    public KernelEvent? Upcoming => (_next as JournalRecord.Happened)?.Event;

    /// <summary>Is told the asks of devices that the replay makes; null for nobody.</summary>
    public AskedOfDevice? Asked
    {
        get => _outside.AskedOfDevice;
        set => _outside.AskedOfDevice = value;
    }

    /// <summary>Is told what the replay sends to other shards; null for nobody.</summary>
    public SentToShard? Sent
    {
        get => _outside.SentToShard;
        set => _outside.SentToShard = value;
    }

    /// <summary>How many events were replayed.</summary>
    public long Events { get; private set; }

    /// <summary>The newest of them.</summary>
    public KernelEvent? Happened { get; private set; }

    /// <summary>What was done until here.</summary>
    public JournalDigests Done { get; private set; }

    /// <summary>What the recorded run had done; null where it does not say.</summary>
    public JournalDigests? Recorded { get; private set; }

    /// <summary>What the recorded run was; null where it does not say.</summary>
    public JournalPoint? Point { get; private set; }

    /// <summary>Why no more can be replayed, when that is not the end.</summary>
    public string? Damage { get; private set; }

    public JournalEnd End { get; private set; } = JournalEnd.Open;

    public TransactionView? Last => Kernel.LastTransaction is { } last ? _outside.View(last) : null;

    /// <summary>Opens a journal as a stranger's.</summary>
    /// <param name="shown">Where what the run showed goes; null for nowhere.</param>
    /// <param name="witness">Makes one who hears all that is done; null for nobody.</param>
    /// <returns>Null, with reasons.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ReplayWalk? Open(
        string path,
        IEngine engine,
        RunStreams? shown,
        List<string> reasons,
        Func<SystemImage, IOutside>? witness = null) =>
        Open(FileContent.OpenRead(path), engine, shown, reasons, witness);

    /// <summary>The same for octets from anywhere.</summary>
    /// <param name="stream">It is the walk's from now on.</param>
    /// <param name="isolated">Modules that get a machine of their own beside those that the journal names.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static ReplayWalk? Open(
        Stream stream,
        IEngine engine,
        RunStreams? shown,
        List<string> reasons,
        Func<SystemImage, IOutside>? witness = null,
        ImmutableArray<string> isolated = default)
    {
        var reader = new JournalReader(stream);
        var header = reader.Begin();
        header = header is null || isolated.IsDefaultOrEmpty
            ? header
            : header with { Isolated = [.. header.Isolated, .. isolated] };
        var loader = JournalSystem.LoaderOf(header, engine);
        var bundles = header is null ? null : JournalSystem.Bundles(reader, header, reasons);
        var system = bundles is null ? null : JournalSystem.Load(bundles, header!, loader, reasons);
        var policy = system is null ? null : JournalSystem.Policy(reader, header!, engine, reasons);
        if (system is null || policy is null)
        {
            Dispose(system);
            reasons.AddRange(reader.Damage is { } damage ? [damage] : Array.Empty<string>());
            reader.Dispose();
            return null;
        }

        return new ReplayWalk(reader, loader, system, policy, header!, shown, witness?.Invoke(system));
    }

    /// <summary>Replays one event, and stands still in it once so many transactions are over.</summary>
    /// <returns>False at the end of what can be replayed.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Next(long transactionsMax = long.MaxValue)
    {
        if (Damage is not null || _next is not JournalRecord.Happened { Event: var happened })
        {
            Finish();
            return false;
        }

        happened = WithImage(happened);
        if (_admission.WhyNot(happened) is { } reason)
        {
            Damage = $"event {Events + 1} cannot be replayed: {reason}";
            return false;
        }

        _next = Skip(_reader.Next());
        if (_next is JournalRecord.Aborted aborted)
        {
            happened = happened with { Aborted = aborted.Calls };
            _next = Skip(_reader.Next());
        }

        Kernel.StepUntil(happened, transactionsMax); // I1
        LetGoOfLook(happened);
        _admission.System = Kernel.System;
        Events++;
        Happened = happened;
        Done = new JournalDigests(Kernel.Trace, _effects.Digest); // I2
        Compare();
        return true;
    }

    /// <summary>The states of all processes; after that nothing more can be replayed.</summary>
    public ImmutableArray<ProcessView> States()
    {
        var views = ImmutableArray.CreateBuilder<ProcessView>();
        var now = Happened?.At ?? Kernel.Now; // A checkpoint behind which nothing has happened has processes too.
        foreach (var process in Kernel.Report().Processes.Where(one => !one.IsEnded))
        {
            Kernel.StepUntil(new KernelEvent.Look(now, process.Process), transactionsMax: 0);
            if (_outside.TakeLook() is { } view)
            {
                views.Add(view);
            }
        }

        return views.DrainToImmutable();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _looked?.Code.Dispose();
        _outside.Dispose();
        Dispose(System);
        Policy.Module?.Image.Code.Dispose();
    }

    // The journal names a version by its hash, and has its bundle before the event.
    private KernelEvent WithImage(KernelEvent happened)
    {
        switch (happened)
        {
            case KernelEvent.Swap swap when _swapped.TryGetValue(swap.Hash, out var bundle):
                return swap with { Image = _loader.LoadAlone(bundle) };
            case KernelEvent.SwapElsewhere swap when _looked?.Hash == swap.Hash:
                return swap with { Image = _looked };
            case KernelEvent.SwapElsewhere swap when _swapped.TryGetValue(swap.Hash, out var bundle):
                _looked?.Code.Dispose();
                _looked = _loader.LoadAlone(bundle);
                return swap with { Image = _looked };
            default:
                return happened;
        }
    }

    // A look at a version that is swapped elsewhere comes before it is, or is not: until then the version is ours.
    private void LetGoOfLook(KernelEvent happened)
    {
        if (happened is KernelEvent.SwapElsewhere { IsDone: true }
            && Kernel.System.Modules.Any(one => ReferenceEquals(one.Code, _looked?.Code)))
        {
            _looked = null;
        }
    }

    private static void Dispose(SystemImage? system)
    {
        foreach (var module in system?.Modules ?? [])
        {
            module.Code.Dispose();
        }
    }

    // A checkpoint that cannot be gone on from leaves a kernel that no event is given to.
    private Kernel.Kernel KernelOf(JournalRecord.Checkpoint? checkpoint)
    {
        if (checkpoint is null)
        {
            return new Kernel.Kernel(System, _effects) { Policy = Policy, Shard = Shard?.PlaceIn(System) };
        }

        ModuleImage? Old(BundleHash hash) =>
            _swapped.TryGetValue(hash, out var bundle) ? _loader.LoadAlone(bundle) : null;
        var place = Shard?.PlaceIn(System);
        if (Tars.Kernel.Kernel.From(System, _effects, checkpoint.Kernel.Span, Old, out string why, place, Policy)
            is not { } kernel)
        {
            Damage = $"its checkpoint cannot be gone on from: {why}";
            return new Kernel.Kernel(System, _effects);
        }

        _admission.GoOn(kernel.Now.Monotonic);
        Events = checkpoint.At.Events;
        foreach (var process in kernel.Report().Processes.Where(one => !one.IsEnded))
        {
            _outside.Started(process.Process, process.Module, process.Agent);
        }

        return kernel;
    }

    // What a journal that is gone on from says besides is no event: bundles of swaps are kept until they are named.
    private JournalRecord? Skip(JournalRecord? record)
    {
        while (record is JournalRecord.Module or JournalRecord.Place or JournalRecord.Mark)
        {
            if (record is JournalRecord.Module { Bundle: var octets }
                && BundleReader.Read(octets) is BundleReading.Read { Bundle.Hash: var hash })
            {
                _swapped[hash] = octets;
            }

            record = _reader.Next();
        }

        return record;
    }

    private void Compare()
    {
        Point = null;
        if (_next is JournalRecord.Point { At: var point })
        {
            Point = point;
            _next = Skip(_reader.Next());
        }
        else if (_next is JournalRecord.End { At: var end })
        {
            Point = end;
        }

        Recorded = _next is JournalRecord.Happened next ? next.Before : Point?.Digests;
    }

    private void Finish()
    {
        Damage ??= _reader.Damage ?? _next switch
        {
            null => null,
            JournalRecord.End => _reader.IsAtEnd ? null : "something stands behind its end",
            _ => "a record stands where it does not belong",
        };
        End = _next is JournalRecord.End ? JournalEnd.Closed : _reader.IsTorn ? JournalEnd.Torn : JournalEnd.Open;
    }
}
