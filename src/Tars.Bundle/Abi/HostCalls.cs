using System.Collections.Immutable;

namespace Tars.Bundle.Abi;

/// <summary>
/// The table of ABI v1: every host call with its arguments. Engines bind imports from it; docs/abi.md is printed from
/// it.
/// </summary>
/// <remarks>
/// All calls are deferred: an engine turns a call into one record in the guest's effect ring, and no call has a result.
/// To add a call: one row here, one arm in the kernel (CS8509 points at it), one golden test. Engines need no change.
/// </remarks>
public static class HostCalls
{
    /// <summary>The name of the module that the calls are imported from.</summary>
    public const string ModuleName = "tars";

    public static ImmutableArray<HostCallRow> All { get; } =
    [
        new(HostCall.Spawn, "spawn", "A process of an agent is born at the commit.",
            [I32("agent"), I64("slot"), Bytes("state")]),
        new(HostCall.Exit, "exit", "The process ends when the handler has ended.", []),
        new(HostCall.Send, "send", "One message to a process or device; no answer is wanted.",
            [I64("slot"), I32("operation"), Bytes("arguments")]),
        new(HostCall.Ask, "ask", "A request; the answer opens a later transaction at the continuation.",
            [I64("slot"), I32("operation"), I64("timeout"), I32("continuation"), Bytes("arguments")]),
        new(HostCall.Reply, "reply", "The answer to the event's asker: status 0 is a value, 1 a Failure.",
            [I32("status"), Bytes("answer")]),
        new(HostCall.Publish, "publish", "One value to every subscriber of a channel.",
            [I64("slot"), Bytes("channel"), Bytes("value")]),
        new(HostCall.SetTimer, "set_timer", "First due after `first` ns, then each `period` ns; period 0 is once.",
            [I32("handler"), I64("first"), I64("period")]),
        new(HostCall.CancelTimer, "cancel_timer", "Stops a timer and withdraws a tick that waits.", [I32("handler")]),
        new(HostCall.MapDevice, "map_device", "Part of a device appears in the guest's memory.",
            [I64("slot"), I64("offset"), I64("size"), I32("address")]),
        new(HostCall.Device, "device", "Read, write, control or blob on a raw device.",
            [I64("slot"), I32("operation"), I64("argument"), Bytes("data")]),
        new(HostCall.Log, "log", "One entry of the log: a text, then named values.", [Bytes("entry")]),
        new(HostCall.Metric, "metric", "One report of a metric.", [I32("metric"), F64("value")]),
        new(HostCall.Observe, "observe", "Evidence for a belief; retract 1 takes it back.",
            [I32("belief"), F64("value"), I32("retract")]),
        new(HostCall.Narrow, "narrow", "A weaker capability, derived from one that is held.",
            [I64("slot"), I64("derived"), Bytes("restriction")]),
        new(HostCall.Grant, "grant", "A capability is handed to another process.", [I64("slot"), I64("to")]),
        new(HostCall.Revoke, "revoke", "A capability and all that was derived from it end.", [I64("slot")]),
    ];

    /// <summary>The row of a call by its import name, or null when ABI v1 has no such call.</summary>
    public static HostCallRow? Find(string name)
    {
        foreach (var row in All)
        {
            if (row.Name == name)
            {
                return row;
            }
        }

        return null;
    }

    /// <summary>The row of a call by what stands in the ring, or null for a number that ABI v1 does not have.</summary>
    public static HostCallRow? Find(int number) => number is >= 1 and <= 16 ? All[number - 1] : null;

    private static HostArgument I32(string name) => new(name, HostArgumentKind.I32);

    private static HostArgument I64(string name) => new(name, HostArgumentKind.I64);

    private static HostArgument F64(string name) => new(name, HostArgumentKind.F64);

    private static HostArgument Bytes(string name) => new(name, HostArgumentKind.Bytes);
}
