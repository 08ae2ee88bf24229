using System.Collections.Immutable;
using System.Text.Json;
using Tars.Kernel.Ports;

namespace Tars.Host.Control;

/// <summary>Reads a line of a client, who may send anything.</summary>
internal static class ControlReader
{
    private const int DepthMax = 8;

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = DepthMax };

    /// <summary>The request, or null with the reason.</summary>
    /// <param name="id">What the client calls it; 0 when it says nothing.</param>
    public static ControlRequest? Read(ReadOnlyMemory<byte> line, out long id, out string reason)
    {
        id = 0;
        reason = "";
        try
        {
            using var document = JsonDocument.Parse(line, _options);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                reason = "a request is an object";
                return null;
            }

            id = Number(root, "id") ?? 0;
            foreach (var member in root.EnumerateObject().Where(one => !IsOfItsType(one)))
            {
                // One that were left out instead would say more: all letters, the whole run.
                reason = $"`{member.Name}` has another type";
                return null;
            }

            if (Number(root, "gate") is { } gate && gate is < 1 or > 100)
            {
                reason = "`gate` is a whole number from 1 to 100";
                return null;
            }

            var request = Of(Text(root, "op") ?? "", root);
            reason = request is null ? "no such `op`, or a member is missing" : "";
            return request;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // JSON may hold half of a surrogate pair, which is text to nobody.
            reason = "it is no JSON";
            return null;
        }
    }

    private static bool IsOfItsType(JsonProperty member) => member.Name switch
    {
        "id" or "after" or "for_ns" or "letter" or "process" or "probation_ns" or "gate" =>
            member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out _),
        "op" or "param" or "value" or "device" or "publish" or "module" or "octets" =>
            member.Value.ValueKind == JsonValueKind.String,
        "no_return" or "grant_all" or "dry_run" => member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "grant" => member.Value.ValueKind == JsonValueKind.Array
            && member.Value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String),
        _ => true, // A member of a later version.
    };

    private static ControlRequest? Of(string op, JsonElement root) => op switch
    {
        "ps" => new ControlRequest.Processes(Number(root, "after") ?? 0),
        "rights" => new ControlRequest.Rights(Number(root, "after") ?? 0),
        "dead" => new ControlRequest.Dead(Number(root, "after") ?? 0),
        "set" => Text(root, "param") is { } param && Text(root, "value") is { } value
            ? new ControlRequest.Set(param, value, Number(root, "for_ns") is { } span ? Math.Max(0, span) : null)
            : null,
        "grant" => Change(root, gives: true),
        "revoke" => Change(root, gives: false),
        "dead_deliver" => new ControlRequest.Letters(Number(root, "letter"), Delivers: true),
        "dead_drop" => new ControlRequest.Letters(Number(root, "letter"), Delivers: false),
        "stop" => new ControlRequest.Stop(Number(root, "process") is { } id ? new ProcessId(id) : null),
        "part" => Part(root),
        "swap" => new ControlRequest.Swap(new SwapTerms
        {
            Probation = Math.Max(0, Number(root, "probation_ns") ?? 0),
            NoReturn = Flag(root, "no_return"),
            GrantsAll = Flag(root, "grant_all"),
            Granted = Texts(root, "grant"),
        }, Number(root, "gate") is { } gate ? (int)gate : null, Flag(root, "dry_run")),
        _ => null,
    };

    private static ControlRequest.Change? Change(JsonElement root, bool gives)
    {
        var right = Text(root, "device") is { } device ? new Right(RightKind.Device, device)
            : Text(root, "publish") is { } pattern ? new Right(RightKind.Publish, pattern)
            : null;
        ProcessId? process = Number(root, "process") is { } id ? new ProcessId(id) : null;
        string? module = Text(root, "module");
        return right is null || process is null == module is null
            ? null
            : new ControlRequest.Change(gives, process, module ?? "", right);
    }

    private static ControlRequest.Part? Part(JsonElement root) =>
        root.TryGetProperty("octets", out var octets) && octets.ValueKind == JsonValueKind.String
        && octets.TryGetBytesFromBase64(out byte[]? found)
            ? new ControlRequest.Part(found)
            : null;

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;

    private static long? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Number
        && found.TryGetInt64(out long number)
            ? number
            : null;

    private static bool Flag(JsonElement root, string name) =>
        root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.True;

    private static ImmutableArray<string> Texts(JsonElement root, string name) =>
        root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Array
            ? [.. found.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one =>
                one.GetString()!)] // It is a string.
            : [];
}
