using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tars.Base;
using Tars.Lang.Checking;

namespace Tars.Evolution.Edits;

/// <summary>Reads edits from JSON, as a planner or a person writes them; whatever the octets, an answer.</summary>
/// <remarks>To add an edit: a case in <see cref="Edit"/>, and a row here.</remarks>
public static class EditJson
{
    private enum EditValue
    {
        None,
        Any,
        Text,
    }

    // What each needs beside its path.
    private static readonly (
        string Name, bool HasKey, EditValue Value, Func<string, string, DataNode, string, Edit?> Make)[] _edits =
    [
        ("set", false, EditValue.Any, (path, _, value, _) => new Edit.Set(path, value)),
        ("insert", true, EditValue.Any, (path, key, value, _) => new Edit.Insert(path, key, value)),
        ("remove", false, EditValue.None, (path, _, _, _) => new Edit.Remove(path)),
        ("move", false, EditValue.None, (path, _, _, before) => new Edit.Move(path, before)),
        ("rename", true, EditValue.None, (path, key, _, _) => new Edit.Rename(path, key)),
        (
            "replace-expression", false, EditValue.Text,
            (path, _, value, _) => Replace(path, ((DataNode.Text)value).Value)),
        (
            "tune-number", false, EditValue.Text,
            (path, _, value, _) => new Edit.TuneNumber(path, ((DataNode.Text)value).Value)),
        ("add-handler", true, EditValue.Any, (path, key, value, _) => new Edit.AddHandler(path, key, value)),
    ];

    /// <param name="problem">What is wrong with it, or null.</param>
    public static ImmutableArray<Edit> Read(ReadOnlyMemory<byte> json, out string? problem) =>
        Read(json, proposal: 1, out problem);

    /// <summary>The same of one proposal of a plan.</summary>
    /// <param name="proposal">Counted from one; a list of edits alone is the first and only one.</param>
    public static ImmutableArray<Edit> Read(ReadOnlyMemory<byte> json, int proposal, out string? problem)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Limits.EditDepthMax });
            return Chosen(document.RootElement, proposal) is { } chosen
                ? Read(chosen, out problem)
                : None(proposal, out problem);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            problem = $"it is no JSON: {e.Message}";
            return [];
        }
    }

    /// <summary>Writes an edit as <see cref="Read(ReadOnlyMemory{byte}, out string?)"/> takes it.</summary>
    public static void Write(Utf8JsonWriter json, Edit edit)
    {
        json.WriteStartObject();
        json.WriteString("edit", edit switch
        {
            Edit.Set => "set",
            Edit.Insert => "insert",
            Edit.Remove => "remove",
            Edit.Move => "move",
            Edit.Rename => "rename",
            Edit.ReplaceExpression => "replace-expression",
            Edit.TuneNumber => "tune-number",
            Edit.AddHandler => "add-handler",
            _ => throw new UnreachableException(),
        });
        json.WriteString("path", edit is Edit.ReplaceExpression replace
            ? string.Join('/', [replace.Path, .. replace.Way.Select(one => one.ToString(CultureInfo.InvariantCulture))])
            : edit.Path);
        switch (edit)
        {
            case Edit.Set set:
                WriteData(json, "value", set.Value);
                break;
            case Edit.Insert insert:
                json.WriteString("key", insert.Key);
                WriteData(json, "value", insert.Value);
                break;
            case Edit.Move { Before.Length: > 0 } move:
                json.WriteString("before", move.Before);
                break;
            case Edit.Rename rename:
                json.WriteString("key", rename.Key);
                break;
            case Edit.ReplaceExpression expression:
                json.WriteString("value", expression.Expression);
                break;
            case Edit.TuneNumber tune:
                json.WriteString("value", tune.Number);
                break;
            case Edit.AddHandler add:
                json.WriteString("key", add.Event);
                WriteData(json, "value", add.Handler);
                break;
            default:
                break; // A path says it all.
        }

        json.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter json, string name, DataNode value)
    {
        json.WritePropertyName(name);
        WriteData(json, value);
    }

    private static void WriteData(Utf8JsonWriter json, DataNode value)
    {
        switch (value)
        {
            case DataNode.Text text:
                json.WriteStringValue(text.Value);
                break;
            case DataNode.List list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                {
                    WriteData(json, item);
                }

                json.WriteEndArray();
                break;
            case DataNode.Record record:
                json.WriteStartObject();
                foreach (var (key, field) in record.Fields)
                {
                    WriteData(json, key, field);
                }

                json.WriteEndObject();
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static JsonElement? Chosen(JsonElement root, int proposal) =>
        root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("proposals", out var list)
            || list.ValueKind != JsonValueKind.Array ? (proposal == 1 ? root : null)
        : 1 <= proposal && proposal <= list.GetArrayLength() ? list[proposal - 1]
        : null;

    private static ImmutableArray<Edit> None(int proposal, out string? problem)
    {
        problem = $"it has no proposal {proposal}";
        return [];
    }

    private static ImmutableArray<Edit> Read(JsonElement root, out string? problem)
    {
        problem = null;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("edits", out var list)
            || list.ValueKind != JsonValueKind.Array)
        {
            problem = "it has no list `edits`";
            return [];
        }

        if (Limits.EditCountMax < list.GetArrayLength())
        {
            problem = $"it has more than {Limits.EditCountMax} edits";
            return [];
        }

        var edits = ImmutableArray.CreateBuilder<Edit>();
        foreach (var item in list.EnumerateArray())
        {
            if (One(item, out string why) is not { } edit)
            {
                problem = $"edit {edits.Count + 1} {why}";
                return [];
            }

            edits.Add(edit);
        }

        return edits.ToImmutable();
    }

    // Null with the rest of a sentence for what is no edit, or lacks a member.
    private static Edit? One(JsonElement item, out string why)
    {
        string name = item.ValueKind == JsonValueKind.Object ? Text(item, "edit") ?? "" : "";
        var row = _edits.FirstOrDefault(one => one.Name == name);
        if (row.Make is null)
        {
            why = (item.ValueKind != JsonValueKind.Object ? "is no object"
                : name.Length == 0 ? "does not say which `edit` it is"
                : $"is '{Printable.Shortened(name, Limits.ShownCodeMax)}', which there is not")
                + $"; there are {string.Join(", ", _edits.Select(one => one.Name))}";
            return null;
        }

        var value = item.TryGetProperty("value", out var found) ? Data(found) : null;
        string? key = Text(item, "key");
        why = Text(item, "path") is null ? $"is {name}, and has no text `path`"
            : row.HasKey && key is null ? $"is {name}, and has no text `key`"
            : row.Value != EditValue.None && value is null
                ? $"is {name}, and has no `value`, or one with `null` or the same member twice in it"
            : row.Value == EditValue.Text && value is not DataNode.Text
                ? $"is {name}, and its `value` is no text or number"
            : "";
        if (why.Length != 0)
        {
            return null;
        }

        var edit = row.Make(Text(item, "path")!, key!, value!, Text(item, "before") ?? ""); // It was asked for.
        why = edit is null ? $"is {name}, and no way into the code stands behind its path: functions.score.do/0/1" : "";
        return edit;
    }

    // The way into the code stands behind the path: functions.score.do/0/1.
    private static Edit.ReplaceExpression? Replace(string path, string code)
    {
        string[] parts = path.Split('/');
        int first = parts.Length;
        var way = new List<int>();
        while (1 < first && IsPlace(parts[first - 1], out int place))
        {
            way.Insert(0, place);
            first--;
        }

        return way.Count == 0 ? null : new Edit.ReplaceExpression(string.Join('/', parts[..first]), [.. way], code);
    }

    private static bool IsPlace(string text, out int place) => int.TryParse(
        text, NumberStyles.None, CultureInfo.InvariantCulture, out place);

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // Null for `null`, which says nothing.
    private static DataNode? Data(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return new DataNode.Text(value.GetString()!);
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return new DataNode.Text(value.GetRawText());
            case JsonValueKind.Array:
                var items = value.EnumerateArray().Select(Data).ToList();
                return items.Contains(null) ? null : new DataNode.List([.. items.OfType<DataNode>()]);
            case JsonValueKind.Object:
                var fields = value.EnumerateObject().Select(one => (one.Name, Value: Data(one.Value))).ToList();
                bool isWhole = fields.TrueForAll(one => one.Value is not null)
                    && fields.DistinctBy(one => one.Name).Count() == fields.Count;
                return isWhole
                    ? new DataNode.Record([.. fields.Select(one => KeyValuePair.Create(one.Name, one.Value!))])
                    : null;
            default:
                return null;
        }
    }
}
