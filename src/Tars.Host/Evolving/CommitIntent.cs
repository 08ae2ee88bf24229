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
/// </remarks>
public sealed record CommitIntent(string Place, string Module, VersionId Version, VersionId Notes, int Entries)
{
    private const string FileName = "commit" + Ending;
    private const string Ending = ".next";
    private const string Last = "end";

    /// <summary>Puts the files beside those that they shall replace, and says what they wait for.</summary>
    /// <param name="folder">Of the run.</param>
    public void Write(string folder, IEnumerable<(string Name, string Text)> files)
    {
        foreach (var (name, text) in files)
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

            foreach (string file in Directory.GetFiles(folder, "*" + Ending).Where(file => file != intent))
            {
                if (isThere)
                {
                    File.Move(file, file[..^Ending.Length], overwrite: true);
                }
                else
                {
                    File.Delete(file);
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
