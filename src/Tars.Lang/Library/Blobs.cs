using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>Blobs: octets that the kernel holds, of which an event sees what windows show.</summary>
/// <remarks>
/// A window is the record of an event Blob, or a block laid out like one with what this event made a blob of. The
/// newest is in a cell; each links the one before it where a record has its turns. Reading what no window shows is a
/// trap that tells the kernel what is wanted; the event then begins again behind a window on it.
///
/// Invariants:
///   I1  No window outlives its batch.
///   I2  The octets of a blob that this event made stay as they are until the kernel has taken them: their block is
///       freed at the very end of the event, which changes its first word alone, and the batch ends behind it.
/// </remarks>
internal sealed class Blobs(ModuleWriter module)
{
    private const int Before = EventRecord.Turns;
    private const int Slot = EventRecord.Payload + BlobPart.Slot;
    private const int Length = EventRecord.Payload + BlobPart.Length;
    private const int From = EventRecord.Payload + BlobPart.From;
    private const int Count = EventRecord.Payload + BlobPart.Count;
    private const int Octets = EventRecord.Payload + BlobPart.Octets;

    private Lists Lists => new(module);

    private Heap Heap => new(module);

    private static Term Windows => Term.I32(MemoryMap.Windows).Load32();

    private static Term Made => Term.I32(MemoryMap.MadeBlobs).Load32();

    /// <summary>True when code asked for one of the routines, once all code is written.</summary>
    public bool AreUsed { get; private set; }

    /// <summary>(slot) → how many octets the blob has</summary>
    public Routine LengthOf => Reader("blob.len", [ValType.I64], ValType.I64, body =>
    {
        var slot = body.Parameters[0];
        EachWindow(body, slot, window => body.Return(window.Load64(Length)));
        Want(body, slot, 0L, 0L);
    });

    /// <summary>(slot, at, n) → so many octets from that index on; traps when the blob does not have them.</summary>
    public Routine Read => Reader("blob.read", [ValType.I64, ValType.I64, ValType.I64], ValType.I32, body =>
    {
        var (slot, at, count) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        EachWindow(body, slot, window =>
        {
            var length = window.Load64(Length);
            body.TrapIf(at.Above(length) | count.Above(length - at), GuestTrap.IndexOutOfRange);
            var offset = body.I64(at - window.Load64(From));
            var shown = window.Load32(Count).ExtendUnsigned();
            body.If(offset.AtMost(shown) & count.AtMost(shown - offset), () => body.Return(
                Lists.OfRange.Call(window + Octets + offset.Wrap(), count.Wrap())));
        });
        Want(body, slot, at, count);
    });

    /// <summary>(bytes) → the slot of a blob with these octets, which is made at the commit.</summary>
    public Routine Make => Reader("blob.of", [ValType.I32], ValType.I64, body =>
    {
        var bytes = body.Parameters[0];
        var count = body.I32(bytes.Load32(Lists.Length));
        var block = body.I32(Heap.Allocate.Call(count + Octets));
        body.Copy(block + Octets, bytes + Lists.Items, count);
        var slot = body.I64(Term.I32(MemoryMap.NextSlot).Load64());
        body.Store64(MemoryMap.NextSlot, slot + 1L);
        body.Store32(MemoryMap.EndBatch, 1);
        body.Store32(block, Made);
        body.Store32(MemoryMap.MadeBlobs, block);
        body.Store64(block, slot, Slot);
        body.Store64(block, count.ExtendUnsigned(), Length);
        body.Store64(block, 0L, From);
        body.Store32(block, count, Count);
        Link(body, block);
        var argument = (block + Octets).ExtendUnsigned() | (count.ExtendUnsigned() << 32L);
        body.Call(HostCall.Device, slot, (int)DeviceOperation.Blob, argument, 0, 0);
        body.Push(slot);
    });

    /// <summary>An event Blob: its record is a window.</summary>
    public Routine Show => module.Routine("event.blob", [], [], body =>
    {
        var record = body.I32(Term.I32(MemoryMap.Event).Load32());
        var size = body.I32(record.Load32(EventRecord.PayloadSize));
        body.TrapIf(size.Below(BlobPart.Octets), GuestTrap.MalformedEvent);
        body.TrapIf(record.Load32(Count).IsNot(size - BlobPart.Octets), GuestTrap.MalformedEvent);
        Link(body, record);
    });

    /// <summary>Frees the blocks of what this event made; only the commit may follow.</summary>
    public Routine Release => module.Routine("blob.release", [], [], body =>
    {
        var block = body.I32();
        body.While(Made, () =>
        {
            body.Set(block, Made);
            body.Store32(MemoryMap.MadeBlobs, block.Load32());
            body.Call(Heap.Release, block); // I2
        });
    });

    /// <summary>Before a batch.</summary>
    public static void Begin(Body body)
    {
        body.Store32(MemoryMap.Windows, 0); // I1
        body.Store32(MemoryMap.MadeBlobs, 0);
    }

    /// <summary>Before a commit.</summary>
    public void End(Body body) => body.If(Made, () => body.Call(Release));

    private Routine Reader(string name, ValType[] parameters, ValType result, Action<Body> write) =>
        module.Routine(name, parameters, [result], body =>
        {
            AreUsed = true;
            write(body);
        });

    private static void Link(Body body, Variable window)
    {
        body.Store32(window, Windows, Before);
        body.Store32(MemoryMap.Windows, window);
    }

    private static void EachWindow(Body body, Variable slot, Action<Variable> each)
    {
        var window = body.I32(Windows);
        body.While(window, () =>
        {
            body.If(window.Load64(Slot).Is(slot), () => each(window));
            body.Set(window, window.Load32(Before));
        });
    }

    // What was being encoded is of no use any more, so the wish may stand in its place.
    private static void Want(Body body, Variable slot, Term from, Term count)
    {
        body.Store64(MemoryMap.Scratch, slot, BlobWish.Slot);
        body.Store64(MemoryMap.Scratch, from, BlobWish.From);
        body.Store64(MemoryMap.Scratch, count, BlobWish.Count);
        body.Store32(MemoryMap.Control, MemoryMap.Scratch, ControlBlock.TrapTextBase);
        body.Store32(MemoryMap.Control, BlobWish.Size, ControlBlock.TrapTextSize);
        body.Trap(GuestTrap.BlobWanted);
    }
}
