using Tars.Kernel.Ports;

namespace Tars.Devices.Lines;

/// <summary>The real outside of a `lines` device: a stream, read in large pieces.</summary>
/// <param name="begin">Where in its stream it begins.</param>
public sealed class Host(Stream stream, long begin = 0) : IDisposable
{
    private byte[] _rest = [];

    public Metrics Metrics { get; } = new();

    /// <summary>How many octets of the stream are lines that were given, or left out.</summary>
    public long Position => begin + Metrics.Octets - _rest.Length;

    /// <summary>True after a batch that was the last.</summary>
    public bool IsAtEnd { get; private set; }

    public void Dispose() => stream.Dispose();

    /// <summary>Fills an empty batch with at least one line, or marks it as the last one. Waits for the
    /// stream.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public void Fill(LineBatch batch)
    {
        if (batch.Buffer.Length < _rest.Length)
        {
            batch.Grow(2 * _rest.Length);
        }

        _rest.CopyTo(batch.Buffer, 0);
        int filled = _rest.Length;
        while (batch.Count == 0 && !IsAtEnd)
        {
            if (filled == batch.Buffer.Length)
            {
                batch.Grow(2 * filled);
            }

            int read = stream.Read(batch.Buffer, filled, batch.Buffer.Length - filled);
            IsAtEnd = read == 0;
            filled += read;
            Metrics.Octets += read;
            int used = Protocol.Split(batch, filled, IsAtEnd, Metrics);
            Keep(batch, used, ref filled);
        }

        batch.IsLast = IsAtEnd;
    }

    /// <summary>What is not yet a line waits: for more octets here, or for the next batch when this one has
    /// lines.</summary>
    private void Keep(LineBatch batch, int used, ref int filled)
    {
        if (batch.Count > 0)
        {
            _rest = used == filled ? [] : batch.Buffer[used..filled];
            return;
        }

        // No line yet: either one long beginning, or only lines that were left out.
        batch.Buffer.AsSpan(used, filled - used).CopyTo(batch.Buffer);
        filled -= used;
        if (Protocol.LineBytesMax + 2 < filled)
        {
            SkipLine(batch, ref filled);
        }
    }

    /// <summary>Reads on to the end of a line that is too long, without keeping it.</summary>
    private void SkipLine(LineBatch batch, ref int filled)
    {
        Metrics.Lines++;
        Metrics.TooLong++;
        filled = 0;
        while (true)
        {
            int read = stream.Read(batch.Buffer, 0, batch.Buffer.Length);
            Metrics.Octets += read;
            int end = batch.Buffer.AsSpan(0, read).IndexOf((byte)'\n');
            if (read == 0 || end >= 0)
            {
                int from = end < 0 ? read : end + 1;
                batch.Buffer.AsSpan(from, read - from).CopyTo(batch.Buffer);
                filled = read - from;
                return;
            }
        }
    }
}
