using System.Collections.Immutable;
using System.Text.Json;
using Tars.Base;
using Tars.Evolution.Changes;
using Tars.Evolution.Edits;

namespace Tars.Cli.Views;

/// <summary>Changes of a metascript and refusals of some, for people and as JSON.</summary>
internal static class ChangeText
{
    public static void Write(TextWriter output, ImmutableArray<DocumentChange> changes)
    {
        if (changes.IsEmpty)
        {
            output.WriteLine("no difference");
            return;
        }

        int width = changes.Max(change => change.Kind.ToString().Length);
        foreach (var change in changes)
        {
            string kind = change.Kind.ToString().ToLowerInvariant().PadRight(width);
            bool isLong = change.Before.Contains('\n', StringComparison.Ordinal)
                || change.After.Contains('\n', StringComparison.Ordinal) || change.Kind == ChangeKind.Rewritten;
            output.WriteLine($"{kind} {Printable.Of(change.Path)}{(isLong ? "" : Values(change))}");
            if (isLong)
            {
                WriteLines(output, change);
            }
        }
    }

    public static void Write(Utf8JsonWriter json, ImmutableArray<DocumentChange> changes) =>
        json.List("changes", changes, (_, change) =>
        {
            json.WriteStartObject();
            json.WriteString("kind", change.Kind.ToString().ToLowerInvariant());
            json.WriteString("path", change.Path);
            json.WriteString("before", change.Before);
            json.WriteString("after", change.After);
            json.WriteEndObject();
        });

    public static void Write(Utf8JsonWriter json, IEnumerable<Refusal> refusals) =>
        json.List("refusals", refusals, (_, refusal) =>
        {
            json.WriteStartObject();
            json.WriteString("name", refusal.Name);
            json.WriteString("path", refusal.Path);
            json.WriteString("reason", refusal.Reason);
            json.WriteEndObject();
        });

    public static string Of(Refusal refusal)
    {
        string place = refusal.Path.Length == 0 ? "" : $" {refusal.Path}";
        return Printable.Of($"{refusal.Name}{place}: {refusal.Reason}");
    }

    private static string Values(DocumentChange change) => change.Kind switch
    {
        ChangeKind.Added when change.After.Length == 0 => "",
        ChangeKind.Added => $": {Printable.Of(change.After)}",
        ChangeKind.Removed => "",
        _ => $": {Printable.Of(change.Before)} → {Printable.Of(change.After)}",
    };

    // What is common at both ends is left out.
    private static void WriteLines(TextWriter output, DocumentChange change)
    {
        string[] before = change.Before.Length == 0 ? [] : change.Before.Split('\n');
        string[] after = change.After.Length == 0 ? [] : change.After.Split('\n');
        int least = Math.Min(before.Length, after.Length);
        int head = 0;
        while (head < least && before[head] == after[head])
        {
            head++;
        }

        int tail = 0;
        while (tail < least - head && before[^(tail + 1)] == after[^(tail + 1)])
        {
            tail++;
        }

        foreach (string line in before[head..^tail])
        {
            output.WriteLine($"  - {Printable.Of(line)}");
        }

        foreach (string line in after[head..^tail])
        {
            output.WriteLine($"  + {Printable.Of(line)}");
        }
    }
}
