using System.Buffers.Binary;
using System.Text;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Tests.Kernel;

/// <summary>One event as a scripted handler sees it, and the host calls that it may make.</summary>
internal sealed class ScriptedEvent
{
    private readonly ScriptedGuest _guest;
    private readonly int _start;
    private int _undo;

    public ScriptedEvent(ScriptedGuest guest, int start, long fuel)
    {
        _guest = guest;
        _start = start;
        FuelLeft = fuel;
    }

    public EventKind Kind => (EventKind)BinaryPrimitives.ReadUInt16LittleEndian(Record[EventRecord.Kind..]);

    public int Handler => BinaryPrimitives.ReadUInt16LittleEndian(Record[EventRecord.Handler..]);

    public long Instant => BinaryPrimitives.ReadInt64LittleEndian(Record[EventRecord.Instant..]);

    public long NextSlot => BinaryPrimitives.ReadInt64LittleEndian(Record[EventRecord.NextSlot..]);

    public int Turns => BinaryPrimitives.ReadInt32LittleEndian(Record[EventRecord.Turns..]);

    public ReadOnlySpan<byte> Payload =>
        Record.Slice(EventRecord.Payload, BinaryPrimitives.ReadInt32LittleEndian(Record[EventRecord.PayloadSize..]));

    public long FuelLeft { get; private set; }

    public bool EndsBatch { get; private set; }

    /// <summary>The whole record as it lies in the event ring.</summary>
    public ReadOnlySpan<byte> Record =>
        _guest.Memory.Slice(_start, BinaryPrimitives.ReadInt32LittleEndian(_guest.Memory[_start..]));

    /// <summary>The payload as one text.</summary>
    public string Text => new ByteReader(Payload).Text();

    public long this[int index]
    {
        get => _guest.Load(index);
        set => _guest.Store(index, value, ref _undo);
    }

    public void Burn(long fuel)
    {
        FuelLeft -= fuel;
        if (FuelLeft < 0)
        {
            throw new ScriptedTrap(FaultKind.OutOfFuel);
        }
    }

    public static void Fail(GuestTrap code = GuestTrap.AssertionFailed) =>
        throw new ScriptedTrap(FaultKind.Unreachable, code);

    /// <summary>Traps with the wish to be shown part of a blob.</summary>
    public void Want(long slot, long from, long count)
    {
        const int At = 4096 - BlobWish.Size; // The end of the effect ring.
        var wish = _guest.Memory.Slice(At, BlobWish.Size);
        BinaryPrimitives.WriteInt64LittleEndian(wish[BlobWish.Slot..], slot);
        BinaryPrimitives.WriteInt64LittleEndian(wish[BlobWish.From..], from);
        BinaryPrimitives.WriteInt64LittleEndian(wish[BlobWish.Count..], count);
        _guest[ControlBlock.TrapTextBase] = At;
        _guest[ControlBlock.TrapTextSize] = BlobWish.Size;
        Fail(GuestTrap.BlobWanted);
    }

    public void Site(uint site) => _guest[ControlBlock.Site] = site;

    public void Publish(long slot, string channel, byte[] value) =>
        Call(HostCall.Publish, slot, Encoding.UTF8.GetBytes(channel), value);

    public void Send(long slot, int operation, byte[] arguments) => Call(HostCall.Send, slot, operation, arguments);

    public void Log(string text)
    {
        var entry = new ByteWriter();
        entry.Text(text);
        entry.U32(0);
        Call(HostCall.Log, entry.ToArray());
    }

    /// <summary>Writes one record into the effect ring, as an engine does.</summary>
    public void Call(HostCall call, params object[] arguments)
    {
        var record = new ByteWriter();
        record.U32(0);
        record.U16((ushort)call);
        record.U16(0);
        record.U32(_guest[ControlBlock.EventsCommitted]);
        record.U32(0);
        foreach (var argument in arguments)
        {
            if (argument is byte[] bytes)
            {
                record.I64(bytes.Length);
                record.Bytes(bytes);
                record.Align(8);
            }
            else
            {
                record.I64(argument is double number
                    ? BitConverter.DoubleToInt64Bits(number)
                    : Convert.ToInt64(argument, System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        record.PatchU32(0, (uint)record.Length);
        uint used = _guest[ControlBlock.EffectsUsed];
        if (_guest[ControlBlock.EffectsSize] < used + record.Length)
        {
            throw new ScriptedTrap(FaultKind.EffectsFull);
        }

        record.Written.CopyTo(_guest.Memory[(int)(_guest[ControlBlock.EffectsBase] + used)..]);
        _guest[ControlBlock.EffectsUsed] = used + (uint)record.Length;
        EndsBatch |= call is not (
            HostCall.Send or HostCall.Reply or HostCall.Publish or HostCall.Log or HostCall.Metric);
    }
}
