using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>The undo log of an event, in the form of docs/abi.md: what the host needs to take the event back.</summary>
/// <remarks>
/// Invariants:
///   I1  An entry counts only when the chunk's count says so, and that is stored after its bytes. So an event may stop
///       anywhere in here.
///   I2  Every chunk keeps room behind its end for the allocator's fields, so that taking a further chunk, which
///       changes them, always finds room to save them first.
///   I3  Chunks after the first belong to the heap and are listed among the allocator's fields; undo forgets those that
///       the event took.
/// </remarks>
internal sealed class Undo(ModuleWriter module)
{
    private const int ChunkHeader = 16;
    private const int EntryHeader = 8;
    private const int SecondChunkLog2 = 14;

    private static int Reserve => Heap.Allocator.Size + 8 + EntryHeader;

    private Heap Heap => new(module);

    /// <summary>Not zero when the block was not written in this event.</summary>
    public static Term IsOld(Term block) => ((block - 8).Load64() ^ Heap.Stamp).AtLeast(0x100L);

    /// <summary>
    /// The block's bytes are in the log, or need not be. The check stands in place, as most blocks are new.
    /// </summary>
    public void Touch(Body body, Term block) => body.If(IsOld(block), () => body.Call(TouchOld, block));

    /// <summary>The root's fields are in the log, or need not be.</summary>
    public void TouchRoot(Body body, Root root)
    {
        var header = Body.Late(() => module.StateBase + root.Offset);
        body.If((header.Load64() ^ Heap.Stamp).AtLeast(0x100L), () => body.Call(TouchOldRoot(root)));
    }

    /// <summary>(at, size): so many bytes, a multiple of 8, go to the log.</summary>
    public Routine Save => module.Routine("undo.save", [ValType.I32, ValType.I32], [], body =>
    {
        var size = body.Parameters[1];
        var end = Term.I32(MemoryMap.UndoAt).Load32() + size + EntryHeader;
        body.If(end.Above(Term.I32(MemoryMap.UndoEnd).Load32()), () => body.Call(OpenChunk, size));
        WriteEntry(body, body.Parameters[0], size);
    });

    private Routine TouchOldRoot(Root root) => module.Routine($"undo.root.{root.Offset}", [], [], body =>
    {
        var header = Body.Late(() => module.StateBase + root.Offset);
        body.Call(Save, header, Body.Late(() => root.Size + 8));
        body.Store64(header, Heap.Stamp);
    });

    private Routine TouchOld => module.Routine("undo.touch_old", [ValType.I32], [], body =>
    {
        var block = body.Parameters[0];
        body.Call(Save, block - 8, Heap.Capacity.Call(block) + 8);
        body.Store64(block - 8, Heap.Stamp | (block - 8).Load8().ExtendUnsigned());
    });

    private static void WriteEntry(Body body, Variable from, Variable size)
    {
        var at = body.I32(Term.I32(MemoryMap.UndoAt).Load32());
        body.Store32(at, from);
        body.Store32(at, size, 4);
        body.Copy(at + EntryHeader, from, size);
        body.Set(at, at + EntryHeader + size);
        body.Store32(MemoryMap.UndoAt, at);
        var chunk = Term.I32(MemoryMap.Control).Load32(ControlBlock.UndoHead);
        body.Store32(chunk, at - chunk - ChunkHeader, 4); // I1
    }

    /// <summary>(size): there is a newest chunk with room for an entry of so many bytes.</summary>
    private Routine OpenChunk => module.Routine("undo.open", [ValType.I32], [], body =>
    {
        var needed = body.I32(body.Parameters[0] + ChunkHeader + EntryHeader + Reserve);
        var chunk = body.I32();
        var size = body.I32();
        body.If(!Term.I32(MemoryMap.Control).Load32(ControlBlock.UndoHead), () =>
        {
            Link(body, MemoryMap.FirstChunk, MemoryMap.FirstChunkSize);
            body.If(needed.AtMost(MemoryMap.FirstChunkSize), () => body.Return());
        });
        var place = body.I32(Term.I32(MemoryMap.UndoChunks).Load32());
        body.Set(size, Term.I32(1 << SecondChunkLog2) << place);
        body.While(size.Below(needed), () =>
        {
            body.Set(size, size << 1);
            body.Set(place, place + 1);
        });
        body.TrapIf(place.AtLeast(Heap.ChunkCount), GuestTrap.OutOfMemory);
        body.Store32(MemoryMap.UndoChunks, place + 1);
        var slot = body.I32(Heap.Fields + (place << 2));
        body.Set(chunk, slot.Load32(Heap.Chunks));
        body.If(!chunk, () =>
        {
            SaveAllocatorInReserve(body); // I2
            body.Set(chunk, Heap.Extend.Call(size));
            body.Store32(slot, chunk, Heap.Chunks); // I3
        });
        Link(body, chunk, size);
    });

    private void SaveAllocatorInReserve(Body body)
    {
        var header = Body.Late(() => module.StateBase + Heap.Allocator.Offset);
        body.If((header.Load64() ^ Heap.Stamp).AtLeast(0x100L), () =>
        {
            WriteEntry(body, body.I32(header), body.I32(Heap.Allocator.Size + 8));
            body.Store64(header, Heap.Stamp);
        });
    }

    private static void Link(Body body, Term chunk, Term size)
    {
        var control = Term.I32(MemoryMap.Control);
        body.Store32(chunk, control.Load32(ControlBlock.UndoHead));
        body.Store32(chunk, 0, 4);
        body.Store32(chunk, control.Load32(ControlBlock.EventsCommitted), 8);
        body.Store32(chunk, 0, 12);
        body.Store32(control, chunk, ControlBlock.UndoHead);
        body.Store32(MemoryMap.UndoAt, chunk + ChunkHeader);
        body.Store32(MemoryMap.UndoEnd, chunk + size - Reserve);
    }
}
