using System.Text.Json;
using Tars.Base;

namespace Tars.Cli.Views;

/// <summary>Lines with comments that came or went between two metascripts, for whoever takes the whole text.</summary>
/// <remarks>Rather a line too many than a comment too few: a `#` in a text looks like one.</remarks>
internal static class CommentText
{
    private const char Mark = '#';

    public static void Write(TextWriter output, string before, string after)
    {
        var (gone, come) = Between(before, after);
        if (gone.Count + come.Count == 0)
        {
            return;
        }

        output.WriteLine("lines with comments");
        gone.ForEach(line => output.WriteLine($"  - {Printable.Of(line)}"));
        come.ForEach(line => output.WriteLine($"  + {Printable.Of(line)}"));
    }

    public static void Write(Utf8JsonWriter json, string before, string after)
    {
        var (gone, come) = Between(before, after);
        json.WriteStartObject("comments");
        json.List("gone", gone, (_, line) => json.WriteStringValue(line));
        json.List("come", come, (_, line) => json.WriteStringValue(line));
        json.WriteEndObject();
    }

    private static (List<string> Gone, List<string> Come) Between(string before, string after)
    {
        var gone = Lines(before).ToList();
        var come = Lines(after).Where(line => !gone.Remove(line)).ToList();
        return (gone, come);
    }

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Where(line => line.Contains(Mark, StringComparison.Ordinal)).Select(line => line.Trim());
}
