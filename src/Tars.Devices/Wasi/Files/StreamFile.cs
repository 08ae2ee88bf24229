namespace Tars.Devices.Wasi.Files;

/// <summary>A standard stream of a command: octets in one direction.</summary>
internal sealed class StreamFile(Stream stream) : OpenFile
{
    private const int BrokenPipe = 32;

    public override FileType Type => FileType.Unknown;

    public override Errno Stat(out FileStat stat)
    {
        stat = FileStat.OfStream;
        return Errno.Success;
    }

    public override Errno Read(Span<byte> into, out int count)
    {
        count = 0;
        try
        {
            count = stream.Read(into);
            return Errno.Success;
        }
        catch (Exception broken) when (broken is IOException or NotSupportedException or ObjectDisposedException)
        {
            return Errno.Io;
        }
    }

    public override Errno Write(ReadOnlySpan<byte> from, out int count)
    {
        count = 0;
        try
        {
            stream.Write(from);
            stream.Flush(); // Whoever waits for the output may be who writes the input.
            count = from.Length;
            return Errno.Success;
        }
        catch (Exception broken) when (broken is IOException or NotSupportedException or ObjectDisposedException)
        {
            return broken.HResult == BrokenPipe ? Errno.Pipe : Errno.Io;
        }
    }

    public override Errno Sync(bool dataOnly) => Errno.Inval;

    public override void Dispose()
    {
        // The stream is its giver's.
    }
}
