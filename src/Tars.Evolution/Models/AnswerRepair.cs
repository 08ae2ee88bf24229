using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tars.Base;
using Tars.Evolution.Edits;

namespace Tars.Evolution.Models;

/// <summary>Reads what a model said as edits: forgiving in form, never in what it says.</summary>
/// <remarks>
/// The rungs, in this order: the first object of JSON in the answer, whatever stands round it; an object that is
/// wrapped in an echo of the schema; members that can be read in one way only; unknown members are dropped and counted.
/// What was cut off is no answer: nothing is closed that the model did not close.
/// </remarks>
public static class AnswerRepair
{
    private static readonly string[] _known = ["edit", "path", "key", "value", "before"];

    private static readonly string[] _wrappers = ["properties", "answer", "result", "response", "output"];

    /// <param name="answer">As it came.</param>
    public static RepairedAnswer Read(ModelAnswer.Said answer)
    {
        if (!answer.IsWhole)
        {
            return RepairedAnswer.None("the answer was cut off: say less");
        }

        if (ObjectIn(answer.Text) is not { } text)
        {
            return RepairedAnswer.None("the answer holds no whole object of JSON");
        }

        try
        {
            var options = new JsonDocumentOptions { MaxDepth = Limits.EditDepthMax };
            return JsonNode.Parse(text, documentOptions: options) is JsonObject root
                ? Read(root)
                : RepairedAnswer.None("the answer is no object");
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return RepairedAnswer.None($"the answer is no JSON: {e.Message}");
        }
    }

    private static RepairedAnswer Read(JsonObject root)
    {
        var inner = Unwrapped(root);
        if (inner["edits"] is not { } edits)
        {
            return RepairedAnswer.None("the answer has no `edits`");
        }

        int dropped = inner.Count(one => one.Key is not ("edits" or "why"));
        var list = new JsonArray();
        foreach (var item in edits is JsonArray many ? many.ToArray() : [edits])
        {
            if (item is not JsonObject edit)
            {
                return RepairedAnswer.None("an edit is an object");
            }

            list.Add(Cleaned(edit, ref dropped));
        }

        string clean = new JsonObject { ["edits"] = list }.ToJsonString();
        var read = EditJson.Read(Encoding.UTF8.GetBytes(clean), out string? problem);
        string why = inner["why"] is JsonValue value && value.TryGetValue(out string? said) ? said : "";
        return problem is null
            ? new RepairedAnswer(read, Shortened(why), dropped, "")
            : RepairedAnswer.None(problem);
    }

    // A model that was shown a schema may answer with it, its values in the place of the types.
    private static JsonObject Unwrapped(JsonObject root)
    {
        var inner = root;
        for (int depth = 0; depth < _wrappers.Length && inner["edits"] is null; depth++)
        {
            if (_wrappers.Select(one => inner[one]).OfType<JsonObject>().FirstOrDefault() is not { } next)
            {
                break;
            }

            inner = next;
        }

        return inner;
    }

    private static JsonObject Cleaned(JsonObject edit, ref int dropped)
    {
        var clean = new JsonObject();
        foreach (var (name, value) in edit)
        {
            if (!_known.Contains(name))
            {
                dropped++;
            }
            else if (value is not null)
            {
                clean[name] = value.DeepClone(); // Null says that a member is absent.
            }
        }

        // A handler that comes as its code alone can be nothing else.
        if (Text(clean["edit"]) == "add-handler" && Text(clean["value"]) is { } code)
        {
            clean["value"] = new JsonObject { ["do"] = code };
        }

        return clean;
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    // From the first brace to the one that closes it.
    private static string? ObjectIn(string text)
    {
        int first = text.IndexOf('{', StringComparison.Ordinal);
        int depth = 0;
        bool isQuoted = false;
        for (int at = Math.Max(first, 0); 0 <= first && at < text.Length; at++)
        {
            char c = text[at];
            if (isQuoted)
            {
                at += c == '\\' ? 1 : 0;
                isQuoted = c != '"';
                continue;
            }

            isQuoted = c == '"';
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0 && c == '}')
            {
                return text[first..(at + 1)];
            }
        }

        return null;
    }

    private static string Shortened(string text) => Printable.Shortened(text, Limits.ShownTextMax);
}

/// <summary>Edits that a model meant, or why there are none.</summary>
/// <param name="Why">In its own words, cut to a length.</param>
/// <param name="Dropped">Members that nobody knows.</param>
/// <param name="Problem">Empty when there are edits.</param>
public sealed record RepairedAnswer(ImmutableArray<Edit> Edits, string Why, int Dropped, string Problem)
{
    internal static RepairedAnswer None(string problem) => new([], "", 0, problem);
}
