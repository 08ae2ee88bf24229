using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tars.Evolution.Store;

/// <summary>A history of versions as lines of JSON, the last of which says that it is whole.</summary>
/// <remarks>What is read is written again and compared, so there is one way to write each history.</remarks>
public static class HistoryText
{
    private static readonly string[] _ids = ["version", "parent", "notes", "shown", "chain"];

    private const string End = "end";

    private static readonly string[] _words = ["keep", "commit", "rollback", "approve", "prune", "squash", "look"];

    public static byte[] Write(VersionHistory history)
    {
        var text = new StringBuilder();
        text.Append(Head(history.Module)).Append('\n');
        foreach (var entry in history.Entries)
        {
            text.Append(Line(entry)).Append('\n');
        }

        text.Append(Tail(history.Entries.Length)).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Null with why, for whatever is no whole history.</summary>
    public static VersionHistory? Read(ReadOnlySpan<byte> octets, out string why)
    {
        why = "it is not whole";
        string[] lines = Encoding.UTF8.GetString(octets).Split('\n');
        if (lines.Length < 3 || lines[^1].Length != 0 || lines[^2] != Tail(lines.Length - 3))
        {
            return null;
        }

        var entries = new List<VersionEntry>();
        foreach (string line in lines[1..^2])
        {
            if (EntryOf(line) is not { } entry || Line(entry) != line)
            {
                why = $"entry {entries.Count + 1} is none";
                return null;
            }

            entries.Add(entry);
        }

        if (ModuleOf(lines[0]) is not { } module || Head(module) != lines[0])
        {
            why = "its first line says no module";
            return null;
        }

        return VersionHistory.Of(module, entries, out why);
    }

    /// <summary>One entry; with the chain of the one before it, this is what its own chain is a hash of.</summary>
    internal static string Line(VersionEntry entry) => Json(json =>
    {
        json.WriteString("event", _words[(int)entry.Event]);
        json.WriteString("version", entry.Version.ToString());
        json.WriteString("parent", entry.Parent.ToString());
        json.WriteString("notes", entry.Notes.ToString());
        json.WriteString("score", entry.Score?.ToString("R", CultureInfo.InvariantCulture) ?? "");
        json.WriteString("by", entry.By);
        json.WriteString("at", entry.At);
        json.WriteString("shown", entry.Shown.ToString());
        json.WriteStartArray("dropped");
        foreach (var dropped in entry.Dropped)
        {
            json.WriteStringValue(dropped.ToString());
        }

        json.WriteEndArray();
        json.WriteString("chain", entry.Chain.ToString());
    });

    private static string Head(string module) => Json(json => json.WriteString("module", module));

    private static string Tail(int entries) => Json(json => json.WriteNumber(End, entries));

    private static string Json(Action<Utf8JsonWriter> members)
    {
        using var octets = new MemoryStream();
        using (var json = new Utf8JsonWriter(octets))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(octets.GetBuffer(), 0, (int)octets.Length);
    }

    private static string? ModuleOf(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return Text(document.RootElement, "module");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static VersionEntry? EntryOf(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            int word = Array.IndexOf(_words, Text(root, "event"));
            string? score = Text(root, "score");
            bool isRight = 0 <= word && score is not null
                && Text(root, "by") is not null && Text(root, "at") is not null
                && root.TryGetProperty("dropped", out var list) && list.ValueKind == JsonValueKind.Array;
            if (!isRight || Ids(root) is not { } ids)
            {
                return null;
            }

            double number = 0;
            if (score!.Length != 0
                && !(double.TryParse(score, NumberStyles.Float, CultureInfo.InvariantCulture, out number)
                    && double.IsFinite(number)))
            {
                return null;
            }

            double? value = score.Length == 0 ? null : number;
            return new VersionEntry(
                (VersionEvent)word,
                ids[0],
                ids[1],
                ids[2],
                value,
                Text(root, "by")!,
                Text(root, "at")!,
                ids[3],
                ids[5..])
            {
                Chain = ids[4],
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // And then what was dropped.
    private static ImmutableArray<VersionId>? Ids(JsonElement root)
    {
        var texts = _ids.Select(name => Text(root, name))
            .Concat(root.GetProperty("dropped").EnumerateArray()
                .Select(one => one.ValueKind == JsonValueKind.String ? one.GetString() : null));
        var ids = ImmutableArray.CreateBuilder<VersionId>();
        foreach (string? text in texts)
        {
            if (text is null || !VersionId.TryParse(text, out var id))
            {
                return null;
            }

            ids.Add(id);
        }

        return ids.ToImmutable();
    }

    private static string? Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
