using System.Runtime.InteropServices;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Runtime;

/// <summary>Bulk memory instructions, called by generated code (data plane).</summary>
/// <remarks>
/// Each answers a status: 0, or a fault kind and one. A range is checked first, then its fuel is charged, then it
/// moves.
/// Addresses and sizes of a guest are 32 bits and the sums here 64, so none of them can wrap.
/// </remarks>
// SAFETY: memory and size are the base and current size of a linear memory; every range is compared with the size
// before it is touched, and a segment is read through its span.
internal static unsafe class Bulk
{
    public const int Fine = 0;

    private const int OutOfBounds = (int)FaultKind.MemoryOutOfBounds + 1;

    public static int MemoryFill(nint state, nint memory, long size, int to, int value, int count)
    {
        if (size < (long)(uint)to + (uint)count)
        {
            return OutOfBounds;
        }

        int status = ChargeBytes(state, (uint)count);
        if (status == Fine)
        {
            // SAFETY: the range was compared with the size above.
            NativeMemory.Fill((void*)(memory + (nint)(uint)to), (uint)count, (byte)value);
        }

        return status;
    }

    public static int MemoryCopy(nint state, nint memory, long size, int to, int from, int count)
    {
        if (size < (long)Math.Max((uint)to, (uint)from) + (uint)count)
        {
            return OutOfBounds;
        }

        int status = ChargeBytes(state, (uint)count);
        if (status == Fine)
        {
            Buffer.MemoryCopy(
                (void*)(memory + (nint)(uint)from), (void*)(memory + (nint)(uint)to), (uint)count, (uint)count);
        }

        return status;
    }

    public static int MemoryInit(nint state, nint memory, long size, int segment, int to, int from, int count)
    {
        var bytes = new MemoryState(state).Instance.DataSegment(segment).Span;
        if (bytes.Length < (long)(uint)from + (uint)count || size < (long)(uint)to + (uint)count)
        {
            return OutOfBounds;
        }

        int status = ChargeBytes(state, (uint)count);
        if (status == Fine)
        {
            bytes.Slice(from, count).CopyTo(new Span<byte>((void*)(memory + (nint)(uint)to), count));
        }

        return status;
    }

    public static void DataDrop(nint state, int segment) => new MemoryState(state).Instance.DropData(segment);

    /// <summary>The size before, in pages, or -1.</summary>
    public static int MemoryGrow(nint state, int pages) => new MemoryState(state).Instance.GrowMemory((uint)pages);

    /// <summary>
    /// Takes fuel while an instruction runs; the generated code reads the counter again afterwards.
    /// </summary>
    internal static int Charge(nint state, long fuel)
    {
        var block = new MemoryState(state);
        long left = block.Fuel - fuel;
        block.Fuel = left;
        return left < 0 ? (int)FaultKind.OutOfFuel + 1
            : left < block.Floor ? (int)FaultKind.Deadline + 1
            : Fine;
    }

    private static int ChargeBytes(nint state, uint count) =>
        count < 1 << Opcodes.BulkBytesPerFuelLog2 ? Fine : Charge(state, count >> Opcodes.BulkBytesPerFuelLog2);
}
