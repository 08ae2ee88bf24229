using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Wasi.Simulated;

/// <summary>The twin of a file: open, with a position of its own.</summary>
internal sealed class MemoryFile : OpenFile
{
    private readonly MemoryTree _tree;
    private readonly MemoryNode _node;
    private readonly OpenHow _how;
    private FdFlags _flags;
    private long _position;
    private bool _isClosed;

    public MemoryFile(MemoryTree tree, MemoryNode node, OpenHow how)
    {
        _tree = tree;
        _node = node;
        _how = how;
        _flags = how.Flags;
        node.OpenCount++;
    }

    public override FileType Type => _node.Type;

    public override Errno Stat(out FileStat stat)
    {
        stat = _node.Stat;
        return Errno.Success;
    }

    public override Errno Read(Span<byte> into, out int count)
    {
        var errno = ReadAt(into, _position, out count);
        _position += count;
        return errno;
    }

    public override Errno Write(ReadOnlySpan<byte> from, out int count)
    {
        _position = _flags.HasFlag(FdFlags.Append) ? _node.Content.Length : _position;
        var errno = WriteAt(from, _position, out count);
        _position += count;
        return errno;
    }

    public override Errno ReadAt(Span<byte> into, long offset, out int count)
    {
        count = 0;
        if (!_how.Reads)
        {
            return Errno.Badf;
        }

        int from = (int)Math.Min(offset, _node.Content.Length);
        count = Math.Min(into.Length, _node.Content.Length - from);
        _node.Content.Slice(from, count).CopyTo(into);
        _node.Atim = _tree.Now;
        return Errno.Success;
    }

    public override Errno WriteAt(ReadOnlySpan<byte> from, long offset, out int count)
    {
        count = 0;
        if (!_how.Writes)
        {
            return Errno.Badf;
        }

        long end = offset <= long.MaxValue - from.Length ? offset + from.Length : long.MaxValue;
        var errno = _node.Content.Length < end && !from.IsEmpty ? _tree.Resize(_node, end) : Errno.Success;
        if (errno is Errno.Success && !from.IsEmpty)
        {
            from.CopyTo(_node.Content[(int)offset..]);
            count = from.Length;
            Touch();
        }

        return errno;
    }

    public override Errno Seek(long offset, Whence whence, out ulong position)
    {
        long from = whence switch
        {
            Whence.Set => 0,
            Whence.Cur => _position,
            Whence.End => _node.Content.Length,
        };
        position = (ulong)_position;
        if ((Int128)from + offset is var to && (to < 0 || long.MaxValue < to))
        {
            return Errno.Inval;
        }

        _position = (long)to;
        position = (ulong)_position;
        return Errno.Success;
    }

    public override Errno SetSize(long size)
    {
        var errno = _how.Writes ? _tree.Resize(_node, size) : Errno.Inval;
        if (errno is Errno.Success)
        {
            Touch();
        }

        return errno;
    }

    public override Errno Allocate(long offset, long length) =>
        long.MaxValue - length < offset ? Errno.Fbig
        : _node.Content.Length < offset + length ? SetSize(offset + length)
        : Errno.Success;

    public override Errno SetFlags(FdFlags flags)
    {
        if ((flags & ~(FdFlags.Append | FdFlags.Nonblock)) != FdFlags.None)
        {
            return Errno.Notsup;
        }

        _flags = flags;
        return Errno.Success;
    }

    public override Errno SetTimes(NewTimes times)
    {
        _node.Atim = times.Atim ?? _node.Atim;
        _node.Mtim = times.Mtim ?? _node.Mtim;
        _node.Ctim = _tree.Now;
        return Errno.Success;
    }

    public override void Dispose()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _node.OpenCount--;
            _tree.DropIfUnused(_node);
        }
    }

    private void Touch() => _node.Mtim = _node.Ctim = _tree.Now;
}
