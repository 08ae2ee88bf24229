using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>
/// The buffer in which values are encoded: a fixed one, a wider one once that is full, then a block of the heap.
/// </summary>
internal sealed class Output(ModuleWriter module)
{
    private Heap Heap => new(module);

    private static Term At => Term.I32(MemoryMap.OutAt).Load32();

    private static Term Base => Term.I32(MemoryMap.OutBase).Load32();

    /// <summary>(size) → where the next so many bytes go.</summary>
    public Routine Room => module.Routine("output.room", [ValType.I32], [ValType.I32], body =>
    {
        var size = body.Parameters[0];
        body.If((Term.I32(MemoryMap.OutEnd).Load32() - At).Below(size), () => body.Call(Grow, size));
        var at = body.I32(At);
        body.Store32(MemoryMap.OutAt, at + size);
        body.Push(at);
    });

    /// <summary>The buffer is empty again. A block that it took is free again.</summary>
    /// <remarks>The check stands in place, as most buffers are the fixed one.</remarks>
    public void Reset(Body body)
    {
        body.If(Base.IsNot(MemoryMap.Scratch), () => body.Call(Release));
        body.Store32(MemoryMap.OutAt, MemoryMap.Scratch);
    }

    private Routine Release => module.Routine("output.release", [], [], body =>
    {
        body.Call(Heap.Release, Base);
        UseScratch(body);
    });

    /// <summary>(at, size): so many bytes are written.</summary>
    public Routine Bytes => module.Routine("output.bytes", [ValType.I32, ValType.I32], [], body =>
    {
        var size = body.Parameters[1];
        var to = body.I32(Room.Call(size));
        body.Copy(to, body.Parameters[0], size);
    });

    /// <summary>(text): its bytes are written, without a count.</summary>
    public Routine Text => module.Routine("output.text", [ValType.I64], [], body =>
        body.Call(Bytes, Texts.At(body.Parameters[0]), Texts.Size(body.Parameters[0])));

    /// <summary>(octet)</summary>
    public Routine Octet => module.Routine("output.octet", [ValType.I32], [], body =>
    {
        var to = body.I32(Room.Call(1));
        body.Store8(to, body.Parameters[0]);
    });

    public static void UseScratch(Body body)
    {
        body.Store32(MemoryMap.OutBase, MemoryMap.Scratch);
        body.Store32(MemoryMap.OutAt, MemoryMap.Scratch);
        body.Store32(MemoryMap.OutEnd, MemoryMap.Scratch + MemoryMap.ScratchSize);
    }

    private Routine Grow => module.Routine("output.grow", [ValType.I32], [], body =>
    {
        var used = body.I32(At - Base);
        var wanted = body.I64(used.ExtendUnsigned() + body.Parameters[0].ExtendUnsigned());
        body.If(Base.Is(MemoryMap.Scratch) & wanted.AtMost((long)MemoryMap.WideScratchSize), () =>
        {
            body.Copy(MemoryMap.WideScratch, Base, used);
            body.Store32(MemoryMap.OutBase, MemoryMap.WideScratch);
            body.Store32(MemoryMap.OutAt, used + MemoryMap.WideScratch);
            body.Store32(MemoryMap.OutEnd, MemoryMap.WideScratch + MemoryMap.WideScratchSize);
            body.Return();
        });
        // Doubling, so that writing byte by byte stays linear. Too much is refused by the heap.
        body.Set(wanted, Term.Select(wanted.Above((long)Limits.BlockBytesMax), 0xFFFF_FFFFL, wanted << 1L));
        var made = body.I32(Heap.Allocate.Call(wanted.Wrap()));
        body.Copy(made, Base, used);
        body.Call(Heap.Release, Base); // Which leaves the fixed ones alone.
        body.Store32(MemoryMap.OutBase, made);
        body.Store32(MemoryMap.OutAt, made + used);
        body.Store32(MemoryMap.OutEnd, made + Heap.Capacity.Call(made));
    });
}
