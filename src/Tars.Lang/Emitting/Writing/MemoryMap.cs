using Tars.Bundle.Abi;

namespace Tars.Lang.Emitting.Writing;

/// <summary>Where everything lies in the linear memory of a compiled module, from address 0 upward.</summary>
/// <remarks>
/// Invariants:
///   I1  The first bytes stay zero for ever, so that handle 0 reads as an empty list, map or byte string.
///   I2  What is transient lies below <see cref="Data"/>; the dispatcher resets it before each event.
///   I3  The state region begins behind the constants and ends with the memory; only it is undone.
///   I4  What nearly every event touches lies in the first page, with some octets that an engine has of its own before
///       address 0: a small event takes that page and those of its state, and a process that waits has no others.
/// </remarks>
internal static class MemoryMap
{
    /// <summary>Zeros, 64 bytes of them. // I1</summary>
    public const int Nothing = 0;

    public const int Control = 64;

    public const int Cells = Control + ControlBlock.Size;

    /// <summary>i64: the number of the event, shifted left by eight: what a fresh block's header starts from.</summary>
    public const int Stamp = Cells;

    /// <summary>i32: address of the record of the event.</summary>
    public const int Event = Cells + 8;

    /// <summary>i32: the top of the shadow stack.</summary>
    public const int StackTop = Cells + 12;

    /// <summary>i32: where the next undo entry goes.</summary>
    public const int UndoAt = Cells + 16;

    /// <summary>i32: where the newest undo chunk is full.</summary>
    public const int UndoEnd = Cells + 20;

    /// <summary>i32: how many chunks this event has used.</summary>
    public const int UndoChunks = Cells + 24;

    /// <summary>i32: the size of the memory, less a margin so that eight bytes may be read at any text's end.</summary>
    public const int HeapEnd = Cells + 28;

    /// <summary>i32: where the next encoded byte goes.</summary>
    public const int OutAt = Cells + 32;

    /// <summary>i32: where the buffer for encoded bytes ends.</summary>
    public const int OutEnd = Cells + 36;

    /// <summary>
    /// i32: where that buffer begins: <see cref="Scratch"/>, <see cref="WideScratch"/>, or a block of the heap.
    /// </summary>
    public const int OutBase = Cells + 40;

    /// <summary>i32: 1 when the event made a call after which the batch must end.</summary>
    public const int EndBatch = Cells + 44;

    /// <summary>i64: the slot of the next spawn of this event.</summary>
    public const int NextSlot = Cells + 48;

    /// <summary>i32: where the bytes being read end.</summary>
    public const int InEnd = Cells + 56;

    /// <summary>i64 or f64: the second result of a routine that also answers whether it has one.</summary>
    public const int Result = Cells + 64;

    /// <summary>i32: while values are folded, which one is worked out, counted from 1; -1 without a number.</summary>
    public const int FoldedValue = Cells + 72;

    /// <summary>i32: while values are folded, 1 when one reads a param.</summary>
    public const int FoldReadsParam = Cells + 76;

    /// <summary>i32: the newest window on a blob of this batch, or 0. Reset before each batch.</summary>
    public const int Windows = Cells + 80;

    /// <summary>i32: the newest block with the octets of a blob that this event made, or 0.</summary>
    public const int MadeBlobs = Cells + 84;

    /// <summary>The first chunk of the undo log; further ones come from the heap.</summary>
    public const int FirstChunk = 256;

    public const int FirstChunkSize = 2 * 1024;

    /// <summary>Encoded bytes begin here, as long as they are few.</summary>
    public const int Scratch = FirstChunk + FirstChunkSize;

    public const int ScratchSize = 512;

    /// <summary>Its first kilobyte shares a page with all before it. // I4</summary>
    public const int EventRing = Scratch + ScratchSize;

    public const int EventRingSize = 64 * 1024;

    /// <summary>Encoded bytes stand here once there are more, before a block of the heap takes them.</summary>
    public const int WideScratch = EventRing + EventRingSize;

    public const int WideScratchSize = 3328;

    public const int Stack = WideScratch + WideScratchSize;

    public const int StackSize = 250 * 1024;

    public const int EffectRing = Stack + StackSize;

    public const int EffectRingSize = 192 * 1024;

    /// <summary>Constants of the code: texts and tables. The state region follows.</summary>
    public const int Data = EffectRing + EffectRingSize;
}
