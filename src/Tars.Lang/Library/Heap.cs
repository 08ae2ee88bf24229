using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>The heap of a compiled module: blocks in size classes that are taken, freed and reused.</summary>
/// <remarks>
/// A block is eight bytes of header, then what it holds. The header is the stamp (the number of the event that made or
/// saved the block), shifted left by eight, and the size class: 16, 24, 32, 48, 64, 96, … bytes with the header.
///
/// Invariants:
///   I1  A block with the stamp of this event may be written and reused freely: undo restores it or forgets it.
///   I2  A block with an older stamp is saved by <see cref="Undo"/> before it is written or freed.
///   I3  A free block's first word is the next free block of its class. Taking an old one saves its header and link.
///   I4  The allocator's own fields are the first root of the state region, saved like a block.
/// </remarks>
internal sealed class Heap(ModuleWriter module)
{
    /// <summary>u32: where the heap goes on.</summary>
    public const int Next = 0;

    /// <summary>u32 for each: a further chunk of the undo log.</summary>
    public const int Chunks = 4;
    public const int ChunkCount = 17;

    /// <summary>u32 for each size class: its first free block.</summary>
    private const int Free = Chunks + (4 * ChunkCount);
    private const int ClassCount = 56;

    /// <summary>The allocator's fields.</summary>
    public static Root Allocator { get; } = new(0, (Free + (4 * ClassCount) + 7) & ~7);

    /// <summary>The number of this event, in a header's place.</summary>
    public static Term Stamp => Term.I32(MemoryMap.Stamp).Load64();

    /// <summary>The address of the allocator's fields.</summary>
    public Term Fields => Body.Late(() => module.StateBase + Allocator.Fields);

    private Undo Undo => new(module);

    /// <summary>(size) → a fresh block that holds at least that many bytes; they are not cleared.</summary>
    public Routine Allocate => module.Routine("heap.allocate", [ValType.I32], [ValType.I32], body =>
    {
        var size = body.Parameters[0];
        body.TrapIf(size.Above(Limits.BlockBytesMax), GuestTrap.OutOfMemory);
        var kind = body.I32(ClassOf.Call(size));
        Undo.TouchRoot(body, Allocator);
        var list = body.I32(Fields + (kind << 2));
        var block = body.I32(list.Load32(Free));
        body.If(block, () =>
        {
            body.If(Undo.IsOld(block), () => body.Call(Undo.Save, block - 8, 16)); // I3
            body.Store32(list, block.Load32(), Free);
            body.Store64(block - 8, Stamp | kind.ExtendUnsigned());
            body.Return(block);
        });
        body.Set(block, Extend.Call(SizeOf.Call(kind)));
        body.Store64(block, Stamp | kind.ExtendUnsigned());
        body.Push(block + 8);
    });

    /// <summary>(block): it may be taken again. Constants and 0 are left alone.</summary>
    public Routine Release => module.Routine("heap.release", [ValType.I32], [], body =>
    {
        var block = body.Parameters[0];
        body.If(block.Below(Body.Late(() => module.StateBase)), () => body.Return());
        Undo.Touch(body, block); // I2
        Undo.TouchRoot(body, Allocator);
        var list = body.I32(Fields + ((block - 8).Load8() << 2));
        body.Store32(block, list.Load32(Free));
        body.Store32(list, block, Free);
    });

    /// <summary>(block) → how many bytes it holds, header not counted.</summary>
    public Routine Capacity => module.Routine("heap.capacity", [ValType.I32], [ValType.I32], body =>
        body.Push(SizeOf.Call((body.Parameters[0] - 8).Load8()) - 8));

    /// <summary>(size) → address of so many fresh bytes at the heap's end, without header. Grows the memory.</summary>
    public Routine Extend => module.Routine("heap.extend", [ValType.I32], [ValType.I32], body =>
    {
        var size = body.Parameters[0];
        var at = body.I32(Fields.Load32(Next));
        var end = body.I32(at + size);
        body.If(end.Below(at) | end.Above(Term.I32(MemoryMap.HeapEnd).Load32()), () => body.Call(Grow, at, size));
        body.Store32(Fields, end, Next);
        body.Push(at);
    });

    /// <summary>(at, size): the memory reaches behind at + size, or the event is out of memory.</summary>
    private Routine Grow => module.Routine("heap.grow", [ValType.I32, ValType.I32], [], body =>
    {
        var at = body.Parameters[0];
        var wanted = body.I64(at.ExtendUnsigned() + body.Parameters[1].ExtendUnsigned() + (long)Limits.HeapMargin);
        var have = body.I32(PageCount());
        var missing = body.I32(((wanted + 0xFFFFL) >>> 16L).Wrap() - have);
        // A quarter more than there is, so that growing step by step stays cheap; what is missing, when that fails.
        var more = body.I32(Term.Select(missing > (have >>> 2), missing, have >>> 2));
        body.If(GrowBy(more).Is(-1), () => body.TrapIf(GrowBy(missing).Is(-1), GuestTrap.OutOfMemory));
        body.Set(have, PageCount());
        // A memory of 4 GiB ends at an address that 32 bits do not hold.
        body.Set(have, Term.Select(have.AtLeast(0x10000), 0xFFFF, have));
        body.Store32(MemoryMap.HeapEnd, (have << 16) - Limits.HeapMargin);
        body.Store32(MemoryMap.Control, have << 16, ControlBlock.StateEnd);
    });

    private Routine ClassOf => module.Routine("heap.class", [ValType.I32], [ValType.I32], body =>
    {
        var last = body.I32(body.Parameters[0] + 7);
        body.If(last.Below(16), () => body.Return(0));
        var log = body.I32(31 - last.Get().LeadingZeros());
        // Between 2^log and the next power of two there are two classes.
        var upper = (last >>> (log - 1)) & 1;
        body.Push(((log - 4) << 1) + 1 + upper);
    });

    private Routine SizeOf => module.Routine("heap.size", [ValType.I32], [ValType.I32], body =>
    {
        var kind = body.Parameters[0];
        var odd = kind & 1;
        body.Push(Term.Select(odd, 24, 16) << ((kind - odd) >>> 1)); // 16, 24, 32, 48 …
    });

    private static Term PageCount() => Term.Of(ValType.I32, body => body.Code.MemorySize());

    private static Term GrowBy(Variable pages) => Term.Of(ValType.I32, body =>
    {
        body.Get(pages);
        body.Code.MemoryGrow();
    });
}
