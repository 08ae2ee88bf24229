using System.Text;
using Tars.Base;

namespace Tars.Cli.Views;

/// <summary>A stream whose octets are shown as text, without what could drive the terminal.</summary>
internal sealed class GuestText(TextWriter to) : Stream
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    // A character may be cut between two writes; the decoder keeps its beginning.
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var text = new char[Encoding.UTF8.GetMaxCharCount(buffer.Length)];
        int count = _decoder.GetChars(buffer, text, flush: false);
        foreach (var (place, line) in new string(text, 0, count).Split('\n').Index())
        {
            to.Write(place == 0 ? "" : "\n");
            to.Write(Printable.Of(line));
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => to.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
