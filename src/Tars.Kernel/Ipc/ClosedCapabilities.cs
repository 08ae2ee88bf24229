using Tars.Kernel.Caps;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Ipc;

/// <summary>Tells of the capabilities that nobody gets, because the message that held them is dropped.</summary>
/// <remarks>
/// A capability on its way is held by its message alone, so there is nothing to take back: it is closed by being
/// dropped, and whoever narrowed it still has it.
/// </remarks>
internal static class ClosedCapabilities
{
    /// <param name="handler">Of the receiver: its payload says where capabilities stand.</param>
    /// <param name="payload">With the kernel's ids.</param>
    public static void Audit(
        KernelState state, AgentImage receiver, int handler, ProcessId sender, ReadOnlySpan<byte> payload)
    {
        var image = receiver.Handlers[handler];
        if (!image.HoldsSlots || !SlotPlaces.AnyOfOneMessage(image.Payload))
        {
            return;
        }

        // The table that a receiver would have; it goes with the message.
        var table = new CapTable(state.Derivations, state.Blobs);
        if (SlotTranslation.ToSlots(image.Payload, payload.ToArray(), table) is null)
        {
            Audit(state, sender, table.Derived);
        }

        table.LetGo();
    }

    /// <param name="lent">What a message for another shard named.</param>
    public static void Audit(KernelState state, ProcessId sender, IEnumerable<Derivation> lent)
    {
        foreach (var kinds in lent.CountBy(one => one.Kind))
        {
            state.Audit(sender, "capability", kinds.Key, "it is closed with the message that held it", kinds.Value);
        }
    }
}
