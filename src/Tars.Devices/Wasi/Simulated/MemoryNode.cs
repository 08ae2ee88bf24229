using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Wasi.Simulated;

/// <summary>A file, folder or symbolic link in memory.</summary>
internal sealed class MemoryNode(ulong inode, FileType type, long now)
{
    private byte[] _buffer = [];
    private int _size;

    public ulong Inode => inode;

    public FileType Type => type;

    /// <summary>Names that it has, counted as the system counts them: a folder has two.</summary>
    public int LinkCount { get; set; } = type is FileType.Directory ? 2 : 1;

    /// <summary>Of a folder: the one that it lies in; null of the first and of a removed one.</summary>
    public MemoryNode? Parent { get; set; }

    /// <summary>How often a file is open.</summary>
    public int OpenCount { get; set; }

    /// <summary>A folder that was removed while it was open takes nothing new.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Of a folder. A name's octets are the characters of its key, so that it sorts by octets.</summary>
    public SortedDictionary<string, MemoryNode> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Of a file, or where a link leads.</summary>
    public Span<byte> Content => _buffer.AsSpan(0, _size);

    /// <summary>Octets that it takes, at most four for each of its content.</summary>
    public int Room => _buffer.Length;

    public long Atim { get; set; } = now;

    public long Mtim { get; set; } = now;

    public long Ctim { get; set; } = now;

    public FileStat Stat => new(
        Device: 1, inode, type, (ulong)LinkCount, (ulong)_size, Atim, Mtim, Ctim);

    /// <summary>What is new is zero. Growing by little costs little, and what was cut off is given back.</summary>
    public void Resize(int size)
    {
        if (_buffer.Length < size)
        {
            Array.Resize(ref _buffer, Math.Max(size, 2 * _buffer.Length));
        }

        _buffer.AsSpan(Math.Min(size, _size), Math.Abs(size - _size)).Clear();
        _size = size;
        if (size < _buffer.Length / 4)
        {
            Array.Resize(ref _buffer, 2 * size);
        }
    }
}
