using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Host.Control;

/// <summary>What a run shows of itself, as members of JSON; docs/control.md lists them.</summary>
internal static class ControlRows
{
    /// <summary>Longer values are told by their size.</summary>
    private const int ValueBytesMax = 4_096;

    /// <summary>So many octets are shown of what is no value.</summary>
    private const int ShownBytesMax = 32;

    /// <param name="now">The monotonic clock.</param>
    /// <param name="engine">Of its module; null where that is not known.</param>
    public static void Write(Utf8JsonWriter json, ProcessStatus row, long now, ModuleEngine? engine)
    {
        json.WriteStartObject();
        json.WriteNumber("process", row.Process.Value);
        json.WriteString("module", row.Module);
        json.WriteString("agent", row.Agent);
        json.WriteNumber("parent", row.Parent.Value);
        json.WriteString("state", WordOf(row.Activity));
        json.WriteNumber("waits_for", row.WaitsFor.Value);
        json.WriteString("device", row.Device);
        json.WriteNumber("waiting", row.Waiting);
        json.WriteNumber("outgoing", row.Outgoing);
        json.WriteNumber("memory", row.Memory);
        json.WriteNumber("fuel", row.Fuel);
        json.WriteNumber("traps", row.Traps);
        json.WriteNumber("restarts", row.Restarts);
        json.WriteNumber("up_ns", now - row.Born);
        WriteEngine(json, engine);
        json.WriteEndObject();
    }

    /// <param name="engine">Of its module; null where that is not known.</param>
    public static void Write(Utf8JsonWriter json, HeldRight row, ModuleEngine? engine)
    {
        json.WriteStartObject();
        json.WriteNumber("process", row.Process.Value);
        json.WriteString("module", row.Module);
        json.WriteString("agent", row.Agent);
        json.WriteString(row.Right.Kind == RightKind.Device ? "device" : "publish", row.Right.Name);
        if (row.Detail.Length != 0)
        {
            json.WriteString("kind", row.Detail);
        }

        json.WriteBoolean("revoked", row.IsRevoked);
        if (row.Narrowed is { } narrowed)
        {
            Write(json, narrowed);
        }

        WriteEngine(json, engine);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, NarrowedRight row)
    {
        json.WriteStartObject("narrowed");
        json.WriteNumber("capability", row.Capability);
        json.WriteNumber("above", row.Above);
        json.WriteString("of", row.Of);
        json.WriteNumber("by", row.By.Value);
        json.WriteString("to", row.To);
        if (row.UsesLeft is { } left)
        {
            json.WriteNumber("uses_left", left);
        }

        if (row.Shard is { } shard)
        {
            json.WriteNumber("shard", shard);
        }

        if (0 < row.Hidden)
        {
            json.WriteNumber("hidden", row.Hidden);
        }

        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, KeptLetter row)
    {
        var letter = row.Letter;
        string trap = TrapText.Of(letter);
        json.WriteStartObject();
        json.WriteNumber("letter", row.Number);
        json.WriteNumber("process", letter.Process.Value);
        json.WriteString("module", row.Module);
        json.WriteString("agent", row.Agent);
        json.WriteString("handler", row.Handler);
        json.WriteNumber("sender", letter.Sender.Value);
        json.WriteString("trap", letter.Detail.Length == 0 ? trap : $"{trap}: {letter.Detail}");
        json.WriteString("place", row.Place);
        json.WriteString("at", InstantText.Of(letter.Instant));
        bool isKept = row is { WhyNot: "", Event.Length: <= ValueBytesMax };
        WriteEvent(
            json,
            row.Type,
            isKept ? row.Event : null,
            row.Event.Length == 0 ? row.Letter.Payload : row.Event);
        json.WriteString("stays", row.WhyNot);
        json.WriteStartArray("before");
        foreach (var before in row.Before)
        {
            json.WriteStartObject();
            json.WriteString("handler", before.Handler);
            json.WriteNumber("sender", before.Sender.Value);
            json.WriteString("at", InstantText.Of(before.Instant));
            WriteEvent(json, before.Type, before.Event, before.Event ?? [], before.Size);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SwapReport report)
    {
        json.WriteString("done", $"swap {report.Module} {report.From} -> {report.To}");
        json.WriteNumber("processes", report.Processes);
        Write(json, "changes", report.Changes);
        Write(json, "warnings", report.Warnings);
    }

    private static void WriteEvent(
        Utf8JsonWriter json, SchemaType.Record type, ImmutableArray<byte>? octets, ImmutableArray<byte> shown) =>
        WriteEvent(json, type, octets, shown, shown.Length);

    private static void WriteEngine(Utf8JsonWriter json, ModuleEngine? engine)
    {
        json.WriteString("engine", engine?.Engine ?? "");
        json.WriteString("floor", engine is { IsIsolated: true } ? "microvm" : "any");
    }

    // As a value where it is known, else by its size and what it begins with.
    private static void WriteEvent(
        Utf8JsonWriter json,
        SchemaType.Record type,
        ImmutableArray<byte>? octets,
        ImmutableArray<byte> shown,
        int size)
    {
        var value = new ByteWriter();
        if (octets is { } known && ValueJson.Write(type, known.AsSpan(), value) is null)
        {
            json.WritePropertyName("event");
            json.WriteRawValue(Encoding.UTF8.GetString(value.Written));
        }
        else
        {
            json.WriteNumber("octets", size);
            if (!shown.IsEmpty)
            {
                var begin = shown.AsSpan()[..Math.Min(ShownBytesMax, shown.Length)];
                json.WriteString("begins", Convert.ToHexStringLower(begin));
            }
        }
    }

    public static void Write(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static string WordOf(ProcessActivity activity) => activity switch
    {
        ProcessActivity.Idle => "idle",
        ProcessActivity.Ready => "ready",
        ProcessActivity.Running => "running",
        ProcessActivity.Asking => "asking",
        ProcessActivity.Blocked => "blocked",
        ProcessActivity.Swapping => "swapping",
    };
}
