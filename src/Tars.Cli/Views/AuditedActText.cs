using System.Globalization;
using System.Text.Json;
using Tars.Host.Granting;
using Tars.Kernel.Ports;

namespace Tars.Cli.Views;

/// <summary>One act of an audit: a line for a person, and JSON.</summary>
internal static class AuditedActText
{
    public static string Of(AuditedAct act)
    {
        string where = act.Shard is { } shard ? $"shard {shard} " : "";
        string often = act.Count == 1 ? "" : $" ({act.Count} times)";
        return string.Create(
            CultureInfo.InvariantCulture, $"  {where}event {act.Event}: {WhoOf(act)}{WhatOf(act)}{often}");
    }

    public static void Write(Utf8JsonWriter json, AuditedAct act)
    {
        json.WriteStartObject();
        json.WriteString("act", WordOf(act.Kind));
        Write(json, "shard", act.Shard);
        json.WriteNumber("event", act.Event);
        json.WriteNumber("process", act.Process);
        json.WriteString("agent", act.Agent);
        Write(json, "capability", act.Capability == 0 ? null : act.Capability);
        Write(json, "above", act.Kind == CapabilityActKind.Narrowed ? act.Above : null);
        json.WriteString("target", act.Target);
        Write(json, "to_shard", act.To);
        Write(json, "ended", act.Ended == 0 ? null : act.Ended);
        json.WriteString("detail", act.Detail);
        json.WriteNumber("count", act.Count);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } one)
        {
            json.WriteNumber(name, one);
        }
    }

    private static string WordOf(CapabilityActKind kind) => kind switch
    {
        CapabilityActKind.Begins => "begins",
        CapabilityActKind.Moves => "moves",
        CapabilityActKind.Narrowed => "narrowed",
        CapabilityActKind.Lent => "lent",
        CapabilityActKind.Taken => "taken",
        CapabilityActKind.Used => "used",
        CapabilityActKind.Refused => "refused",
        CapabilityActKind.Ended => "ended",
        CapabilityActKind.Granted => "granted",
        CapabilityActKind.Revoked => "revoked",
    };

    private static string WhoOf(AuditedAct act) => act.Kind is CapabilityActKind.Granted or CapabilityActKind.Revoked
        ? "an operator "
        : act.Process != 0 ? $"{act.Agent} #{act.Process} "
        : "";

    private static string WhatOf(AuditedAct act) => act.Kind switch
    {
        CapabilityActKind.Begins => act.Target.Length == 0 ? "begins with nothing" : $"begins with {act.Target}",
        CapabilityActKind.Moves => "comes from another shard",
        CapabilityActKind.Narrowed => $"narrows {SourceOf(act)} as cap {act.Capability}{Behind(act.Detail)}",
        CapabilityActKind.Lent => $"cap {act.Capability} is lent to shard {act.To}",
        CapabilityActKind.Taken => $"holds cap {act.Capability}, {act.Target}",
        CapabilityActKind.Used => $"uses cap {act.Capability}, {act.Target}",
        CapabilityActKind.Refused when act.Capability != 0 => $"may not use cap {act.Capability}{Behind(act.Detail)}",
        CapabilityActKind.Refused => $"is refused {act.Target}{Behind(act.Detail)}",
        CapabilityActKind.Ended => EndOf(act),
        CapabilityActKind.Granted => $"grants {act.Target}{Behind(act.Detail)}",
        CapabilityActKind.Revoked => $"revokes {act.Target}{Behind(act.Detail)}",
    };

    private static string SourceOf(AuditedAct act) => act.Above == 0 ? act.Target : $"cap {act.Above}, {act.Target},";

    private static string EndOf(AuditedAct act)
    {
        string rest = act.Ended == 1 ? "" : $" with {act.Ended - 1} below it";
        return act.Detail.Length == 0 ? $"revokes cap {act.Capability}{rest}"
            : act.Process == 0 ? $"cap {act.Capability} ends{rest}: {act.Detail}"
            : $"ends, and cap {act.Capability}{rest} with it: {act.Detail}";
    }

    private static string Behind(string detail) => detail.Length == 0 ? "" : $": {detail}";
}
