using System.Collections.Immutable;
using System.Security.Cryptography;
using Tars.Devices.Host;

namespace Tars.Host.Journal;

/// <summary>A file as it was when it was first read, however often it is read after that.</summary>
/// <remarks>
/// It may be larger than memory, so its octets are not kept but the hash of each block. What is behind the end that it
/// had then is not there: who reads a log that is still written reads the same each time. Where a block is another, or
/// gone, reading fails before anybody has seen any of it.
/// </remarks>
internal sealed class UnchangedFile
{
    private const int BlockSize = 1 << 20;

    private readonly string _path;
    private readonly ImmutableArray<byte[]> _blocks;
    private readonly long _size;

    private UnchangedFile(string path, ImmutableArray<byte[]> blocks, long size)
    {
        _path = path;
        _blocks = blocks;
        _size = size;
    }

    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static UnchangedFile Of(string path)
    {
        using var file = FileContent.OpenRead(path);
        var blocks = ImmutableArray.CreateBuilder<byte[]>();
        byte[] block = new byte[BlockSize];
        long size = 0;
        int read = file.ReadAtLeast(block, BlockSize, throwOnEndOfStream: false);
        while (0 < read)
        {
            blocks.Add(SHA256.HashData(block.AsSpan(0, read)));
            size += read;
            read = read < BlockSize ? 0 : file.ReadAtLeast(block, BlockSize, throwOnEndOfStream: false);
        }

        return new UnchangedFile(path, blocks.ToImmutable(), size);
    }

    /// <summary>Reads it from its beginning.</summary>
    /// <exception cref="IOException">It is not there any more, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read any more.</exception>
    public Stream Open()
    {
        try
        {
            return new Reading(this, FileContent.OpenRead(_path));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException("the file is not there any more", gone); // Without its whole path.
        }
    }

    private sealed class Reading(UnchangedFile file, Stream octets) : Stream
    {
        private readonly byte[] _block = new byte[(int)Math.Min(BlockSize, file._size)];
        private int _next;
        private int _at;
        private int _end;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_at == _end && !TryReadBlock())
            {
                return 0;
            }

            int taken = Math.Min(buffer.Length, _end - _at);
            _block.AsSpan(_at, taken).CopyTo(buffer);
            _at += taken;
            return taken;
        }

        public override void Flush()
        {
            // Nothing is written.
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                octets.Dispose();
            }

            base.Dispose(disposing);
        }

        private bool TryReadBlock()
        {
            if (_next == file._blocks.Length)
            {
                return false;
            }

            int size = (int)Math.Min(BlockSize, file._size - ((long)_next * BlockSize));
            int read = octets.ReadAtLeast(_block.AsSpan(0, size), size, throwOnEndOfStream: false);
            if (read < size || !SHA256.HashData(_block.AsSpan(0, size)).AsSpan().SequenceEqual(file._blocks[_next]))
            {
                throw new IOException("the file is another than when the run began");
            }

            _next++;
            _at = 0;
            _end = size;
            return true;
        }
    }
}
