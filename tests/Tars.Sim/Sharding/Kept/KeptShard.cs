using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Host.Journal.Durable;
using Tars.Host.Sharding;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Tars.Sim.Disks;
using Tars.Sim.Swarm;

namespace Tars.Sim.Sharding.Kept;

/// <summary>One shard in one life of a kept run: the parts of a real one, and what they tell.</summary>
internal sealed class KeptShard : DeafOutside, IBufferedOutside, IDisposable
{
    private readonly KeptModel _model;
    private readonly int _number;
    private readonly Queue<long> _asks;
    private readonly Queue<ShardsSaying> _putBy = []; // What is not handed on is lost with this life.

    /// <param name="asks">Takes what devices are asked.</param>
    public KeptShard(KeptModel model, int number, Queue<long> asks) => (_model, _number, _asks) = (model, number, asks);

    public Kernel.Kernel Kernel { get; private set; } = null!; // From Open on.

    public KeptJournal Journal { get; private set; } = null!; // The same.

    /// <summary>How far it had taken each of its inputs.</summary>
    public ImmutableArray<InputPlace> Places { get; private set; }

    /// <summary>True where it has had its first event.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>True where it goes on from a checkpoint.</summary>
    public bool HasCheckpoint { get; private set; }

    /// <summary>True where that is behind a swap which has brought a device.</summary>
    public bool HasOwnNumbers { get; private set; }

    public RecoveredShard Recovered { get; private set; } = null!; // The same.

    public StepResult Answer { get; private set; }

    /// <summary>Events of this life.</summary>
    public long Events { get; private set; }

    /// <summary>What it said to the newest step of a move.</summary>
    public MoveAnswer? Moving { get; set; }

    /// <summary>A swap of its own that waits for all to stand still.</summary>
    public ReadySwap Ready { get; } = new();

    /// <summary>What it found in the way of a swap on another shard.</summary>
    public ImmutableArray<string> SwapSeen { get; private set; } = [];

    /// <summary>What came of its newest swap.</summary>
    public SwapReport? LastSwap { get; set; }

    /// <summary>Goes on from what the disk has, or begins.</summary>
    /// <returns>Null, or why it cannot go on.</returns>
    public string? Open(KeptPlan plan, CutDisk disk, Func<bool> mayCheckpoint)
    {
        var reasons = new List<string>();
        return JournalFolder.Open(new ShardDisk(disk, _number), reasons) is { } folder
            && Begin(plan, folder, mayCheckpoint, reasons)
            ? null
            : $"shard {_number} cannot go on: {string.Join("; ", reasons)}";
    }

    public void Step(KernelEvent happened)
    {
        Events++;
        Answer = Journal.Step(Kernel, happened);
        if (Journal.Error is { } error)
        {
            _model.Fail($"the journal of shard {_number} fails: {error}");
        }
    }

    public void Dispose()
    {
        Journal?.Dispose();
        Kernel?.LetGoOfGuests();
    }

    public void HandOn()
    {
        while (_putBy.TryDequeue(out var saying))
        {
            _model.Show(_number, saying);
        }
    }

    public override void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        string name = Kernel.System.Devices[device.Value].KnownAs; // It may have gone since it was asked.
        _model.Ask(ask, new ByteReader(asked.Arguments.AsSpan()).Text(), name);
        _asks.Enqueue(ask);
    }

    public override void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
        if (channel.SequenceEqual("seen"u8))
        {
            _putBy.Enqueue(ShardsSaying.Read(value));
        }
        else if (channel.SequenceEqual("printed"u8))
        {
            _putBy.Enqueue(ShardsSaying.Printed(value));
        }
        else if (channel.SequenceEqual("denied"u8)
            && LentModel.WhyWrong(new ByteReader(value).Text()) is { } why)
        {
            _model.Fail(why);
        }
    }

    void IOutside.Audited(Audit entry) => _model.Hear(entry);

    void IOutside.Trapped(DeadLetter letter) => _model.Fail($"{letter.Process} trapped: {letter.Detail}");

    void IOutside.Packed(int module, ImmutableArray<byte> package, string why) =>
        Moving = new MoveAnswer(package, why);

    void IOutside.Moved(int module, int shard, string why) => Moving = new MoveAnswer([], why);

    void IOutside.SwapReady(long ticket, ModuleImage now, ImmutableArray<Newcomer> newcomers) =>
        Ready.Begin(new SwapReadiness(ticket, now, newcomers));

    void IOutside.SwapSeen(string module, ImmutableArray<string> refusals) => SwapSeen = refusals;

    void IOutside.SwappedElsewhere(SwapReport report) => Ready.BeginAnew();

    void IOutside.Swapped(SwapReport report)
    {
        Ready.End(report);
        LastSwap = report;
        if (!report.IsDone && report.Refusals is not ["another swap is under way"])
        {
            _model.Fail($"{report.Module} is not swapped: {string.Join("; ", report.Refusals)}");
        }
    }

    private bool Begin(KeptPlan plan, JournalFolder folder, Func<bool> mayCheckpoint, List<string> reasons)
    {
        var mail = new OutgoingMail(plan.Shards) { Mistake = plan.Mistake };
        EffectTrace effects;
        EffectHold hold;
        if (folder.IsFresh)
        {
            folder.BeginWith(KeptPlan.Bundles, plan.Options, new JournalShard(_number, plan.Shards));
            var system = plan.SystemOf(folder.Header);
            hold = new EffectHold(this, system) { Mail = mail };
            effects = new EffectTrace(hold);
            var place = new ShardPlace(ShardPlan.Of(system, plan.Shards), _number);
            Kernel = new Kernel.Kernel(system, effects) { Shard = place };
        }
        else if (folder.Recover(plan.SystemOf(folder.Header), this, plan.Load, reasons, mail) is { } recovered)
        {
            (Kernel, hold, effects) = (recovered.Kernel, recovered.Hold, recovered.Effects);
            HasCheckpoint = 1 < folder.Number;
            HasOwnNumbers = !folder.Header.Numbered.IsEmpty;
        }
        else
        {
            return false;
        }

        Places = [.. folder.Places.Values];
        HasBegun = 0 < folder.Events;
        var journal = new DurableJournal(folder, effects, hold, plan.Options, isDriven: true)
        {
            MayCheckpoint = mayCheckpoint,
        };
        Journal = new KeptJournal(journal, mail, Kernel);
        Recovered = new RecoveredShard(Kernel, folder.LastCommon, Ready.Newest, (happened, bundle) =>
        {
            if (bundle is { } octets)
            {
                Journal.Note(octets);
            }

            Step(happened);
        });
        return true;
    }
}
