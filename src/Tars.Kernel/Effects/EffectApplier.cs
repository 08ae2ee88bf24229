using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Ipc;
using Tars.Kernel.Linking;
using Tars.Kernel.Operating;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Effects;

/// <summary>Carries out the effects of committed events, in the order in which they were written.</summary>
/// <remarks>
/// Every argument is a guest's claim: what names nothing, has the wrong type or may not be done is refused, and the
/// process is told by a later event. To add a host call: one arm in <see cref="Carry"/>; the compiler points at it.
/// </remarks>
internal sealed class EffectApplier(KernelState state)
{
    private static readonly SchemaType _entry = new SchemaType.Record(
        "Entry",
        [
            new("text", new SchemaType.Text()),
            new("values", new SchemaType.List(new SchemaType.Record(
                "Value", [new("name", new SchemaType.Text()), new("value", new SchemaType.Text())]))),
        ]);

    private readonly Refusals _refusals = new(state);
    private readonly DeviceCalls _devices = new(state);
    private readonly TimerCalls _timers = new(state);
    private readonly ByteWriter _scratch = new();
    private bool _answered;
    private int _sends;

    /// <summary>Applies the effects of the first events of the process's batch.</summary>
    /// <param name="ring">Whole records, checked.</param>
    public void Apply(Process process, ReadOnlySpan<byte> ring, int committed)
    {
        var reader = new EffectReader(ring);
        bool more = reader.Next();
        if (!more && !process.Batch.HasAsks)
        {
            return;
        }

        bool observed = false;
        bool exits = false;
        for (int index = 0; index < committed && (more || process.Batch.HasAsks); index++)
        {
            var source = SourceOf(process, index);
            _answered = false;
            _sends = 0;
            while (more && reader.Event == index)
            {
                observed |= reader.Call == HostCall.Observe;
                exits |= reader.Call == HostCall.Exit;
                if (Carry(process, source, ref reader) is { } refusal)
                {
                    _refusals.Add(index, reader.Call, refusal.Target, refusal.Reason);
                }

                more = reader.Next();
            }

            Settle(process, source, index);
        }

        if (observed)
        {
            Evidence.Weigh(state, process);
        }

        _refusals.Tell(process);
        if (exits && process.Batch.Kind != BatchKind.Stop)
        {
            state.Supervisor.OrderStop(process, EndReason.Done);
        }
    }

    /// <summary>Carries out the entries of the log among the effects of `migrate`, which may do nothing else.</summary>
    /// <param name="ring">Whole records, checked.</param>
    public void ApplyLogs(Process process, ReadOnlySpan<byte> ring)
    {
        var reader = new EffectReader(ring);
        while (reader.Next())
        {
            if (reader.Call == HostCall.Log)
            {
                _ = Log(process, ref reader);
            }
        }
    }

    /// <summary>What was refused later than its event was handled, as another shard says.</summary>
    public void TellLate(Process process, HostCall call, string target, string reason) =>
        _refusals.TellLate(process, call, target, reason);

    /// <summary>What waited for room is refused, since it would wait for ever: its sender is told with
    /// <see cref="TellRefused"/>.</summary>
    public void Refuse(HostCall call, string target, string reason) => _refusals.Add(index: 0, call, target, reason);

    public void TellRefused(Process process) => _refusals.Tell(process);

    // Null when it was done; else what it was about and why not.
    private Refusal? Carry(Process process, in EventSource source, ref EffectReader effect) => effect.Call switch
    {
        HostCall.Send => Send(process, ref effect),
        HostCall.Ask => Ask(process, source, ref effect),
        HostCall.Reply => Reply(process, source, ref effect),
        HostCall.Publish => Publish(process, ref effect),
        HostCall.SetTimer => _timers.Set(process, source.Monotonic, ref effect),
        HostCall.CancelTimer => _timers.Cancel(process, ref effect),
        HostCall.Log => Log(process, ref effect),
        HostCall.Metric => Metric(process, ref effect),
        HostCall.Observe => Evidence.Observe(process, effect.I32(), effect.F64(), effect.I32()),
        HostCall.Exit => null,
        HostCall.Spawn => Spawn(process, ref effect),
        HostCall.MapDevice => new Refusal("", "map_device is not yet in force"),
        HostCall.Device => state.BlobCalls.Call(process, ref effect),
        HostCall.Narrow => _devices.Narrow(
            process, CapSlot.Of(effect.I64()), CapSlot.Of(effect.I64()), effect.Bytes()),
        HostCall.Grant => new Refusal("", "a capability is handed over in a message, so that its receiver knows of it"),
        HostCall.Revoke => state.Derivations.Revoke(process, CapSlot.Of(effect.I64())),
    };

    private Refusal? Send(Process process, ref EffectReader effect)
    {
        var slot = CapSlot.Of(effect.I64());
        var capability = process.Caps.Find(slot);
        int row = effect.I32();
        var arguments = effect.Bytes();
        if (Check(process, slot, capability, row, isAsk: false, arguments) is { } refusal)
        {
            return refusal;
        }

        var operation = process.Agent.Operations[row];
        if (state.Stubs.Take(operation))
        {
            return null;
        }

        if (TargetOf(capability) is not { } target)
        {
            return _devices.Tell(process, capability!, operation, arguments); // Checked above.
        }

        return capability is not Capability.OfProcess
            && _devices.UseInPlace(process, capability!, operation, arguments) is { } denied
            ? new Refusal(operation.Spec.Target, denied)
            : Deliver(process, target, operation, arguments, ask: 0);
    }

    private Refusal? Ask(Process process, in EventSource source, ref EffectReader effect)
    {
        var slot = CapSlot.Of(effect.I64());
        var capability = process.Caps.Find(slot);
        int row = effect.I32();
        long timeout = effect.I64();
        int continuation = effect.I32();
        var arguments = effect.Bytes();
        bool possible = process.Waiting is null && (uint)row < (uint)process.Agent.Operations.Length
            && (uint)continuation < (uint)process.Agent.Spec.Continuations.Length;
        if (!possible)
        {
            return new Refusal("", "it asks what its manifest does not say, or while it waits already");
        }

        _answered = true; // Whoever asked the process waits on: the rest of the handler answers.
        process.HeldAsk = source.Ask;
        var operation = process.Agent.Operations[row];
        bool isStubbed = state.Stubs.Take(operation);
        var receiver = isStubbed ? null : TargetOf(capability);
        var target = receiver ?? ProcessId.Outside;
        var asked = receiver is null ? DeviceCalls.DeviceOf(capability) : null;
        var ask = state.Asks.Open(process, target, asked, continuation, operation, timeout);
        if (capability is null && operation.Spec.TargetKind == SlotKind.Agent && process.Caps.IsStale(slot))
        {
            state.Asks.Fail(ask.Number, AskFailure.Gone, "the process has ended");
        }
        else if (Check(process, slot, capability, row, isAsk: true, arguments) is { } refusal)
        {
            state.Asks.Fail(ask.Number, AskFailure.Denied, refusal.Reason);
        }
        else if (isStubbed)
        {
            state.Asks.Answer(ask.Number, state.Stubs.AnswerTo(operation));
        }
        else if (receiver is null)
        {
            _devices.Ask(process, capability!, operation, ask, arguments); // Checked above.
        }
        else if (capability is not Capability.OfProcess
            && _devices.UseInPlace(process, capability!, operation, arguments) is { } denied)
        {
            state.Asks.Fail(ask.Number, AskFailure.Denied, denied);
        }
        else if (state.Find(target) is null && state.Shards?.IsElsewhere(target) != true)
        {
            state.Asks.Fail(ask.Number, AskFailure.Gone, "the process has ended");
        }
        else if (Deliver(process, target, operation, arguments, ask.Number) is { } full)
        {
            state.Asks.Fail(ask.Number, AskFailure.Refused, full.Reason);
        }

        return null;
    }

    private Refusal? Reply(Process process, in EventSource source, ref EffectReader effect)
    {
        int status = effect.I32();
        var answer = effect.Bytes();
        if (_answered || source.Ask == 0)
        {
            // A tell drops its answer; that is no mistake. A second answer is, and is only noted.
            if (_answered)
            {
                state.Audit(process.Id, "reply", process.Agent.Name, "the event was answered already");
            }

            return null;
        }

        _answered = true;
        state.Asks.Reply(process, source.Ask, status, answer);
        return null;
    }

    // The process that gets what is told or asked, itself or in the place of a device; null for a device.
    private ProcessId? TargetOf(Capability? capability) => capability is Capability.OfProcess { Target: var id }
        ? id
        : _devices.StandInOf(capability) is { } agent ? FirstOf(agent) : null;

    private ProcessId FirstOf(AgentImage agent) =>
        state.ProcessOf(agent)?.Id ?? state.Shards?.FirstOf(agent.Place) ?? ProcessId.Outside;

    private Refusal? Deliver(
        Process process, ProcessId receiver, OperationImage operation, ReadOnlySpan<byte> arguments, long ask)
    {
        var target = state.Find(receiver);
        if (target is null || process.SendsByLink)
        {
            string whom = receiver == ProcessId.Outside ? operation.Spec.Target : receiver.ToString();
            return state.Shards is { } shards && (target is not null || shards.IsElsewhere(receiver))
                ? shards.Departures.Send(process, receiver, operation, arguments, ask)
                : new Refusal(whom, "the process has ended");
        }

        int handler = operation.Number;
        if (operation.Spec.TargetKind == SlotKind.Device)
        {
            handler = target.Agent.Offer!.HandlerOf(operation); // Checked before.
        }
        else if (target.Agent.Place != operation.TargetAgent)
        {
            return new Refusal(receiver.ToString(), "it is a process of another agent");
        }

        if (operation.HoldsSlots)
        {
            byte[] translated = arguments.ToArray();
            if (SlotTranslation.ToIds(operation.Arguments, translated, process.Caps) is { } reason)
            {
                return new Refusal(target.Agent.Name, reason);
            }

            arguments = translated;
        }

        var blobs = operation.HoldsSlots ? BlobPlaces.HoldOf(operation.Arguments, arguments, state.Blobs) : null;
        var mail = new Mail
        {
            Kind = MailKind.Message,
            Handler = handler,
            Instant = state.Now.Instant,
            Arrived = state.Now.Monotonic,
            Ask = ask,
            Blobs = blobs,
        };
        return state.Delivery.Send(process, target, mail, arguments) is { } refused
            ? new Refusal(target.Agent.Name, refused)
            : null;
    }

    private Refusal? Check(
        Process process, CapSlot slot, Capability? capability, int row, bool isAsk, ReadOnlySpan<byte> arguments)
    {
        if ((uint)row >= (uint)process.Agent.Operations.Length)
        {
            return new Refusal("", "there is no such operation");
        }

        var operation = process.Agent.Operations[row];
        bool fits = operation.Spec.IsAsk == isAsk && operation.Spec.TargetKind switch
        {
            SlotKind.Agent => capability is Capability.OfProcess,
            SlotKind.Device => _devices.Fits(operation, capability),
            SlotKind.Channel => false,
        };
        if (!fits)
        {
            bool revoked = operation.Spec.TargetKind == SlotKind.Device && process.Caps.IsStale(slot);
            if (revoked && process.Caps.Revoked(slot) is { } node)
            {
                state.Derivations.Refused(node, process.Id, Derivations.Gone);
            }

            return new Refusal(operation.Spec.Target, capability is Capability.Withheld ? "the operator withholds it"
                : revoked ? Derivations.Gone
                : "the slot is not held, or is for something else");
        }

        if (state.Denials.Holds(process, capability))
        {
            return new Refusal(operation.Spec.Target, Denials.Refusal);
        }

        if (SendsTooMuch(process))
        {
            return new Refusal(operation.Spec.Target, "the event sends more than its limit");
        }

        return operation.Takes(arguments)
            ? null
            : new Refusal(operation.Spec.Target, "the arguments do not have their types");
    }

    private bool SendsTooMuch(Process process) => process.Agent.Spec.Limits.Sends < ++_sends;

    private Refusal? Spawn(Process process, ref EffectReader effect)
    {
        int index = effect.I32();
        long slot = effect.I64();
        var given = effect.Bytes();
        return state.Exits.Spawn(process, index, CapSlot.Of(slot), given);
    }

    private Refusal? Publish(Process process, ref EffectReader effect)
    {
        var capability = process.Caps.Find(CapSlot.Of(effect.I64()));
        var channel = effect.Bytes();
        var value = effect.Bytes();
        if (capability is not Capability.OfChannel { Channel: var place }
            || state.Router.Find(channel) is not { } route)
        {
            return new Refusal("", "the slot is not held, or the channel has no name");
        }

        var image = state.System.Channels[place];
        if (!route.Patterns[place])
        {
            return new Refusal(route.Channel, "the slot is for other channels");
        }

        if (state.Denials.Holds(process, capability))
        {
            return new Refusal(route.Channel, Denials.Refusal);
        }

        if (process.Agent.Narrowing?.MayPublish(image.Pattern.Text, route.Channel) == false)
        {
            return new Refusal(route.Channel, "the operator withholds it");
        }

        if (SendsTooMuch(process))
        {
            return new Refusal(route.Channel, "the event sends more than its limit");
        }

        if (!ValueEncoding.IsValid(image.Type, value))
        {
            return new Refusal(route.Channel, "the value does not have the channel's type");
        }

        bool taken = 0 < route.Receivers.Length + route.Elsewhere.Length;
        state.Outside.Published(process.Id, channel, image.Type, value, taken);
        string? refused = route.Elsewhere.Length == 0 && !process.SendsByLink
            ? null
            : state.Shards?.Departures.Publish(process, route, value);
        return (process.SendsByLink ? null : Spread(process, route, value))
            ?? (refused is null ? null : new Refusal(route.Channel, refused));
    }

    private Refusal? Spread(Process process, Router.Route route, ReadOnlySpan<byte> value)
    {
        if (route.HoldsSlots && 0 < route.Receivers.Length)
        {
            byte[] translated = value.ToArray();
            // It holds slots, so it is known.
            if (SlotTranslation.ToIds(route.Type!, translated, process.Caps) is { } reason)
            {
                return new Refusal(route.Channel, reason);
            }

            value = translated;
        }

        string? refused = null;
        var blobs = route.HoldsSlots ? BlobPlaces.HoldOf(route.Type!, value, state.Blobs) : null;
        foreach (var receiver in route.Receivers)
        {
            var payload = value;
            if (0 < receiver.Suffix.Length)
            {
                _scratch.Clear();
                _scratch.Bytes(value);
                _scratch.Bytes(receiver.Suffix);
                payload = _scratch.Written;
            }

            // Who refuses it does not keep it from the others.
            var mail = new Mail
            {
                Kind = MailKind.Message,
                Handler = receiver.Handler,
                Instant = state.Now.Instant,
                Arrived = state.Now.Monotonic,
                Blobs = blobs,
            };
            string? why = state.Link.Send(process, receiver.Process, mail, payload);
            refused ??= why;
        }

        return refused is null ? null : new Refusal(route.Channel, refused);
    }

    private Refusal? Log(Process process, ref EffectReader effect)
    {
        var entry = effect.Bytes();
        if (!ValueEncoding.IsValid(_entry, entry))
        {
            return new Refusal("", "the entry does not decode");
        }

        state.Outside.Logged(process.Id, entry);
        return null;
    }

    private Refusal? Metric(Process process, ref EffectReader effect)
    {
        int metric = effect.I32();
        double value = effect.F64();
        if (!state.Metrics[process.Agent.ModuleIndex].TryReport(metric, value))
        {
            return new Refusal("", "there is no such metric, or the value is not finite");
        }

        state.Outside.Measured(process.Id, metric, value);
        return null;
    }

    // An ask that was neither answered nor passed on is answered by the kernel.
    private void Settle(Process process, in EventSource source, int index)
    {
        bool isAnswer = process.Batch.Kind == BatchKind.Answer && process.Batch.Prelude <= index;
        if (source.Ask != 0 && !_answered)
        {
            state.Asks.Fail(source.Ask, AskFailure.Malformed, "the handler gave no answer");
        }

        if (isAnswer && process.Waiting is null)
        {
            process.HeldAsk = 0;
        }
    }

    // Taking the answer ends the wait before the effects of the rest are carried out: it may ask again.
    private static EventSource SourceOf(Process process, int index)
    {
        var batch = process.Batch;
        if (index < batch.Prelude || batch.Kind is BatchKind.Birth or BatchKind.Start or BatchKind.Stop)
        {
            return new EventSource(0, process.Opened.Monotonic);
        }

        if (batch.Kind == BatchKind.Answer)
        {
            long arrived = process.Waiting?.Arrived ?? process.Opened.Monotonic;
            process.EndWait();
            return new EventSource(process.HeldAsk, arrived);
        }

        ref var mail = ref process.Mail.At(batch.Kind == BatchKind.Lines ? 0 : index - batch.Prelude);
        return new EventSource(mail.Ask, mail.Arrived);
    }

    /// <param name="Ask">The ask that the event is, or that its handler still has to answer; zero for none.</param>
    /// <param name="Monotonic">The clock that timers of the event count from.</param>
    private readonly record struct EventSource(long Ask, long Monotonic);
}
