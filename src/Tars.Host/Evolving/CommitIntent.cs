using System.Collections.Immutable;
using System.Globalization;
using Tars.Evolution.Store;

namespace Tars.Host.Evolving;

/// <summary>What a run is about to commit, in its folder, with the files that are true once it is.</summary>
/// <remarks>
/// Use: Write, then commit, then Settle; and Settle before anything else is done with a folder.
///
/// Invariants:
///   I1  A folder whose intent is settled says of its version what the store says, wherever the run before was killed.
///   I2  The intent is there, whole, before the store is written, and goes last.
///   I3  Of all that lies in a folder only what a run writes there is touched.
/// </remarks>
public sealed record CommitIntent(string Place, string Module, VersionId Version, VersionId Notes, int Entries)
{
    private const string FileName = "commit" + Ending;
    private const string Ending = ".next";
    private const string Last = "end";

    // The files that say whether it was committed. // I3
    private static readonly ImmutableArray<string> _says = ["report.html", "verdict.json"];

    /// <summary>Puts what says of a commit beside what it shall replace, and says what it waits for.</summary>
    /// <param name="folder">Of the run.</param>
    /// <param name="files">All of the run; those that say nothing of a commit are left out.</param>
    public void Write(string folder, IEnumerable<(string Name, string Text)> files)
    {
        foreach (var (name, text) in files.Where(one => _says.Contains(one.Name)))
        {
            File.WriteAllText(Path.Combine(folder, name + Ending), text);
        }

        string[] lines =
        [
            Uri.EscapeDataString(Path.GetFullPath(Place)), Module, Version.ToString(), Notes.ToString(),
            Entries.ToString(CultureInfo.InvariantCulture), Last,
        ];
        File.WriteAllLines(Path.Combine(folder, FileName), lines);
    }

    /// <summary>Takes the files into their places when the store has the version, and else away.</summary>
    /// <returns>False, with why, when it cannot be known, or not be done.</returns>
    public static bool Settle(string folder, out string why)
    {
        why = "";
        try
        {
            string intent = Path.Combine(folder, FileName);
            bool isThere = false;
            if (Read(intent) is { } one)
            {
                if (VersionCommit.IsThere(one.Place, one.Module, one.Version, one.Notes, one.Entries, out why)
                    is not { } known)
                {
                    return false;
                }

                isThere = known;
            }

            foreach (string file in _says.Select(name => Path.Combine(folder, name)))
            {
                string next = file + Ending;
                if (!isThere)
                {
                    File.Delete(next);
                }
                else if (File.Exists(next))
                {
                    File.Move(next, file, overwrite: true);
                }
            }

            File.Delete(intent);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = e.Message;
            return false;
        }
    }

    // One that is not whole was never acted on. // I2
    private static CommitIntent? Read(string file)
    {
        string[] lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        return lines is [var place, var module, var version, var notes, var entries, Last]
            && VersionId.TryParse(version, out var made) && VersionId.TryParse(notes, out var kept)
            && int.TryParse(entries, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            ? new CommitIntent(Uri.UnescapeDataString(place), module, made, kept, count)
            : null;
    }
}
