using System.Text;

namespace Tars.Cli.Views;

/// <summary>Keeps what is written into it; what would be too much is refused to the writer.</summary>
internal sealed class BoundedStream : MemoryStream
{
    private const int SizeMax = 16 << 20;

    /// <summary>What is no UTF-8 is shown as U+FFFD.</summary>
    public string Text => Encoding.UTF8.GetString(GetBuffer(), 0, (int)Length);

    // The stream's other ways to write come here too.
    /// <exception cref="IOException">There is no room for all of it.</exception>
    public override void Write(byte[] buffer, int offset, int count)
    {
        if (SizeMax - Length < count)
        {
            throw new IOException("the answer would be larger than 16 MiB");
        }

        base.Write(buffer, offset, count);
    }
}
