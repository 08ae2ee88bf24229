namespace Tars.Devices.Wasi.Files;

/// <summary>Something open: a file, a folder or a stream. What a kind cannot do it answers with an errno.</summary>
/// <remarks>Nothing here throws: what the outside refuses becomes an <see cref="Errno"/> where it happens.</remarks>
internal abstract class OpenFile : IDisposable
{
    public abstract FileType Type { get; }

    public abstract Errno Stat(out FileStat stat);

    /// <summary>From the position on, which moves. None at the end.</summary>
    public virtual Errno Read(Span<byte> into, out int count)
    {
        count = 0;
        return Errno.Badf;
    }

    /// <summary>At the position, which moves; at the end when the file is open for appending.</summary>
    public virtual Errno Write(ReadOnlySpan<byte> from, out int count)
    {
        count = 0;
        return Errno.Badf;
    }

    public virtual Errno ReadAt(Span<byte> into, long offset, out int count)
    {
        count = 0;
        return Errno.Spipe;
    }

    public virtual Errno WriteAt(ReadOnlySpan<byte> from, long offset, out int count)
    {
        count = 0;
        return Errno.Spipe;
    }

    public virtual Errno Seek(long offset, Whence whence, out ulong position)
    {
        position = 0;
        return Errno.Spipe;
    }

    public virtual Errno SetSize(long size) => Errno.Inval;

    /// <summary>Makes sure that there is room; the file grows to the end of the range.</summary>
    public virtual Errno Allocate(long offset, long length) => Errno.Notsup;

    public virtual Errno Sync(bool dataOnly) => Errno.Success;

    public virtual Errno SetFlags(FdFlags flags) => Errno.Notsup;

    public virtual Errno SetTimes(NewTimes times) => Errno.Notsup;

    public abstract void Dispose();
}
