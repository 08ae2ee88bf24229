using System.Collections.Immutable;
using System.Text.Json;
using Tars.Kernel.Ports;

namespace Tars.Host.Control;

/// <summary>Reads a line of a client, who may send anything.</summary>
internal static class ControlReader
{
    private const int DepthMax = 8;

    private const string Subjects = "one of `module` and `process`, and one of `device` and `publish`";

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = DepthMax };

    // To add one write its record, a row here, and an arm in ControlWork.
    private static readonly Operation[] _operations =
    [
        new("ps", ["after"], "", root => new ControlRequest.Processes(Number(root, "after") ?? 0)),
        new("rights", ["after"], "", root => new ControlRequest.Rights(Number(root, "after") ?? 0)),
        new("dead", ["after"], "", root => new ControlRequest.Dead(Number(root, "after") ?? 0)),
        new("set", ["param", "value", "for_ns"], "`param` and `value`", Set),
        new("grant", ["module", "process", "device", "publish"], Subjects, root => Change(root, gives: true)),
        new("revoke", ["module", "process", "device", "publish"], Subjects, root => Change(root, gives: false)),
        new("dead_deliver", ["letter"], "", root => new ControlRequest.Letters(Number(root, "letter"), Delivers: true)),
        new("dead_drop", ["letter"], "", root => new ControlRequest.Letters(Number(root, "letter"), Delivers: false)),
        new("stop", ["process"], "", root =>
            new ControlRequest.Stop(Number(root, "process") is { } id ? new ProcessId(id) : null)),
        new("engine", ["engine"], "`engine`", root =>
            Text(root, "engine") is { } engine ? new ControlRequest.Engine(engine) : null),
        new("press", ["device", "down"], "`device`, the name of a button", root =>
            Text(root, "device") is { } device ? new ControlRequest.Press(device, IsDown(root)) : null),
        new("part", ["octets"], "`octets` in base64", Part),
        new("swap", ["probation_ns", "no_return", "grant_all", "grant", "gate", "dry_run"], "", Swap),
    ];

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
            if (Text(root, "op") is not { } op || Array.Find(_operations, one => one.Name == op) is not { } operation)
            {
                reason = "no such `op`";
                return null;
            }

            if (Wrong(root, operation) is { } wrong)
            {
                reason = wrong;
                return null;
            }

            var request = operation.Of(root);
            reason = request is null ? $"`{op}` wants {operation.Wants}" : "";
            return request;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // JSON may hold half of a surrogate pair, which is text to nobody.
            reason = "it is no JSON";
            return null;
        }
    }

    // One that were left out instead would say more: all letters, the whole run. So is one of two that count as one,
    // and so is a word that is misspelled, or of a version that this run does not speak.
    private static string? Wrong(JsonElement root, Operation operation)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject())
        {
            if (!seen.Add(member.Name))
            {
                return $"`{member.Name}` stands twice";
            }

            if (member.Name is not ("op" or "id") && !operation.Takes.Contains(member.Name))
            {
                return $"`{operation.Name}` takes no `{member.Name}`";
            }

            if (!IsOfItsType(member))
            {
                return $"`{member.Name}` has another type";
            }
        }

        return Number(root, "gate") is < 1 or > 100 ? "`gate` is a whole number from 1 to 100"
            : Number(root, "for_ns") is < 1 ? "`for_ns` is a whole number from 1 on"
            : Number(root, "after") is < 0 ? "`after` is a whole number from 0 on"
            : Number(root, "probation_ns") is < 0 ? "`probation_ns` is a whole number from 0 on"
            : null;
    }

    private static bool IsOfItsType(JsonProperty member) => member.Name switch
    {
        "id" or "after" or "for_ns" or "letter" or "process" or "probation_ns" or "gate" =>
            member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out _),
        "op" or "param" or "value" or "device" or "publish" or "module" or "octets" or "engine" =>
            member.Value.ValueKind == JsonValueKind.String,
        "no_return" or "grant_all" or "dry_run" or "down" =>
            member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "grant" => member.Value.ValueKind == JsonValueKind.Array
            && member.Value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String),
        _ => false, // Each member that is taken has its type above.
    };

    private static ControlRequest.Set? Set(JsonElement root) =>
        Text(root, "param") is { } param && Text(root, "value") is { } value
            ? new ControlRequest.Set(param, value, Number(root, "for_ns"))
            : null;

    private static ControlRequest.Swap Swap(JsonElement root) => new(
        new SwapTerms
        {
            Probation = Number(root, "probation_ns") ?? 0,
            NoReturn = Flag(root, "no_return"),
            GrantsAll = Flag(root, "grant_all"),
            Granted = Texts(root, "grant"),
        },
        Number(root, "gate") is { } gate ? (int)gate : null,
        Flag(root, "dry_run"));

    private static ControlRequest.Change? Change(JsonElement root, bool gives)
    {
        var right = (Text(root, "device"), Text(root, "publish")) switch
        {
            ({ } device, null) => new Right(RightKind.Device, device),
            (null, { } pattern) => new Right(RightKind.Publish, pattern),
            _ => null,
        };
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

    private static bool IsDown(JsonElement root) => !root.TryGetProperty("down", out var down) || down.GetBoolean();

    private static bool Flag(JsonElement root, string name) =>
        root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.True;

    private static ImmutableArray<string> Texts(JsonElement root, string name) =>
        root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Array
            ? [.. found.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one =>
                one.GetString()!)] // It is a string.
            : [];

    /// <param name="Takes">Its members beside `op` and `id`; another one is a mistake.</param>
    /// <param name="Wants">What it cannot be without, in words.</param>
    /// <param name="Of">Null when some of that is missing.</param>
    private sealed record Operation(
        string Name, string[] Takes, string Wants, Func<JsonElement, ControlRequest?> Of);
}
