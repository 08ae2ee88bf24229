using System.Text.Encodings.Web;
using System.Text.Json;
using Tars.Evolution.Store;

namespace Tars.Host.Versions;

/// <summary>What somebody signed to approve a version, as it is kept beside the entry in the history.</summary>
/// <remarks>
/// The statement names the whole history before it by its chain, so a signature is of no use anywhere else, nor a
/// second time.
/// </remarks>
public static class SignedApproval
{
    private static readonly JsonWriterOptions _options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The entry and its notes.</summary>
    /// <param name="history">Before it.</param>
    /// <param name="shown">What differs from the version that was approved last.</param>
    public static (VersionEntry Entry, string Notes) Of(
        VersionHistory history, VersionId version, string shown, string by, string at, ApproverKey key)
    {
        var entry = VersionHistory.Entry(VersionEvent.Approve, version, by, at) with { Shown = VersionId.Of(shown) };
        string statement = Statement(history.Module, entry, Before(history, history.Entries.Length));
        string notes = Json(json =>
        {
            json.WriteString("key", key.Public);
            json.WriteString("signature", key.Sign(statement));
        });
        return (entry with { Notes = VersionId.Of(notes) }, notes);
    }

    /// <summary>Whether the notes of an approval hold a signature of it.</summary>
    /// <param name="place">Of the entry in the history.</param>
    /// <param name="key">The public key that signed it; empty when none did.</param>
    public static bool IsSigned(VersionHistory history, int place, string notes, out string key)
    {
        key = "";
        try
        {
            using var document = JsonDocument.Parse(notes);
            var root = document.RootElement;
            string named = root.GetProperty("key").GetString() ?? "";
            string signature = root.GetProperty("signature").GetString() ?? "";
            string statement = Statement(history.Module, history.Entries[place], Before(history, place));
            key = ApproverKey.HasSigned(named, statement, signature) ? named : "";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // What is not written so is no signature.
        }

        return key.Length != 0;
    }

    private static VersionId Before(VersionHistory history, int place) =>
        place == 0 ? VersionId.None : history.Entries[place - 1].Chain;

    // One line for each member: none of them can hold a line end, and so pass for another.
    private static string Statement(string module, VersionEntry entry, VersionId before) => string.Join('\n', [
        "tars approval 1", module, entry.Version.ToString(), before.ToString(), entry.Shown.ToString(),
        .. new[] { entry.By, entry.At }.Select(one => one.ReplaceLineEndings(" ")),
    ]);

    private static string Json(Action<Utf8JsonWriter> members)
    {
        using var octets = new MemoryStream();
        using (var json = new Utf8JsonWriter(octets, _options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(octets.GetBuffer(), 0, (int)octets.Length);
    }
}
