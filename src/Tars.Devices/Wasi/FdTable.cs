namespace Tars.Devices.Wasi;

/// <summary>The files and folders that one command has open, by their numbers.</summary>
/// <remarks>
/// Invariants:
///   I1  A number from the guest is data: what is not open is <see cref="Errno.Badf"/>.
///   I2  A new file gets the lowest number that is free, so equal runs see equal numbers.
/// </remarks>
internal sealed class FdTable : IDisposable
{
    private readonly List<FdEntry?> _entries = [];

    /// <summary>Whether the number is open with all these rights.</summary>
    public Errno Find(uint fd, Rights needed, out FdEntry entry)
    {
        entry = (fd < (uint)_entries.Count ? _entries[(int)fd] : null) ?? FdEntry.Closed;
        return entry == FdEntry.Closed ? Errno.Badf // I1
            : (needed & ~entry.Rights) == Rights.None ? Errno.Success
            : Errno.Notcapable;
    }

    /// <summary>Takes the entry over, also when there is no room and it is closed at once.</summary>
    public Errno Add(FdEntry entry, out uint fd)
    {
        int free = _entries.IndexOf(null); // I2
        fd = (uint)(free < 0 ? _entries.Count : free);
        if (free < 0 && _entries.Count == Limits.FdCountMax)
        {
            entry.File.Dispose();
            return Errno.Mfile;
        }

        if (free < 0)
        {
            _entries.Add(entry);
        }
        else
        {
            _entries[free] = entry;
        }

        return Errno.Success;
    }

    /// <summary>What all listings take that are being read.</summary>
    public long ListingOctets => _entries.Sum(one => one?.ListingOctets ?? 0);

    public bool HasRoom => _entries.Count < Limits.FdCountMax || _entries.Contains(null);

    public Errno Close(uint fd)
    {
        var errno = Find(fd, Rights.None, out var entry);
        if (errno is Errno.Success)
        {
            entry.File.Dispose();
            _entries[(int)fd] = null;
        }

        return errno;
    }

    /// <summary>Moves one number's file to another number, whose file is closed.</summary>
    public Errno Renumber(uint from, uint to)
    {
        var errno = Find(from, Rights.None, out var entry);
        if (errno is Errno.Success)
        {
            errno = Find(to, Rights.None, out var replaced);
            if (errno is Errno.Success && from != to)
            {
                replaced.File.Dispose();
                _entries[(int)to] = entry;
                _entries[(int)from] = null;
            }
        }

        return errno;
    }

    public void Dispose()
    {
        foreach (var entry in _entries)
        {
            entry?.File.Dispose();
        }

        _entries.Clear();
    }
}
