using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Tars.Base;
using Tars.Evolution.Store;
using Tars.Host.Versions;

namespace Tars.Cli.Views;

/// <summary>The history of a module's versions, for people and as JSON.</summary>
internal static class VersionText
{
    public static void Write(TextWriter output, VersionFolder folder)
    {
        var history = folder.History;
        // What made it the head.
        int head = history.Entries.ToList().FindLastIndex(one => one.Version == history.Head
            && one.Event is VersionEvent.Keep or VersionEvent.Commit or VersionEvent.Rollback);
        foreach (var (place, entry) in history.Entries.Index())
        {
            bool isThere = history.Present.Contains(entry.Version);
            string marks = string.Concat(
                place == head ? " head" : "",
                entry.Version == history.Approved && !entry.Version.IsNone ? " approved" : "",
                entry.Event == VersionEvent.Look ? Look(entry)
                    : isThere || entry.Event == VersionEvent.Prune ? "" : " dropped",
                entry.Dropped.IsEmpty ? "" : $" drops {string.Join(", ", entry.Dropped.Select(one => one.Short))}",
                Signer(folder, place) switch
                {
                    null => "",
                    "" => " with a wrong signature",
                    var key => $" signed by the key {ApproverKey.Fingerprint(key)}",
                });
            string score = entry.Score is { } value ? $" {value.ToString("0.####", CultureInfo.InvariantCulture)}" : "";
            output.WriteLine(
                $"{entry.Version.Short,-12} {Word(entry.Event),-8} {Printable.Of(entry.At)} "
                + $"{Printable.Of(entry.By)}{score}{marks}");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{history.Present.Length} versions, {history.SinceApproval} commits since an approval"));
    }

    public static void Write(Utf8JsonWriter json, VersionFolder folder)
    {
        var history = folder.History;
        json.WriteString("module", history.Module);
        json.WriteString("head", history.Head.ToString());
        json.WriteString("approved", history.Approved.ToString());
        json.WriteNumber("since_approval", history.SinceApproval);
        json.List("present", history.Present, (_, one) => json.WriteStringValue(one.ToString()));
        json.List("entries", history.Entries.Index(), (_, one) =>
        {
            var entry = one.Item;
            json.WriteStartObject();
            json.WriteString("event", Word(entry.Event));
            json.WriteString("version", entry.Version.ToString());
            json.WriteString("parent", entry.Parent.ToString());
            json.WriteString("by", entry.By);
            json.WriteString("at", entry.At);
            if (entry.Event == VersionEvent.Look)
            {
                json.WriteString("judge", entry.Shown.ToString());
            }

            if (entry.Score is { } score && double.IsFinite(score))
            {
                json.WriteNumber("score", score);
            }

            if (Signer(folder, one.Index) is { } key)
            {
                json.WriteString("key", key);
            }

            if (!entry.Dropped.IsEmpty)
            {
                json.List("dropped", entry.Dropped, (_, gone) => json.WriteStringValue(gone.ToString()));
            }

            json.WriteString("chain", entry.Chain.ToString());
            json.WriteEndObject();
        });
    }

    // The public key of a signed approval; empty when its signature is wrong, null when it has none.
    private static string? Signer(VersionFolder folder, int place)
    {
        var entry = folder.History.Entries[place];
        if (entry.Event != VersionEvent.Approve || entry.Notes.IsNone
            || !folder.History.Present.Contains(entry.Version))
        {
            return null;
        }

        return folder.Text(entry.Notes, out _) is { } notes
            && SignedApproval.IsSigned(folder.History, place, notes, out string key) ? key : "";
    }

    /// <summary>Who looked at the test scenarios, in a line each.</summary>
    public static IEnumerable<string> Looks(IEnumerable<VersionEntry> looks) => looks.Select(one =>
        $"{one.Version.Short} beside {one.Parent.Short}, by {one.By} at {one.At}, judged by {one.Shown.Short}");

    /// <summary>How often somebody looked.</summary>
    public static string Looked(ImmutableArray<VersionEntry> looks) => string.Create(
        CultureInfo.InvariantCulture,
        $"the test scenarios were looked at {(looks.Length == 1 ? "once" : $"{looks.Length} times")}");

    private static string Look(VersionEntry look) => $" beside {look.Parent.Short}, judged by {look.Shown.Short}";

    /// <summary>What happened, in one word.</summary>
    public static string Word(VersionEvent what) => what.ToString().ToLowerInvariant();
}
