using System.Buffers.Binary;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Journal;

/// <summary>Works out the digest of all that processes are: their state, and where they stand.</summary>
/// <remarks>
/// Of a guest that keeps an undo log, its state region is its state; of others all that they are. Only what ran since
/// is read again. Calling the guest's own Save would read less, and would change its transient memory. A process of
/// which a call was aborted is left out: memory that was free again afterwards is not the same in a replay.
/// </remarks>
internal static class StateDigests
{
    public static StateDigest Of(KernelState state)
    {
        long octets = 0;
        Span<byte> row = stackalloc byte[64];
        ulong digest = 0;
        foreach (var process in state.Processes.Values)
        {
            process.Fingerprint ??= Of(process, ref octets);
            BinaryPrimitives.WriteInt64LittleEndian(row, process.Id.Value);
            BinaryPrimitives.WriteInt64LittleEndian(row[8..], process.Fuel);
            BinaryPrimitives.WriteInt64LittleEndian(row[16..], process.Traps);
            BinaryPrimitives.WriteInt64LittleEndian(row[24..], process.Restarts);
            BinaryPrimitives.WriteInt64LittleEndian(row[32..], process.Mail.Count);
            BinaryPrimitives.WriteInt64LittleEndian(row[40..], process.Outbox.Count);
            BinaryPrimitives.WriteInt64LittleEndian(row[48..], process.Waiting?.Number ?? 0);
            BinaryPrimitives.WriteUInt64LittleEndian(row[56..], process.Fingerprint.Value);
            digest = XxHash64.Of(row, digest);
        }

        return new StateDigest(digest, octets);
    }

    private static ulong Of(Process process, ref long octets)
    {
        if (process.Guest is null || process.Phase != GuestPhase.Idle || process.WasAborted
            || !GuestView.TryOpen(process.Guest, out var view))
        {
            return 0;
        }

        if ((view[ControlBlock.Flags] & ControlBlock.KeepsUndoLog) == 0)
        {
            return Of(process.Guest.Save(), ref octets);
        }

        uint start = view[ControlBlock.StateBase];
        uint end = view[ControlBlock.StateEnd];
        if (end < start || !view.TryRange(start, end - start, out var region))
        {
            return 0;
        }

        octets += region.Length;
        return XxHash64.Of(region, seed: 0);
    }

    private static ulong Of(GuestState state, ref long octets)
    {
        ulong digest = (ulong)state.MemorySize;
        Span<byte> word = stackalloc byte[16];
        foreach (var page in state.Pages)
        {
            octets += page.Bytes.Length;
            digest = XxHash64.Of(page.Bytes.Span, digest ^ (ulong)page.Address);
        }

        foreach (var global in state.Globals)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(word, global);
            digest = XxHash64.Of(word, digest);
        }

        return digest;
    }
}
