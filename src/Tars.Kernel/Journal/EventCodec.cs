using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>The octets of a kernel's events. Reading believes nothing and never throws.</summary>
/// <remarks>
/// To add an event: a row in <see cref="EventTag"/> and in TagOf, an arm in Write and in Read, a line in
/// docs/journal.md, and one of it among the samples of the tests.
/// </remarks>
internal static class EventCodec
{
    private enum EventTag : byte
    {
        Boot = 1,
        Turn = 2,
        DeviceLines = 3,
        ChannelLines = 4,
        DeviceInput = 5,
        Message = 6,
        SetParam = 7,
        GuestDone = 8,
        Stop = 9,
        Look = 10,
        Answer = 11,
        Ask = 12,
        Request = 13,
        Crash = 14,
        Swap = 15,
        SetParamFor = 16,
        Grant = 17,
        Revoke = 18,
        DeliverDead = 19,
        DropDead = 20,
        StopProcess = 21,
        FromShard = 22,
        Pause = 23,
        MoveOut = 24,
        MoveIn = 25,
        SwapHere = 26,
        SwapElsewhere = 27,
    }

    /// <summary>What Write does for a <see cref="KernelEvent.Turn"/>, without one.</summary>
    public static void WriteTurn(ByteWriter output, Moment at) => WriteHead(output, EventTag.Turn, at);

    public static void Write(ByteWriter output, KernelEvent happened)
    {
        WriteHead(output, TagOf(happened), happened.At);
        switch (happened)
        {
            case KernelEvent.Boot boot:
                output.U64(boot.Seed);
                break;
            case KernelEvent.DeviceLines lines:
                output.U32((uint)lines.Device.Value);
                LineBatchCodec.Write(output, lines.Batch);
                break;
            case KernelEvent.ChannelLines lines:
                output.Text(lines.Channel);
                LineBatchCodec.Write(output, lines.Batch);
                break;
            case KernelEvent.DeviceInput input:
                output.U32((uint)input.Device.Value);
                output.Bytes(input.Value.AsSpan());
                break;
            case KernelEvent.Message message:
                output.Text(message.Channel);
                output.Bytes(message.Value.AsSpan());
                break;
            case KernelEvent.GuestDone done:
                output.I64(done.Process.Value);
                Write(output, done.Result);
                break;
            case KernelEvent.Look look:
                output.I64(look.Process.Value);
                break;
            case KernelEvent.FromShard mail:
                output.U32((uint)mail.Shard);
                output.I64(mail.Sequence);
                output.Bytes(mail.Records.AsSpan());
                break;
            case KernelEvent.Pause pause:
                output.U8(pause.Stands ? (byte)1 : (byte)0);
                break;
            case KernelEvent.MoveOut leaves:
                output.U32((uint)leaves.Module);
                break;
            case KernelEvent.MoveIn comes:
                output.U32((uint)comes.Module);
                output.U32((uint)comes.Shard);
                output.Bytes(comes.Package.AsSpan());
                break;
            case KernelEvent.Turn or KernelEvent.Stop:
                break;
            case KernelEvent.Swap swap:
                SwapCodec.Write(output, swap);
                break;
            case KernelEvent.SwapHere or KernelEvent.SwapElsewhere:
                SwapCodec.WriteStep(output, happened);
                break;
            case KernelEvent.Answer or KernelEvent.Ask or KernelEvent.Request or KernelEvent.Crash:
                WriteAsk(output, happened);
                break;
            default:
                OperatorCodec.Write(output, happened);
                break;
        }
    }

    /// <summary>The event that the rest of the reader's octets are, or null.</summary>
    public static KernelEvent? Read(ref ByteReader input)
    {
        var tag = (EventTag)input.U8();
        var at = new Moment(input.I64(), input.I64());
        KernelEvent? happened = tag switch
        {
            EventTag.Boot => new KernelEvent.Boot(at, input.U64()),
            EventTag.Turn => new KernelEvent.Turn(at),
            EventTag.DeviceLines => ReadDeviceLines(at, ref input),
            EventTag.ChannelLines => ReadChannelLines(at, ref input),
            EventTag.DeviceInput => new KernelEvent.DeviceInput(at, ReadDevice(ref input), ReadRest(ref input)),
            EventTag.Message => new KernelEvent.Message(at, input.Text(), ReadRest(ref input)),
            EventTag.SetParam => OperatorCodec.ReadSet(at, ref input, isForATime: false),
            EventTag.SetParamFor => OperatorCodec.ReadSet(at, ref input, isForATime: true),
            EventTag.Grant => OperatorCodec.ReadGrant(at, ref input),
            EventTag.Revoke => OperatorCodec.ReadRevoke(at, ref input),
            EventTag.DeliverDead => new KernelEvent.DeliverDead(at, input.I64()),
            EventTag.DropDead => new KernelEvent.DropDead(at, input.I64()),
            EventTag.StopProcess => new KernelEvent.StopProcess(at, new ProcessId(input.I64())),
            EventTag.GuestDone => new KernelEvent.GuestDone(at, new ProcessId(input.I64()), ReadResult(ref input)),
            EventTag.FromShard => new KernelEvent.FromShard(
                at, (int)input.U32(), input.I64(), ReadRest(ref input)),
            EventTag.Pause => new KernelEvent.Pause(at, JournalCodec.ReadFlag(ref input)),
            EventTag.MoveOut => new KernelEvent.MoveOut(at, (int)input.U32()),
            EventTag.MoveIn => new KernelEvent.MoveIn(at, (int)input.U32(), (int)input.U32(), ReadRest(ref input)),
            EventTag.Stop => new KernelEvent.Stop(at),
            EventTag.Look => new KernelEvent.Look(at, new ProcessId(input.I64())),
            EventTag.Answer => new KernelEvent.Answer(at, input.I64(), ReadAnswer(ref input)),
            EventTag.Ask => new KernelEvent.Ask(
                at, input.I64(), input.Text(), input.Text(), input.Text(), ReadRest(ref input)),
            EventTag.Request => new KernelEvent.Request(at, input.I64(), input.Text(), ReadRest(ref input)),
            EventTag.Crash => new KernelEvent.Crash(at, input.Text(), input.Text()),
            EventTag.Swap => SwapCodec.Read(at, ref input),
            EventTag.SwapHere => SwapCodec.ReadHere(at, ref input),
            EventTag.SwapElsewhere => SwapCodec.ReadElsewhere(at, ref input),
            _ => null, // A number from outside.
        };
        return input.Failed || !input.AtEnd ? null : happened;
    }

    private static EventTag TagOf(KernelEvent happened) => happened switch
    {
        KernelEvent.Boot => EventTag.Boot,
        KernelEvent.Turn => EventTag.Turn,
        KernelEvent.DeviceLines => EventTag.DeviceLines,
        KernelEvent.ChannelLines => EventTag.ChannelLines,
        KernelEvent.DeviceInput => EventTag.DeviceInput,
        KernelEvent.Message => EventTag.Message,
        KernelEvent.SetParam { Until: null } => EventTag.SetParam,
        KernelEvent.SetParam => EventTag.SetParamFor,
        KernelEvent.Grant => EventTag.Grant,
        KernelEvent.Revoke => EventTag.Revoke,
        KernelEvent.DeliverDead => EventTag.DeliverDead,
        KernelEvent.DropDead => EventTag.DropDead,
        KernelEvent.StopProcess => EventTag.StopProcess,
        KernelEvent.GuestDone => EventTag.GuestDone,
        KernelEvent.FromShard => EventTag.FromShard,
        KernelEvent.Pause => EventTag.Pause,
        KernelEvent.MoveOut => EventTag.MoveOut,
        KernelEvent.MoveIn => EventTag.MoveIn,
        KernelEvent.Stop => EventTag.Stop,
        KernelEvent.Look => EventTag.Look,
        KernelEvent.Answer => EventTag.Answer,
        KernelEvent.Ask => EventTag.Ask,
        KernelEvent.Request => EventTag.Request,
        KernelEvent.Crash => EventTag.Crash,
        KernelEvent.Swap => EventTag.Swap,
        KernelEvent.SwapHere => EventTag.SwapHere,
        KernelEvent.SwapElsewhere => EventTag.SwapElsewhere,
        _ => throw new UnreachableException(),
    };

    private static void WriteHead(ByteWriter output, EventTag tag, Moment at)
    {
        output.U8((byte)tag);
        output.I64(at.Instant);
        output.I64(at.Monotonic);
    }

    private static void WriteAsk(ByteWriter output, KernelEvent happened)
    {
        switch (happened)
        {
            case KernelEvent.Answer answer:
                output.I64(answer.Number);
                Write(output, answer.Given);
                break;
            case KernelEvent.Ask ask:
                output.I64(ask.Number);
                output.Text(ask.Module);
                output.Text(ask.Agent);
                output.Text(ask.Name);
                output.Bytes(ask.Arguments.AsSpan());
                break;
            case KernelEvent.Request request:
                output.I64(request.Number);
                output.Text(request.Module);
                output.Bytes(request.Value.AsSpan());
                break;
            case KernelEvent.Crash crash:
                output.Text(crash.Module);
                output.Text(crash.Agent);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static KernelEvent.DeviceLines? ReadDeviceLines(Moment at, ref ByteReader input)
    {
        var device = ReadDevice(ref input);
        return LineBatchCodec.Read(ref input) is { } lines ? new KernelEvent.DeviceLines(at, device, lines) : null;
    }

    private static KernelEvent.ChannelLines? ReadChannelLines(Moment at, ref ByteReader input)
    {
        string channel = input.Text();
        return LineBatchCodec.Read(ref input) is { } lines ? new KernelEvent.ChannelLines(at, channel, lines) : null;
    }

    private static DeviceId ReadDevice(ref ByteReader input)
    {
        uint device = input.U32();
        if (int.MaxValue < device)
        {
            input.Fail();
        }

        return new DeviceId((int)device);
    }

    private static ImmutableArray<byte> ReadRest(ref ByteReader input) => [.. input.Bytes(input.Remaining)];

    private static void Write(ByteWriter output, DeviceAnswer given)
    {
        switch (given)
        {
            case DeviceAnswer.Value value:
                output.U8(0);
                output.Bytes(value.Octets.AsSpan());
                break;
            case DeviceAnswer.Failed failed:
                output.U8(1);
                output.U16((ushort)failed.Why);
                output.Text(failed.Detail);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static DeviceAnswer ReadAnswer(ref ByteReader input)
    {
        byte tag = input.U8();
        if (tag == 0)
        {
            return new DeviceAnswer.Value(ReadRest(ref input));
        }

        var why = (AskFailure)input.U16();
        if (tag != 1 || !Enum.IsDefined(why))
        {
            input.Fail();
        }

        return new DeviceAnswer.Failed(why, input.Text());
    }

    private static void Write(ByteWriter output, GuestResult result)
    {
        output.I64(result.FuelUsed);
        output.U8(result.Fault is null ? (byte)0 : (byte)1);
        if (result.Fault is { } fault)
        {
            output.U8((byte)fault.Kind);
            output.I64(fault.Function);
            output.I64(fault.Offset);
        }
    }

    private static GuestResult ReadResult(ref ByteReader input)
    {
        long fuel = input.I64();
        byte hasFault = input.U8();
        if (hasFault == 0)
        {
            return new GuestResult(fuel, Fault: null);
        }

        var kind = (FaultKind)input.U8();
        long function = input.I64();
        long offset = input.I64();
        bool fits = hasFault == 1 && Enum.IsDefined(kind) && -1 <= function && function <= int.MaxValue
            && -1 <= offset && offset <= int.MaxValue;
        if (!fits)
        {
            input.Fail();
        }

        return new GuestResult(fuel, new GuestFault(kind, (int)function, (int)offset));
    }
}
