using System.Globalization;
using System.Text.Json;
using Tars.Base;
using Tars.Evolution.Store;

namespace Tars.Cli.Views;

/// <summary>The history of a module's versions, for people and as JSON.</summary>
internal static class VersionText
{
    public static void Write(TextWriter output, VersionHistory history)
    {
        foreach (var entry in history.Entries.Where(one => one.Event != VersionEvent.Prune))
        {
            bool isThere = history.Present.Contains(entry.Version);
            string marks = string.Concat(
                entry.Version == history.Head ? " head" : "",
                entry.Version == history.Approved ? " approved" : "",
                isThere ? "" : " dropped");
            string score = entry.Score is { } value ? $" {value.ToString("0.####", CultureInfo.InvariantCulture)}" : "";
            output.WriteLine(
                $"{entry.Version.Short} {Word(entry.Event),-8} {Printable.Of(entry.At)} "
                + $"{Printable.Of(entry.By)}{score}{marks}");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{history.Present.Length} versions, {history.SinceApproval} commits since an approval"));
    }

    public static void Write(Utf8JsonWriter json, VersionHistory history)
    {
        json.WriteString("module", history.Module);
        json.WriteString("head", history.Head.ToString());
        json.WriteString("approved", history.Approved.ToString());
        json.WriteNumber("since_approval", history.SinceApproval);
        json.List("present", history.Present, (_, one) => json.WriteStringValue(one.ToString()));
        json.List("entries", history.Entries, (_, entry) =>
        {
            json.WriteStartObject();
            json.WriteString("event", Word(entry.Event));
            json.WriteString("version", entry.Version.ToString());
            json.WriteString("parent", entry.Parent.ToString());
            json.WriteString("by", entry.By);
            json.WriteString("at", entry.At);
            if (entry.Score is { } score && double.IsFinite(score))
            {
                json.WriteNumber("score", score);
            }

            json.WriteString("chain", entry.Chain.ToString());
            json.WriteEndObject();
        });
    }

    private static string Word(VersionEvent what) => what.ToString().ToLowerInvariant();
}
