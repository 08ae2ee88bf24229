using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Ipc;

/// <summary>
/// Asks that wait for an answer: opened at a commit, answered by a reply, a refusal, a time-out or an end.
/// </summary>
/// <remarks>
/// Invariants:
///   I1  Every ask is answered exactly once; a number that is not open any more is a late answer and is dropped.
/// </remarks>
internal sealed class Asks(KernelState state)
{
    private readonly Dictionary<long, Process> _open = [];
    private readonly ByteWriter _payload = new();
    private long _last;

    /// <summary>The first ask has the number behind this one, by as much as numbers go up.</summary>
    public void CountFrom(long last) => _last = last;

    /// <summary>
    /// A process asks and waits from now on. The time-out counts from now too, not from when the event came in: one
    /// that waited for its turn would find each of its asks too late before it was made.
    /// </summary>
    public PendingAsk Open(
        Process asker,
        ProcessId target,
        DeviceId? device,
        int continuation,
        OperationImage operation,
        long timeout)
    {
        _last += state.NumberStep;
        var ask = asker.Wait(_last, target, continuation, operation.Spec.Answer);
        ask.Device = device;
        _open.Add(ask.Number, asker);
        state.Waits.Begin(asker);
        if (0 < timeout)
        {
            state.Clock.SetTimeout(asker, timeout);
        }

        return ask;
    }

    /// <summary>The answer of a handler: a value or a Failure. Bytes that do not fit make it `malformed`.</summary>
    public void Reply(Process from, long number, int status, ReadOnlySpan<byte> answer)
    {
        if (number < 0)
        {
            state.OutsideAsks.Reply(number, status, answer);
            return;
        }

        if (state.Shards is { } shards && shards.IsOthers(number))
        {
            shards.Departures.Reply(from, number, status, answer);
            return;
        }

        if (!_open.TryGetValue(number, out var asker) || asker.Waiting is not { Payload: null } ask)
        {
            return; // I1
        }

        var type = status == 0 ? ask.Answer : BuiltInTypes.Failure;
        if (status is not (0 or 1) || !ValueEncoding.IsValid(type, answer))
        {
            Fail(number, AskFailure.Malformed, "the answer does not have its type");
            return;
        }

        _payload.Clear();
        _payload.U8((byte)status);
        _payload.Bytes(status == 0 ? answer : Declined(answer));
        if (status != 0 || !SlotPlaces.AnyIn(type))
        {
            Answer(asker, ask, _payload.Written);
            return;
        }

        byte[] translated = _payload.ToArray();
        if (Translate(type, translated.AsSpan(1), from, asker) is { } reason)
        {
            Fail(number, AskFailure.Malformed, reason);
            return;
        }

        Answer(asker, ask, translated);
    }

    /// <summary>
    /// Answers with a Failure of the kernel's own. Nothing happens for zero or an ask that is not open.
    /// </summary>
    public void Fail(long number, AskFailure kind, string detail)
    {
        if (number < 0)
        {
            state.OutsideAsks.Fail(number, kind, detail);
            return;
        }

        if (state.Shards is { } shards && shards.IsOthers(number))
        {
            shards.Departures.Fail(number, kind, detail);
            return;
        }

        if (number == 0 || !_open.TryGetValue(number, out var asker) || asker.Waiting is not { Payload: null } ask)
        {
            return; // I1
        }

        _payload.Clear();
        _payload.U8(1);
        _payload.U16((ushort)kind);
        _payload.Text(detail);
        Answer(asker, ask, _payload.Written);
    }

    /// <summary>The answer of a process of another shard: a status and a value or a Failure, with the kernel's ids.
    /// </summary>
    public void Arrive(long number, ReadOnlySpan<byte> payload)
    {
        if (!_open.TryGetValue(number, out var asker) || asker.Waiting is not { Payload: null } ask)
        {
            return; // I1
        }

        byte status = payload.IsEmpty ? byte.MaxValue : payload[0];
        var type = status == 0 ? ask.Answer : BuiltInTypes.Failure;
        byte[] taken = payload.ToArray();
        bool fits = status is 0 or 1 && ValueEncoding.IsValid(type, payload[1..]);
        if (!fits)
        {
            Fail(number, AskFailure.Malformed, "the answer does not have its type");
        }
        else if (!BlobPlaces.AreAllHere(type, payload[1..], state.Blobs))
        {
            Fail(number, AskFailure.Refused, Sharding.Arrivals.NoRoomForBlobs);
        }
        else if (SlotPlaces.AnyIn(type)
            && SlotTranslation.ToSlots(type, taken.AsSpan(1), asker.Caps) is { } reason)
        {
            Fail(number, AskFailure.Malformed, reason);
        }
        else
        {
            Answer(asker, ask, taken);
        }
    }

    /// <summary>A device answers. What it says is as little believed as what a guest says.</summary>
    public void Answer(long number, DeviceAnswer given)
    {
        // Only asks of devices have no process as their target; a number of another is the outside's mistake. // I1
        if (!_open.TryGetValue(number, out var asker) || asker.Waiting is not { Payload: null } ask
            || ask.Target != ProcessId.Outside)
        {
            return;
        }

        switch (given)
        {
            case DeviceAnswer.Failed failed:
                Fail(number, failed.Why, failed.Detail);
                break;
            case DeviceAnswer.Value value when ValueEncoding.IsValid(ask.Answer, value.Octets.AsSpan()):
                _payload.Clear();
                _payload.U8(0);
                _payload.Bytes(value.Octets.AsSpan());
                state.TookAnswer = true;
                Answer(asker, ask, _payload.Written);
                break;
            case DeviceAnswer.Value:
                Fail(number, AskFailure.Malformed, "the answer of the device does not have its type");
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The capability that a device is asked through allows it, as other shards say.</summary>
    public void Allowed(long number)
    {
        if (_open.TryGetValue(number, out var asker) && asker.Waiting is { Payload: null, Wish: { } wish } ask)
        {
            ask.Wish = null;
            ask.Call = wish;
            state.Outside.Asked(asker.Id, wish.Device, number, wish.Asked);
        }
    }

    public void TimeOut(Process asker)
    {
        if (asker.Waiting is { Payload: null } ask)
        {
            Fail(ask.Number, AskFailure.Timeout, "no answer in time");
        }
    }

    /// <summary>The asker ended or began anew: the answer will find nobody.</summary>
    public void Forget(Process asker)
    {
        if (asker.Waiting is { } ask)
        {
            _open.Remove(ask.Number);
            asker.EndWait();
        }

        state.Clock.CancelTimeout(asker);
    }

    /// <summary>A process has come from another shard, with what it waits for.</summary>
    public void Adopt(Process asker)
    {
        if (asker.Waiting is { Payload: null } ask)
        {
            _open[ask.Number] = asker;
        }
    }

    /// <summary>A process has gone to another shard: its answer comes there.</summary>
    public void Release(Process asker)
    {
        if (asker.Waiting is { } ask)
        {
            _open.Remove(ask.Number);
        }
    }

    /// <summary>Whoever waits for this process waits for nothing: it ended.</summary>
    public void FailAllOf(Process target)
    {
        foreach (var (number, asker) in _open.ToArray().OrderBy(one => one.Key))
        {
            if (asker.Waiting?.Target == target.Id)
            {
                Fail(number, AskFailure.Gone, "the process has ended");
            }
        }
    }

    /// <summary>Which asks are open is known by who waits for an answer.</summary>
    public void Save(ByteWriter output) => output.I64(_last);

    public bool Load(ref ByteReader input)
    {
        _last = input.I64();
        foreach (var process in state.Processes.Values)
        {
            if (process.Waiting is { Payload: null } ask
                && (IsUnasked(ask.Number) || !_open.TryAdd(ask.Number, process)))
            {
                return false;
            }
        }

        return true;
    }

    // Who has come from another shard waits under a number of that one.
    private bool IsUnasked(long number) => _last < number
        && (state.Shards is not { } shards || shards.Plan.ShardOfNumber(number) == shards.Own);

    private void Answer(Process asker, PendingAsk ask, ReadOnlySpan<byte> payload)
    {
        _open.Remove(ask.Number);
        state.Clock.CancelTimeout(asker);
        ask.Take(payload);
        ask.Instant = state.Now.Instant;
        ask.Arrived = state.Now.Monotonic;
        state.Wake(asker);
    }

    private static string? Translate(SchemaType type, Span<byte> value, Process from, Process to) =>
        SlotTranslation.ToIds(type, value, from.Caps) ?? SlotTranslation.ToSlots(type, value, to.Caps);

    /// <summary>
    /// A Failure with which a handler declines, as its asker hears of it. A handler may not claim what only the kernel
    /// knows; one that hands on what it was told itself, a time-out say, could not do what it was asked for: that is
    /// `unavailable`, and the detail keeps the kind.
    /// </summary>
    /// <param name="failure">Valid as a Failure.</param>
    public static ReadOnlySpan<byte> Declined(ReadOnlySpan<byte> failure)
    {
        var reader = new ByteReader(failure);
        ushort kind = reader.U16();
        if ((AskFailure)kind is AskFailure.Refused or AskFailure.Unavailable or AskFailure.Malformed)
        {
            return failure;
        }

        var declined = new ByteWriter();
        declined.U16((ushort)AskFailure.Unavailable);
        declined.Text($"{BuiltInTypes.FailureKind.Cases[kind].Name}: {reader.Text()}");
        return declined.Written;
    }
}
