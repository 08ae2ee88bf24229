using System.Globalization;
using System.Text;
using Tars.Evolution.Store;
using Tars.Host.Journal.Durable;

namespace Tars.Host.Versions;

/// <summary>The versions of one module in a folder: texts and notes by their hashes, and one history of them.</summary>
/// <remarks>
/// Use: Open, then Record once for each thing that happens; Dispose of it. One program at a time has the folder.
///
/// The history is a file that is written anew under the next number and is whole or not; the highest that is whole
/// counts. What it names was on the disk before it, and what it does not name is swept away at the next Open.
///
/// Invariants:
///   I1  Whenever the power goes, what Open finds is the history before a Record or the one after it.
///   I2  Every object that the history names is there, and is what its name says.
/// </remarks>
public sealed class VersionFolder : IDisposable
{
    private const string HistoryPrefix = "history-";
    private const string Lock = "lock";
    private const int NumberDigits = 8;
    private const int ReadsMax = 8;

    private readonly IJournalDisk _disk;
    private int _number;

    private VersionFolder(IJournalDisk disk, VersionHistory history, int number)
    {
        _disk = disk;
        History = history;
        _number = number;
    }

    public VersionHistory History { get; private set; }

    /// <summary>Opens a folder, which is made when it is not there.</summary>
    /// <returns>Null, with why.</returns>
    public static VersionFolder? Open(string folder, string module, out string why) =>
        FolderDisk.Open(folder, out why) is { } disk ? OpenOn(disk, module, out why) : null;

    /// <summary>Opens a folder to look at it, also one that may not be written, or that somebody else has just now.
    /// </summary>
    /// <remarks>Nothing in it changes; a Record of it is refused.</remarks>
    /// <returns>Null, with why.</returns>
    public static VersionFolder? OpenToRead(string folder, string module, out string why) =>
        OpenToRead(new FolderView(folder), module, out why);

    internal static VersionFolder? OpenToRead(IJournalDisk disk, string module, out string why)
    {
        // Whoever writes sweeps away what it has replaced, maybe between the look at the names and the reading; then
        // there is a newer one to be found.
        why = "";
        for (int attempt = 0; attempt < ReadsMax; attempt++)
        {
            try
            {
                why = "";
                var seen = disk.Names();
                if (Read(disk, module, ref why) is { } folder)
                {
                    return folder;
                }

                if (disk.Names().ToHashSet(StringComparer.Ordinal).SetEquals(seen))
                {
                    return null;
                }
            }
            catch (IOException gone)
            {
                why = gone.Message;
            }
            catch (UnauthorizedAccessException refused)
            {
                why = refused.Message;
                return null;
            }
        }

        return null;
    }

    /// <summary>Takes the disk over: what is not whole on it, or not named, goes away.</summary>
    internal static VersionFolder? OpenOn(IJournalDisk disk, string module, out string why)
    {
        try
        {
            why = "";
            var folder = Read(disk, module, ref why);
            if (folder is null)
            {
                disk.Dispose();
            }
            else if (folder._number == 0)
            {
                folder.Begin();
            }

            folder?.Sweep();

            return folder;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            disk.Dispose();
            why = broken.Message;
            return null;
        }
    }

    /// <summary>Adds to the history, with the objects that it names.</summary>
    /// <param name="why">Why it was not taken; nothing has changed then.</param>
    public bool Record(VersionEntry entry, IEnumerable<string> objects, out string why) =>
        Record([entry], objects, out why);

    /// <summary>The same with several entries at once: all of them are taken, or none.</summary>
    public bool Record(ReadOnlySpan<VersionEntry> entries, IEnumerable<string> objects, out string why)
    {
        var next = History;
        why = "";
        foreach (var entry in entries)
        {
            if (next.With(entry, out why) is not { } further)
            {
                return false;
            }

            next = further;
        }

        return Write(next, objects, out why);
    }

    /// <summary>Drops texts: see <see cref="VersionHistory.Pruned"/>.</summary>
    public bool Prune(int keep, string by, string at, out string why)
    {
        var next = History.Pruned(keep, by, at);
        why = "";
        return next == History || Write(next, [], out why);
    }

    /// <summary>Drops the texts between two versions: see <see cref="VersionHistory.Squashed"/>.</summary>
    public bool Squash(VersionId from, VersionId to, string by, string at, out string why) =>
        History.Squashed(from, to, by, at, out why) is { } next && Write(next, [], out why);

    /// <summary>The text of a version or of its notes; null with why.</summary>
    public string? Text(VersionId id, out string why)
    {
        try
        {
            byte[] octets = _disk.Read(id.ToString());
            bool isRight = VersionId.Of(octets) == id;
            why = isRight ? "" : $"{id.Short} is not what its name says: the disk has changed it";
            return isRight ? Encoding.UTF8.GetString(octets) : null;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or KeyNotFoundException)
        {
            why = $"{id.Short} cannot be read: {broken.Message}";
            return null;
        }
    }

    public void Dispose() => _disk.Dispose();

    private static VersionFolder? Read(IJournalDisk disk, string module, ref string why)
    {
        var numbers = disk.Names().Select(NumberOf).OfType<int>().OrderDescending().ToList();
        foreach (int number in numbers)
        {
            if (HistoryText.Read(disk.Read(NameOf(number)), out string broken) is not { } history)
            {
                why = $"its history: {broken}";
                continue;
            }

            if (history.Module != module)
            {
                why = $"it holds versions of {history.Module}";
                return null;
            }

            return new VersionFolder(disk, history, number);
        }

        if (disk.Names().Any(IsObject))
        {
            why = why.Length == 0 ? "it holds texts, and no history of them" : why;
            return null;
        }

        // The first holds nothing, so a first that never became whole is no loss.
        return numbers is [] or [1] ? new VersionFolder(disk, VersionHistory.Empty(module), number: 0) : null;
    }

    // An empty history is there before anything can be lost: one that is broken later is never taken for a new store.
    private void Begin()
    {
        Put(NameOf(1), HistoryText.Write(History));
        _disk.SyncNames();
        _number = 1;
    }

    private bool Write(VersionHistory next, IEnumerable<string> objects, out string why)
    {
        var before = History.Objects.ToHashSet();
        try
        {
            foreach (string text in objects)
            {
                byte[] octets = Encoding.UTF8.GetBytes(text);
                var id = VersionId.Of(octets);
                if (before.Add(id))
                {
                    Put(id.ToString(), octets);
                }
            }

            _disk.SyncNames();
            Put(NameOf(_number + 1), HistoryText.Write(next));
            _disk.SyncNames();
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            why = broken.Message;
            return false;
        }

        _number++;
        History = next;
        try
        {
            Sweep();
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            // It is written; what is left over goes at the next start.
            why = broken.Message;
            return true;
        }

        why = "";
        return true;
    }

    private void Put(string name, ReadOnlySpan<byte> octets)
    {
        if (_disk.Names().Contains(name))
        {
            _disk.Delete(name); // Half of it was written once, before something went wrong.
        }

        using var file = _disk.Create(name);
        file.Write(octets);
        file.Sync();
    }

    private void Sweep()
    {
        var wanted = History.Objects.Select(one => one.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (string name in _disk.Names().Order(StringComparer.Ordinal).ToList())
        {
            bool isOurs = NumberOf(name) is not null || IsObject(name);
            if (isOurs && !wanted.Contains(name) && NumberOf(name) != _number && name != Lock)
            {
                _disk.Delete(name);
            }
        }
    }

    private static bool IsObject(string name) => VersionId.TryParse(name, out var id) && !id.IsNone;

    private static string NameOf(int number) =>
        HistoryPrefix + number.ToString("D" + NumberDigits, CultureInfo.InvariantCulture);

    private static int? NumberOf(string name) =>
        name.StartsWith(HistoryPrefix, StringComparison.Ordinal)
            && int.TryParse(
                name[HistoryPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
