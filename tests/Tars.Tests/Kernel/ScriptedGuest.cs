using System.Buffers.Binary;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Tests.Kernel;

/// <summary>
/// A guest whose handlers are C# and which otherwise follows ABI v1 over an array of bytes: a test double.
/// </summary>
/// <remarks>
/// Its state is 32 integers, kept in its memory and covered by an undo log. A test may also let it write what it likes,
/// to see that the kernel believes nothing.
/// </remarks>
internal sealed class ScriptedGuest : IGuest
{
    public const int Control = 64;
    public const int State = 256;
    public const int StateEnd = 512;
    private const int UndoArea = 512;
    private const int UndoEnd = 2048;
    private const int Effects = 2048;
    private const int EffectsSize = 2048;
    private const int Events = 4096;

    private readonly Action<ScriptedEvent> _script;
    private byte[] _memory = new byte[8192];

    public ScriptedGuest(Action<ScriptedEvent> script, bool keepsUndoLog = true, int eventsSize = 1024)
    {
        _script = script;
        this[ControlBlock.Version] = ControlBlock.AbiVersion;
        this[ControlBlock.EventsBase] = Events;
        this[ControlBlock.EventsSize] = (uint)eventsSize;
        this[ControlBlock.EffectsBase] = Effects;
        this[ControlBlock.EffectsSize] = EffectsSize;
        this[ControlBlock.StateBase] = State;
        this[ControlBlock.StateEnd] = StateEnd;
        this[ControlBlock.Flags] = keepsUndoLog ? ControlBlock.KeepsUndoLog : 0;
    }

    public Span<byte> Memory => _memory;

    public int ControlAddress { get; set; } = Control;

    /// <summary>Called after each run, before the kernel looks: the place for a hostile hand.</summary>
    public Action<ScriptedGuest>? Afterwards { get; set; }

    public uint this[int field]
    {
        get => BinaryPrimitives.ReadUInt32LittleEndian(_memory.AsSpan(Control + field));
        set => BinaryPrimitives.WriteUInt32LittleEndian(_memory.AsSpan(Control + field), value);
    }

    public StartAnswer Start(GuestCall call)
    {
        var result = call.Entry == GuestEntry.Reserve ? Reserve(call) : Run(call);
        Afterwards?.Invoke(this);
        return StartAnswer.Done(result);
    }

    public void Abort()
    {
    }

    public void Forget(int address, int size) => Memory.Slice(address, size).Clear();

    public GuestState Save() => new(_memory.Length, [new GuestPage(0, _memory.ToArray())], [], [], [], []);

    public void Restore(GuestState state)
    {
        _memory = new byte[state.MemorySize];
        foreach (var page in state.Pages)
        {
            page.Bytes.Span.CopyTo(_memory.AsSpan((int)page.Address));
        }
    }

    public void Dispose()
    {
    }

    private GuestResult Reserve(GuestCall call)
    {
        if (1 << 20 < call.Argument)
        {
            return new GuestResult(1, new GuestFault(FaultKind.Unreachable));
        }

        int start = _memory.Length;
        Array.Resize(ref _memory, start + ((call.Argument + 4095) & ~4095));
        this[ControlBlock.EventsBase] = (uint)start;
        this[ControlBlock.EventsSize] = (uint)call.Argument;
        return new GuestResult(1, Fault: null);
    }

    private GuestResult Run(GuestCall call)
    {
        long fuel = call.Fuel;
        int at = 0;
        while (at < call.Argument)
        {
            int start = (int)this[ControlBlock.EventsBase] + at;
            var happened = new ScriptedEvent(this, start, fuel);
            at += BinaryPrimitives.ReadInt32LittleEndian(_memory.AsSpan(start));
            try
            {
                happened.Burn(10);
                _script(happened);
            }
            catch (ScriptedTrap trap)
            {
                this[ControlBlock.TrapCode] = (uint)trap.Code;
                return new GuestResult(call.Fuel - Math.Max(0, happened.FuelLeft), new GuestFault(trap.Kind));
            }

            fuel = happened.FuelLeft;
            this[ControlBlock.EffectsCommitted] = this[ControlBlock.EffectsUsed];
            this[ControlBlock.EventsCommitted]++;
            this[ControlBlock.UndoHead] = 0;
            if (happened.EndsBatch)
            {
                break;
            }
        }

        return new GuestResult(call.Fuel - fuel, Fault: null);
    }

    /// <summary>Reads an integer of the state.</summary>
    internal long Load(int index) => BinaryPrimitives.ReadInt64LittleEndian(_memory.AsSpan(State + (8 * index)));

    /// <summary>Writes one, its old value saved in a chunk of the undo log first.</summary>
    internal void Store(int index, long value, ref int undo)
    {
        if (UndoArea + undo + 32 <= UndoEnd)
        {
            var chunk = _memory.AsSpan(UndoArea + undo);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk, this[ControlBlock.UndoHead]);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[4..], 16);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[8..], this[ControlBlock.EventsCommitted]);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[12..], 0);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[16..], (uint)(State + (8 * index)));
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[20..], 8);
            BinaryPrimitives.WriteInt64LittleEndian(chunk[24..], Load(index));
            this[ControlBlock.UndoHead] = (uint)(UndoArea + undo);
            undo += 32;
        }

        BinaryPrimitives.WriteInt64LittleEndian(_memory.AsSpan(State + (8 * index)), value);
    }
}
