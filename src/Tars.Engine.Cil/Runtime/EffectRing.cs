using Tars.Bundle.Abi;
using Tars.Engine.Cil.Compiling;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Runtime;

/// <summary>Writes a host call into the effect ring of the guest, as docs/abi.md says (data plane).</summary>
/// <remarks>
/// Invariants:
///   I1  Nothing is written unless the whole record fits and every argument lies inside the memory.
///   I2  The control block is the guest's: each field is read once, and checked before it is used.
/// </remarks>
// SAFETY: memory and size are the base and current size of a linear memory. Every address is compared with the size
// in 64 bits before it is touched (Inside). Arguments come from the scratch of the state block, which has room for all.
internal static unsafe class EffectRing
{
    private const int BadCall = (int)FaultKind.BadHostCall + 1;
    private const int Full = (int)FaultKind.EffectsFull + 1;

    /// <summary>Writes the call whose arguments stand in the scratch of the state block.</summary>
    /// <returns>A status as in <see cref="Bulk"/>.</returns>
    public static int Write(nint state, nint memory, long size, int call)
    {
        var block = new MemoryState(state);
        uint control = (uint)block.Int(StateLayout.Control);
        if (!Inside(size, control, ControlBlock.Size))
        {
            return BadCall;
        }

        nint fields = memory + (nint)control;
        uint ring = Field(fields, ControlBlock.EffectsBase);
        uint ringSize = Field(fields, ControlBlock.EffectsSize);
        uint used = Field(fields, ControlBlock.EffectsUsed);
        var row = HostCalls.Find(call)!;
        long record = RecordSize(block, row, size);
        if (!Inside(size, ring, ringSize) || record < 0)
        {
            return BadCall;
        }

        if (ringSize < used + record)
        {
            return Full; // I1
        }

        uint committed = Field(fields, ControlBlock.EventsCommitted);
        nint at = memory + (nint)ring + (nint)used;
        *(uint*)(at + EffectRecord.Size) = (uint)record;
        *(uint*)(at + EffectRecord.Call) = (uint)call;
        *(uint*)(at + EffectRecord.Event) = committed;
        *(uint*)(at + EffectRecord.Reserved2) = 0;
        WriteArguments(block, row, memory, at + EffectRecord.Arguments);
        *(uint*)(fields + ControlBlock.EffectsUsed) = used + (uint)record;
        return Bulk.Fine;
    }

    /// <summary>The same for a call through a table, of which only the callee is known.</summary>
    public static void WriteOrThrow(nint state, int memoryOffset, int call, int function)
    {
        int status = Write(state, state + memoryOffset, new MemoryState(state).MemorySize, call);
        if (status != Bulk.Fine)
        {
            throw TrapException.Status(status, function, offset: -1);
        }
    }

    // Less than zero when an argument lies outside the memory.
    private static long RecordSize(MemoryState block, HostCallRow row, long size)
    {
        int end = row.Words + (2 * row.Octets);
        long record = EffectRecord.Arguments + (8L * (row.Words + row.Octets));
        for (int place = row.Words; place < end; place += 2)
        {
            uint count = Argument(block, place + 1);
            if (!Inside(size, Argument(block, place), count))
            {
                return -1;
            }

            record += Padded(count);
        }

        return record;
    }

    private static void WriteArguments(MemoryState block, HostCallRow row, nint memory, nint to)
    {
        for (int place = 0; place < row.Words; place++)
        {
            long word = block.Word(StateLayout.ScratchOf(place));
            *(long*)to = row.Arguments[place].Kind switch
            {
                HostArgumentKind.I32 => (uint)word,
                HostArgumentKind.F64 => BitConverter.DoubleToInt64Bits(
                    Numbers.Canonical(BitConverter.Int64BitsToDouble(word))),
                _ => word,
            };
            to += 8;
        }

        int end = row.Words + (2 * row.Octets);
        for (int place = row.Words; place < end; place += 2)
        {
            uint count = Argument(block, place + 1);
            *(ulong*)to = count;
            to += 8;
            Buffer.MemoryCopy((void*)(memory + (nint)Argument(block, place)), (void*)to, count, count);
            to += (nint)Padded(count);
            if (count % 8 != 0)
            {
                // The octets up to the next word are zero.
                *(ulong*)(to - 8) &= (1UL << (int)(8 * (count % 8))) - 1;
            }
        }
    }

    private static uint Argument(MemoryState block, int place) => (uint)block.Int(StateLayout.ScratchOf(place));

    private static uint Field(nint fields, int offset) => *(uint*)(fields + offset);

    private static bool Inside(long size, uint at, uint count) => (long)at + count <= size;

    private static long Padded(uint count) => ((long)count + 7) & ~7L;
}
