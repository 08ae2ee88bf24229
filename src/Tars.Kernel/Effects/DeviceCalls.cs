using Tars.Bundle.Interfaces;
using Tars.Kernel.Caps;
using Tars.Kernel.Linking;
using Tars.Kernel.Operating;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Effects;

/// <summary>
/// Tells and asks of devices: what a capability leaves of one is checked before the device sees the call.
/// </summary>
internal sealed class DeviceCalls(KernelState state)
{
    /// <summary>The device that a capability is for, or null when it is for something else.</summary>
    public static DeviceId? DeviceOf(Capability? capability) => capability switch
    {
        Capability.OfDevice held => held.Target,
        Capability.OfDerived held => held.Node.Device,
        _ => null,
    };

    /// <summary>The agent that stands in the place of the device of a capability; null where none does.</summary>
    public AgentImage? StandInOf(Capability? capability) =>
        DeviceOf(capability) is { } device && state.System.Devices[device.Value].StandIn is { } place
            ? state.AgentOf(place)
            : null;

    /// <summary>True when the capability is for a device that has exactly this operation.</summary>
    /// <remarks>
    /// The manifest says what an operation looks like; a device of the same kind may hold values of another type.
    /// </remarks>
    public bool Fits(OperationImage operation, Capability? capability) =>
        DeviceOf(capability) is { } device && IsOf(operation, Kind(device));

    /// <summary>Derives a weaker capability. The slot that the guest counted is used up either way.</summary>
    /// <returns>Null, or why it may not.</returns>
    public Refusal? Narrow(Process process, CapSlot from, CapSlot derived, ReadOnlySpan<byte> restriction)
    {
        if (state.Denials.Holds(process, process.Caps.Find(from)) && derived == process.Caps.NextMade)
        {
            process.Caps.TakeEnded();
            return new Refusal("", Denials.Refusal);
        }

        return state.Derivations.Narrow(process, from, derived, restriction, device => Kind(device).Name);
    }

    /// <summary>Tells a device something.</summary>
    /// <param name="capability">One that fits.</param>
    /// <returns>Null, or why it may not.</returns>
    public Refusal? Tell(
        Process process, Capability capability, OperationImage operation, ReadOnlySpan<byte> arguments)
    {
        if (WhyNot(capability, operation, arguments) is { } denied)
        {
            Refused(process, capability, denied);
            return new Refusal(operation.Spec.Target, denied);
        }

        var node = NodeOf(capability);
        var elsewhere = FirstAsked(process, node);
        if (elsewhere is not null
            && state.Shards!.Lending.Use(process, ask: 0, elsewhere, operation.Number, arguments) is { } full)
        {
            return new Refusal(operation.Spec.Target, full);
        }

        state.Derivations.CountUse(node, elsewhere, process.Id);
        if (elsewhere is null)
        {
            state.Outside.Told(process.Id, DeviceOf(capability)!.Value, operation.Number, arguments); // It fits.
        }

        return null;
    }

    /// <summary>Asks a device; a refusal is the answer.</summary>
    /// <param name="capability">One that fits.</param>
    /// <param name="ask">It waits already.</param>
    public void Ask(
        Process process, Capability capability, OperationImage operation, PendingAsk ask, ReadOnlySpan<byte> arguments)
    {
        if (WhyNot(capability, operation, arguments) is { } denied)
        {
            Refused(process, capability, denied);
            state.Asks.Fail(ask.Number, AskFailure.Denied, denied);
            return;
        }

        var node = NodeOf(capability);
        var elsewhere = FirstAsked(process, node);
        if (operation.HoldsSlots || SlotPlaces.AnyIn(operation.Spec.Answer))
        {
            state.Derivations.CountUse(node, elsewhere, process.Id);
            state.Asks.Fail(
                ask.Number, AskFailure.Refused, "processes, capabilities and blobs do not travel to devices");
            return;
        }

        if (elsewhere is not null
            && state.Shards!.Lending.Use(process, ask.Number, elsewhere, operation.Number, []) is { } full)
        {
            state.Asks.Fail(ask.Number, AskFailure.Refused, full);
            return;
        }

        state.Derivations.CountUse(node, elsewhere, process.Id);
        var device = DeviceOf(capability)!.Value; // It fits.
        var call = new DeviceCall(device, new DeviceAsk(operation.Number, [.. arguments], operation.Spec.Answer)
        {
            Within = Derivations.FoldersOf(capability),
        });
        if (elsewhere is not null)
        {
            ask.Wish = call;
            return;
        }

        ask.Call = call;
        state.Outside.Asked(process.Id, device, ask.Number, call.Asked);
    }

    /// <summary>Counts a use of a capability for a device that a module stands in the place of.</summary>
    /// <returns>Null, or what does not allow the use.</returns>
    public string? UseInPlace(
        Process process, Capability capability, OperationImage operation, ReadOnlySpan<byte> arguments)
    {
        const string Why = "a capability of another shard is not for a module that stands in the place of a device";
        var node = NodeOf(capability);
        string? why = state.Derivations.FirstElsewhere(node) is not null
            ? Why
            : WhyNot(capability, operation, arguments);
        if (why is not null)
        {
            Refused(process, capability, why);
        }
        else
        {
            state.Derivations.CountUse(node, until: null, process.Id);
        }

        return why;
    }

    // Who comes together with the maker of what it uses may have uses on the link still: what follows goes there too.
    private Derivation? FirstAsked(Process process, Derivation? node) =>
        process.SendsByLink ? node : state.Derivations.FirstElsewhere(node);

    private void Refused(Process process, Capability capability, string why)
    {
        if (NodeOf(capability) is { } node)
        {
            state.Derivations.Refused(node, process.Id, why);
        }
    }

    private static Derivation? NodeOf(Capability capability) => (capability as Capability.OfDerived)?.Node;

    // Null, or what the capability was narrowed by that does not allow the use.
    private string? WhyNot(Capability capability, OperationImage operation, ReadOnlySpan<byte> arguments)
    {
        var kind = Kind(DeviceOf(capability)!.Value); // It fits.
        var rows = operation.Spec.IsAsk ? kind.Asks : kind.Tells;
        return Derivations.WhyNot(NodeOf(capability), kind.Name, rows[operation.Number], arguments);
    }

    /// <summary>True when a kind has exactly this operation.</summary>
    public static bool IsOf(OperationImage operation, InterfaceKind kind)
    {
        var rows = operation.Spec.IsAsk ? kind.Asks : kind.Tells;
        return kind.Name == operation.Spec.Target && operation.Number < rows.Length
            && rows[operation.Number] is var row
            && row.Arguments.AsSpan().SequenceEqual(operation.Spec.Arguments.AsSpan())
            && (row.AnyRecord || row.Returns.Equals(operation.Spec.Answer));
    }

    private InterfaceKind Kind(DeviceId device) => state.System.Devices[device.Value].Kind;
}
