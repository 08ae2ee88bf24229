using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Ipc;
using Tars.Kernel.Journal;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;
using Tars.Kernel.Scheduling;
using Tars.Kernel.Timers;

namespace Tars.Kernel.Checkpoints;

/// <summary>The octets of one process: what it is by itself and then, when all are there, whom it waits for.</summary>
internal static class ProcessCodec
{
    /// <param name="mail">In the place of its own, where it is not to be written as it is.</param>
    /// <param name="outbox">The same.</param>
    /// <returns>Null, or why its guest cannot be written.</returns>
    public static string? Save(
        ByteWriter output, Process process, BatchTable batches, Mailbox? mail = null, Mailbox? outbox = null)
    {
        var agent = process.Agent;
        output.I64(process.Id.Value);
        output.U32((uint)agent.Place);
        output.U64(process.Seed);
        output.I64(process.Parent.Value);
        output.U32((uint)(process.Spawner + 1 ?? 0));
        output.I64(process.Group.Value);
        Blob(output, process.Given);
        process.Caps.Save(output);
        SaveWindows(output, process);
        output.I64(process.Self.Encoded);
        output.I64(process.Born);
        output.U8(FlagsOf(process));
        output.U8((byte)process.StopReason);
        output.I64(process.Opened.Instant);
        output.I64(process.Opened.Monotonic);
        output.I64(process.HeldAsk);
        output.I64(process.Traps);
        output.I64(process.Restarts);
        output.I64(process.Fuel);
        output.I64(process.MemoryHigh);
        output.I64(process.Call);
        Doubles.Save(output, process.Evidence);
        Doubles.Save(output, process.Strengths);
        foreach (var counts in process.Counts)
        {
            output.I64(counts.Committed);
            output.I64(counts.Traps);
            output.I64(counts.Fuel);
        }

        output.U32((uint)process.TrapsBySender.Count);
        foreach (var (sender, traps) in process.TrapsBySender.OrderBy(one => one.Key))
        {
            output.I64(sender.Value);
            output.U32((uint)traps);
        }

        foreach (var timer in process.Timers)
        {
            TimerCodec.Save(output, timer);
        }

        TimerCodec.Save(output, process.AskTimer);
        SaveQuota(output, process);
        MailCodec.Save(output, mail ?? process.Mail, batches);
        MailCodec.Save(output, outbox ?? process.Outbox, batches);
        output.U8(process.Recent is null ? (byte)0 : (byte)1);
        process.Recent?.Save(output);
        output.U32((uint)process.EventOctets);
        output.U32((uint)process.EffectOctets);
        return GuestCodec.Save(output, process.Guest!, () => FunctionsOf(agent)); // Checked before.
    }

    private static bool HasQuota(Process process) => process.IsResting || process.Quota != default;

    private static void SaveQuota(ByteWriter output, Process process)
    {
        if (HasQuota(process))
        {
            output.I64(process.Quota.Begun);
            output.I64(process.Quota.Burnt);
            TimerCodec.Save(output, process.RestTimer);
        }
    }

    private static void LoadQuota(KernelState state, Process process, ref ByteReader input)
    {
        if (process.RestTimer is not null) // The flags said so.
        {
            process.Quota = new QuotaRecord { Begun = input.I64(), Burnt = input.I64() };
            process.RestTimer = TimerCodec.Load(state.Clock, process, TimerEntry.Rest, ref input);
            if (process.Quota.Begun < 0 || process.Quota.Burnt < 0)
            {
                input.Fail();
            }
        }
    }

    /// <summary>What names other processes.</summary>
    /// <param name="along">Those that are written too; null for all.</param>
    public static void SaveLinks(ByteWriter output, Process process, Func<Process, bool>? along = null)
    {
        // Who has ended waits no more, though the next look at the list has yet to find that.
        var senders = process.BlockedSenders.Where(one => !one.IsEnded && along?.Invoke(one) != false).ToArray();
        output.U32((uint)senders.Length);
        foreach (var sender in senders)
        {
            output.I64(sender.Id.Value);
        }

        output.U8(process.Waiting is null ? (byte)0 : process.Waiting.Payload is null ? (byte)1 : (byte)2);
        if (process.Waiting is not { } ask)
        {
            return;
        }

        output.I64(ask.Number);
        output.I64(ask.Target.Value);
        output.U32((uint)ask.Continuation);
        output.U32((uint)OperationOf(process.Agent, ask.Answer));
        output.I64(ask.Instant);
        output.I64(ask.Arrived);
        if (ask.Payload is { } payload)
        {
            Blob(output, payload.Span);
            return;
        }

        output.U8(ask.Call is not null ? (byte)1 : ask.Wish is not null ? (byte)2 : (byte)0);
        if ((ask.Call ?? ask.Wish) is { } call)
        {
            output.U32((uint)call.Device.Value);
            output.U32((uint)call.Asked.Operation);
            Blob(output, call.Asked.Arguments.AsSpan());
            output.U8((byte)call.Asked.Within.Length);
            foreach (string folder in call.Asked.Within)
            {
                output.Text(folder);
            }
        }
    }

    /// <param name="moved">Of one that comes from another shard: the number that it has to have.</param>
    /// <returns>Null, or why the octets are no process of this system.</returns>
    public static string? Load(KernelState state, ref ByteReader input, BatchTable batches, ProcessId? moved = null)
    {
        var id = new ProcessId(input.I64());
        uint place = input.U32();
        ulong seed = input.U64();
        var parent = new ProcessId(input.I64());
        uint spawner = input.U32();
        var group = new ProcessId(input.I64());
        bool isNext = moved is null
            ? IsBorn(state, id) && state.Processes.Highest < id
            : id == moved && state.Find(id) is null;
        bool known = !input.Failed && state.Processes.Below < id && isNext && place < state.System.Agents.Length
            && spawner <= state.System.Modules.Length;
        if (!known)
        {
            return "a process of it is of no agent";
        }

        var agent = state.AgentOf((int)place);
        byte[] given = Blob(ref input);
        bool isGiven = agent.Spec.Starts != Bundle.Manifest.AgentStart.BySpawn && given.Length == 0;
        if (!isGiven && !agent.TakesGiven(given))
        {
            return "a process was not given what its agent needs";
        }

        var kin = new Kin(parent, spawner == 0 ? null : (int)spawner - 1, group);
        var process = new Process(id, agent, seed, kin, given, state.Derivations, state.Blobs)
        {
            GivenBlobs = BlobPlaces.HoldOf(agent.Given, given, state.Blobs),
        };
        state.Processes.Add(id, process);
        state.CountAlive(process, +1);
        bool isShard = state.Shards is not null;
        return LoadSelf(state, process, ref input) && LoadLists(state, process, ref input, batches, isShard)
            ? LoadGuest(process, ref input)
            : "a process of it is not whole";
    }

    /// <summary>What a process of one of several shards has besides: what other shards sent and it has no room for,
    /// and what it sent them.</summary>
    public static void SaveShared(ByteWriter output, Process process, BatchTable batches)
    {
        MailCodec.Save(output, process.Held ?? new Mailbox(), batches);
        output.U32((uint)process.Unacknowledged);
        output.I64(process.WaitSerial);
    }

    /// <summary>False when it is not whole.</summary>
    public static bool LoadShared(KernelState state, Process process, ref ByteReader input, BatchTable batches)
    {
        var held = new Mailbox();
        bool whole = MailCodec.Load(ref input, held, process.Agent, [], batches, state);
        process.Held = 0 < held.Count ? held : null;
        process.Unacknowledged = (int)Math.Min(input.U32(), int.MaxValue);
        process.WaitSerial = input.I64();
        state.Waits.Hear(process.WaitSerial);
        return whole && !input.Failed;
    }

    // On one of several shards, who has come with a module has a number of another.
    private static bool IsBorn(KernelState state, ProcessId id) => id.Value <= state.LastId
        || (state.Shards is { } shards && shards.Plan.ShardOfNumber(id.Value) != shards.Own);

    /// <summary>What names other processes; the reader has failed when they are not there.</summary>
    public static void LoadLinks(KernelState state, Process process, ref ByteReader input)
    {
        if (state.Find(process.Parent) is { } parent)
        {
            parent.Children.Add(process.Id, process);
        }

        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            if (state.Find(new ProcessId(input.I64())) is { } sender && !process.BlockedSenders.Contains(sender))
            {
                process.BlockedSenders.Add(sender);
            }
            else
            {
                input.Fail();
            }
        }

        if (!MailCodec.Link(state, process.Outbox))
        {
            input.Fail();
        }

        byte waits = input.U8();
        if (waits != 0 && !input.Failed)
        {
            LoadAsk(process, ref input);
            if (waits == 2)
            {
                LoadAnswer(process.Waiting, ref input);
            }
            else
            {
                LoadCall(state.System, process.Waiting, ref input);
            }
        }
    }

    private static bool LoadSelf(KernelState state, Process process, ref ByteReader input)
    {
        if (!process.Caps.Load(ref input, state.System.Devices.Length, state.System.Channels.Length))
        {
            return false;
        }

        LoadWindows(process, ref input);
        process.Self = CapSlot.Of(input.I64());
        process.Born = input.I64();
        SetFlags(process, input.U8());
        process.StopReason = (EndReason)input.U8();
        process.Opened = new Moment(input.I64(), input.I64());
        process.HeldAsk = input.I64();
        process.Traps = input.I64();
        process.Restarts = input.I64();
        process.Fuel = input.I64();
        process.MemoryHigh = input.I64();
        process.Call = input.I64();
        double[] evidence = Doubles.Load(ref input);
        double[] strengths = Doubles.Load(ref input);
        bool fits = evidence.Length == process.Evidence.Length && strengths.Length == process.Strengths.Length
            && Enum.IsDefined(process.StopReason);
        process.Evidence = evidence;
        process.Strengths = strengths;
        return fits && !input.Failed;
    }

    private static bool LoadLists(
        KernelState state, Process process, ref ByteReader input, BatchTable batches, bool isShard)
    {
        foreach (ref var counts in process.Counts.AsSpan())
        {
            counts.Committed = input.I64();
            counts.Traps = input.I64();
            counts.Fuel = input.I64();
        }

        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var sender = new ProcessId(input.I64());
            int traps = (int)input.U32();
            if (Limits.SendersCountedMax <= process.TrapsBySender.Count
                || !process.TrapsBySender.TryAdd(sender, traps))
            {
                return false;
            }
        }

        for (int handler = 0; handler < process.Timers.Length; handler++)
        {
            process.Timers[handler] = TimerCodec.Load(state.Clock, process, handler, ref input);
        }

        process.AskTimer = TimerCodec.Load(state.Clock, process, handler: -1, ref input);
        LoadQuota(state, process, ref input);
        return MailCodec.Load(ref input, process.Mail, process.Agent, process.Timers, batches, state)
            && MailCodec.Load(ref input, process.Outbox, agent: null, [], batches, state, isShard)
            && LoadRecent(process, ref input);
    }

    private static bool LoadRecent(Process process, ref ByteReader input)
    {
        if (input.U8() == 0)
        {
            return true;
        }

        process.Recent = RecentEvents.Load(ref input, process.Agent);
        return process.Recent is not null && process.Agent.KeepsRecent;
    }

    private static string? LoadGuest(Process process, ref ByteReader input)
    {
        bool wasAborted = process.WasAborted; // A guest of its own would say that it was not.
        uint eventOctets = input.U32();
        uint effectOctets = input.U32();
        var limits = process.Agent.GuestLimits;
        process.Guest = process.Agent.Module.Code.Instantiate(limits, out _);
        process.WasAborted = wasAborted;
        if (process.Guest is not { } guest || GuestCodec.Load(ref input, guest.Save(), limits) is not { } held)
        {
            return "the guest of a process is not one of its module";
        }

        guest.Restore(held);
        process.EventOctets = (int)Math.Min(eventOctets, int.MaxValue);
        process.EffectOctets = (int)Math.Min(effectOctets, int.MaxValue);
        return GuestView.TryOpen(guest, out _) ? null : "a guest does not follow ABI v1";
    }

    private static void LoadAsk(Process process, ref ByteReader input)
    {
        var agent = process.Agent;
        var (number, target) = (input.I64(), new ProcessId(input.I64()));
        uint continuation = input.U32();
        uint operation = input.U32();
        var (instant, arrived) = (input.I64(), input.I64());
        if (number <= 0 || agent.Waits.Length <= continuation || agent.Operations.Length <= operation)
        {
            input.Fail();
            return;
        }

        var ask = process.Wait(number, target, (int)continuation, agent.Operations[(int)operation].Spec.Answer);
        (ask.Instant, ask.Arrived) = (instant, arrived);
    }

    private static void LoadAnswer(PendingAsk? ask, ref ByteReader input)
    {
        byte[] payload = Blob(ref input);
        bool fits = ask is not null && payload is [var status, ..]
            && ValueEncoding.IsValid(status == 0 ? ask.Answer : BuiltInTypes.Failure, payload.AsSpan(1));
        if (!fits || ask is null)
        {
            input.Fail();
            return;
        }

        ask.Take(payload);
    }

    private static void LoadCall(SystemImage system, PendingAsk? ask, ref ByteReader input)
    {
        byte form = input.U8();
        if (form == 0)
        {
            return;
        }

        uint device = input.U32();
        uint operation = input.U32();
        byte[] arguments = Blob(ref input);
        string[] within = new string[input.U8()];
        foreach (ref string folder in within.AsSpan())
        {
            folder = input.Text();
        }

        var asks = device < system.Devices.Length ? system.Devices[(int)device].Kind.Asks : [];
        bool fits = ask is not null && operation < asks.Length && within.Length <= Limits.DerivationDepthMax + 1
            && ValueEncoding.IsValid(asks[(int)operation].Arguments.AsSpan(), arguments);
        if (!fits || ask is null)
        {
            input.Fail();
            return;
        }

        var asked = new DeviceAsk((int)operation, [.. arguments], ask.Answer) { Within = [.. within] };
        var call = new DeviceCall(new DeviceId((int)device), asked);
        (ask.Call, ask.Wish) = form == 1 ? (call, null) : ((DeviceCall?)null, call);
        ask.Device = call.Device;
    }

    // Asks of one agent with equal answers are the same for whoever waits.
    private static int OperationOf(AgentImage agent, SchemaType answer)
    {
        int index = agent.Operations.ToList().FindIndex(one => one.Spec.Answer.Equals(answer));
        Invariant.Holds(0 <= index); // The ask was one of them.
        return index;
    }

    private static HashSet<int> FunctionsOf(AgentImage agent)
    {
        using var fresh = agent.Module.Code.Instantiate(agent.GuestLimits, out _);
        return fresh is null ? [] : GuestCodec.FunctionsOf(fresh.Save());
    }

    private static void SaveWindows(ByteWriter output, Process process)
    {
        output.U32((uint)process.Windows.Count);
        foreach (var window in process.Windows)
        {
            output.I64(window.Slot);
            output.U32((uint)window.From);
            output.U32((uint)window.Count);
        }
    }

    private static void LoadWindows(Process process, ref ByteReader input)
    {
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            long slot = input.I64();
            var (from, count) = (input.U32(), input.U32());
            bool fits = process.Caps.Find(CapSlot.Of(slot)) is Capability.OfBlob { Blob: var held }
                && from + (long)count <= held.Length && process.Windows.Count < Limits.BlobWindowsMax
                && process.Windows.Sum(one => (long)one.Count) + count <= Limits.BlobWindowBytesMax;
            if (!fits)
            {
                input.Fail();
                return;
            }

            var blob = ((Capability.OfBlob)process.Caps.Find(CapSlot.Of(slot))!).Blob; // It is one.
            process.Windows.Add(new BlobWindow(slot, blob, (int)from, (int)count));
        }
    }

    private static byte FlagsOf(Process process) => (byte)(
        (process.BirthDue ? 1 : 0) | (process.StartDue ? 2 : 0) | (process.StopDue ? 4 : 0)
        | (process.ParamsDue ? 8 : 0) | (process.BeliefsDue ? 16 : 0) | (process.WasAborted ? 32 : 0)
        | (HasQuota(process) ? 64 : 0));

    private static void SetFlags(Process process, byte flags)
    {
        process.BirthDue = (flags & 1) != 0;
        process.StartDue = (flags & 2) != 0;
        process.StopDue = (flags & 4) != 0;
        process.ParamsDue = (flags & 8) != 0;
        process.BeliefsDue = (flags & 16) != 0;
        process.WasAborted = (flags & 32) != 0;
        process.RestTimer = (flags & 64) != 0 ? new TimerEntry(process, TimerEntry.Rest) : null;
    }

    private static void Blob(ByteWriter output, ReadOnlySpan<byte> octets)
    {
        output.U32((uint)octets.Length);
        output.Bytes(octets);
    }

    private static byte[] Blob(ref ByteReader input) => input.Bytes(input.U32()).ToArray();
}
