using System.Buffers.Binary;
using Tars.Bundle.Abi;
using Tars.Bundle.Schema;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Kernel.Ports;

namespace Tars.Host.Oracle;

/// <summary>Writes a guest's host calls into the effect ring in its memory, as docs/abi.md says.</summary>
/// <remarks>Invariant: nothing is written unless the whole record fits and every argument lies inside the
/// memory.</remarks>
internal sealed class OracleHostCalls(ValidatedModule module)
{
    private int _next;

    /// <summary>Whose calls they are; null while it is made.</summary>
    public OracleInstance? Instance { get; set; }

    /// <summary>Of the instance.</summary>
    public int ControlAddress { get; set; }

    /// <summary>Set when a host call was what ended the guest's call.</summary>
    public FaultKind? Fault { get; set; }

    /// <summary>The function for the next import; the module's shape says that all are host calls.</summary>
    public OracleExtern Next(Import import)
    {
        var row = GuestShape.HostCallOf(module.Module, import)!;
        var type = module.FunctionTypes[_next++];
        return new OracleExtern.OfFunc(new OracleFunction.Host(type, (arguments, _) => Call(row, arguments)));
    }

    private WasmTrap? Call(HostCallRow row, ReadOnlySpan<Value> arguments)
    {
        Fault = Instance is null ? FaultKind.BadHostCall : Write(Instance.Memory!.Bytes, row, arguments);
        return Fault is null ? null : WasmTrap.Unreachable;
    }

    private FaultKind? Write(Span<byte> memory, HostCallRow row, ReadOnlySpan<Value> arguments)
    {
        if (!Inside(memory, (uint)ControlAddress, ControlBlock.Size))
        {
            return FaultKind.BadHostCall;
        }

        var block = memory.Slice(ControlAddress, ControlBlock.Size);
        uint ring = Field(block, ControlBlock.EffectsBase);
        uint ringSize = Field(block, ControlBlock.EffectsSize);
        uint used = Field(block, ControlBlock.EffectsUsed);
        long size = SizeOf(memory, row, arguments);
        if (!Inside(memory, ring, ringSize) || size < 0)
        {
            return FaultKind.BadHostCall;
        }

        if (ringSize < used + size)
        {
            return FaultKind.EffectsFull;
        }

        var record = memory.Slice((int)(ring + used), (int)size);
        BinaryPrimitives.WriteUInt32LittleEndian(record[EffectRecord.Size..], (uint)size);
        BinaryPrimitives.WriteUInt32LittleEndian(record[EffectRecord.Call..], (uint)row.Call);
        BinaryPrimitives.WriteUInt32LittleEndian(
            record[EffectRecord.Event..], Field(block, ControlBlock.EventsCommitted));
        BinaryPrimitives.WriteUInt32LittleEndian(record[EffectRecord.Reserved2..], 0);
        WriteArguments(memory, row, arguments, record[EffectRecord.Arguments..]);
        BinaryPrimitives.WriteUInt32LittleEndian(block[ControlBlock.EffectsUsed..], used + (uint)size);
        return null;
    }

    // Less than zero when an argument lies outside the memory.
    private static long SizeOf(ReadOnlySpan<byte> memory, HostCallRow row, ReadOnlySpan<Value> arguments)
    {
        long size = EffectRecord.Arguments;
        int place = 0;
        foreach (var argument in row.Arguments)
        {
            size += 8;
            if (argument.Kind is HostArgumentKind.Bytes)
            {
                uint count = arguments[place + 1].U32;
                if (!Inside(memory, arguments[place].U32, count))
                {
                    return -1;
                }

                size += Padded(count);
                place++;
            }

            place++;
        }

        return size;
    }

    private static void WriteArguments(
        Span<byte> memory, HostCallRow row, ReadOnlySpan<Value> arguments, Span<byte> to)
    {
        int place = 0;
        foreach (var argument in row.Arguments)
        {
            var value = arguments[place++];
            switch (argument.Kind)
            {
                case HostArgumentKind.I32:
                    BinaryPrimitives.WriteUInt64LittleEndian(to, value.U32);
                    break;
                case HostArgumentKind.I64:
                    BinaryPrimitives.WriteInt64LittleEndian(to, value.I64);
                    break;
                case HostArgumentKind.F64:
                    double number = value.F64;
                    long bits = double.IsNaN(number)
                        ? ValueEncoding.CanonicalNaN
                        : BitConverter.DoubleToInt64Bits(number);
                    BinaryPrimitives.WriteInt64LittleEndian(to, bits);
                    break;
                case HostArgumentKind.Bytes:
                    uint count = arguments[place++].U32;
                    BinaryPrimitives.WriteUInt64LittleEndian(to, count);
                    memory.Slice((int)value.U32, (int)count).CopyTo(to[8..]);
                    to[(8 + (int)count)..(8 + (int)Padded(count))].Clear();
                    to = to[(int)Padded(count)..];
                    break;
            }

            to = to[8..];
        }
    }

    private static uint Field(ReadOnlySpan<byte> block, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[offset..]);

    private static bool Inside(ReadOnlySpan<byte> memory, uint at, uint count) => (long)at + count <= memory.Length;

    private static long Padded(uint count) => ((long)count + 7) & ~7L;
}
