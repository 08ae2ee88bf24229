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

            filled += Read(batch.Buffer.AsSpan(filled));
            Take(batch, ref filled);
        }

        batch.IsLast = IsAtEnd;
    }

    private int Read(Span<byte> to)
    {
        int read = stream.Read(to);
        IsAtEnd = read == 0;
        Metrics.Octets += read;
        return read;
    }

    // Behind a line that was left out there may be whole ones already, which wait for nothing.
    private void Take(LineBatch batch, ref int filled)
    {
        while (Keep(batch, Protocol.Split(batch, filled, IsAtEnd, Metrics), ref filled))
        {
        }
    }

    /// <summary>What is not yet a line waits: for more octets here, or for the next batch when this one has
    /// lines.</summary>
    /// <returns>True when a line that is too long was left out, so that another one begins the buffer.</returns>
    private bool Keep(LineBatch batch, int used, ref int filled)
    {
        if (batch.Count > 0)
        {
            _rest = used == filled ? [] : batch.Buffer[used..filled];
            return false;
        }

        // No line yet: either one long beginning, or only lines that were left out.
        batch.Buffer.AsSpan(used, filled - used).CopyTo(batch.Buffer);
        filled -= used;
        if (filled <= Protocol.LineBytesMax + 2)
        {
            return false;
        }

        SkipLine(batch, ref filled);
        return true;
    }

    /// <summary>Reads on to the end of a line that is too long, without keeping it.</summary>
    private void SkipLine(LineBatch batch, ref int filled)
    {
        Metrics.Lines++;
        Metrics.TooLong++;
        filled = 0;
        while (true)
        {
            int read = Read(batch.Buffer);
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
