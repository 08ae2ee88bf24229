using System.Buffers.Binary;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Caps;
using Tars.Kernel.Effects;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Blobs;

/// <summary>What guests want of blobs: to make one, and to be shown some of one (decision 071).</summary>
/// <remarks>
/// Invariants:
///   I1  A process is shown only what its own table holds, whatever slot and range its guest names.
///   I2  Each wish that is fulfilled shows what was not shown before, and they are bounded: an event that only wishes
///       comes to an end.
/// </remarks>
internal sealed class BlobCalls(KernelState state)
{
    /// <summary>The host call `device`, which is in force for blobs.</summary>
    /// <returns>Null, or why nothing was done.</returns>
    public Refusal? Call(Process process, ref EffectReader effect)
    {
        var slot = CapSlot.Of(effect.I64());
        var operation = (DeviceOperation)effect.I32();
        return operation == DeviceOperation.Blob
            ? Make(process, slot, effect.I64())
            : new Refusal("", "device is in force for blobs only");
    }

    /// <summary>What a guest that trapped wants to see; null when it wants nothing.</summary>
    public static (long Slot, long From, long Count)? WishOf(GuestTrap trap, GuestView view)
    {
        bool isWish = trap == GuestTrap.BlobWanted && view[ControlBlock.TrapTextSize] == BlobWish.Size;
        return isWish && view.TryRange(view[ControlBlock.TrapTextBase], BlobWish.Size, out var wish)
            ? (BinaryPrimitives.ReadInt64LittleEndian(wish[BlobWish.Slot..]),
                BinaryPrimitives.ReadInt64LittleEndian(wish[BlobWish.From..]),
                BinaryPrimitives.ReadInt64LittleEndian(wish[BlobWish.Count..]))
            : null;
    }

    /// <summary>The event that was taken back is to begin again and to see what it wished for.</summary>
    /// <param name="isFirst">True when it is the event that the windows of its batch were for.</param>
    /// <returns>Null, or why it is shown nothing.</returns>
    public static string? Show(Process process, (long Slot, long From, long Count) wish, bool isFirst)
    {
        if (process.Caps.Find(CapSlot.Of(wish.Slot)) is not Capability.OfBlob { Blob: var blob })
        {
            return "it reads a blob that it does not hold"; // I1
        }

        if (process.Batch.Kind == BatchKind.Birth)
        {
            return "a process reads no blob before it is born";
        }

        if (!isFirst)
        {
            process.ForgetWindows();
        }

        // What the blob does not have its guest has to refuse; for that it needs the length.
        bool has = (ulong)wish.From <= (ulong)blob.Length && (ulong)wish.Count <= (ulong)(blob.Length - wish.From);
        var window = has
            ? WindowOn(process, wish.Slot, blob, (int)wish.From, (int)wish.Count)
            : new BlobWindow(wish.Slot, blob, From: 0, Count: 0);
        long shown = window.Count;
        foreach (var one in process.Windows)
        {
            if (one.Slot == wish.Slot && one.Shows(window.From, window.Count))
            {
                return "it asks again for what it was shown"; // I2
            }

            shown += one.Count;
        }

        if (process.Windows.Count == Limits.BlobWindowsMax || Limits.BlobWindowBytesMax < shown)
        {
            return "it reads more of blobs than one event may";
        }

        process.Windows.Add(window);
        return null;
    }

    // Whole blocks around the range, twice as large each time, so that whoever reads in small steps begins again few
    // times.
    private static BlobWindow WindowOn(Process process, long slot, Blob blob, int from, int count)
    {
        long block = Limits.BlobWindowBytesMin;
        foreach (var window in process.Windows)
        {
            block = window.Slot == slot ? Math.Min(2 * block, Limits.BlobBytesMax) : block;
        }

        long first = from / block * block;
        long end = Math.Min(blob.Length, Math.Max((from + count + block - 1) / block * block, first + block));
        return new BlobWindow(slot, blob, (int)first, (int)(end - first));
    }

    // A blob is made of octets of the guest's memory. A refusal uses its slot up too, since the guest has counted it;
    // a slot that is not the next one was counted by nobody and uses nothing up.
    private Refusal? Make(Process process, CapSlot slot, long argument)
    {
        if (slot != process.Caps.NextMade)
        {
            return new Refusal("", "the slot for the blob is not the next one");
        }

        if (WhyNot(process, argument, out var octets) is { } why)
        {
            process.Caps.TakeEnded();
            return new Refusal("blob", why);
        }

        var blob = state.Blobs.Add(octets);
        bool isHeld = process.Caps.Make(new Capability.OfBlob(blob));
        Invariant.Holds(isHeld); // Whether there is room was asked before.
        return null;
    }

    private string? WhyNot(Process process, long argument, out ReadOnlySpan<byte> octets)
    {
        octets = [];
        uint count = (uint)(argument >> 32);
        if (Limits.BlobBytesMax < count)
        {
            return "the blob is too large";
        }

        if (!GuestView.TryOpen(process.Guest!, out var view) // It has just run.
            || !view.TryRange((uint)argument, count, out var range))
        {
            return "the octets of the blob do not lie in the memory";
        }

        octets = range;
        return !process.Caps.HasRoomToMake ? "it holds too many capabilities"
            : Limits.BlobBytesOfProcessMax - process.Caps.BlobOctets < count ? "it holds too many octets in blobs"
            : !state.Blobs.HasRoomFor(count) ? "all processes together hold too many octets in blobs"
            : null;
    }
}
