using System.Text;
using System.Text.Unicode;
using Tars.Kernel.Ports;

namespace Tars.Devices.Lines;

/// <summary>How octets become lines. This is the data plane: a million lines go through here without an allocation
/// each.</summary>
/// <remarks>
/// Octets that are not UTF-8 are replaced by U+FFFD and counted. A line above <see cref="LineBytesMax"/> is left out
/// and counted:
/// nothing is ever cut.
/// </remarks>
public static class Protocol
{
    public const int LineBytesMax = 1 << 20;

    /// <summary>Octets that a batch holds when it is made; it grows when a line needs more.</summary>
    public const int BatchBytes = 256 << 10;

    /// <summary>Adds every whole line of the first octets of a batch's buffer to the batch.</summary>
    /// <param name="filled">How many octets of the buffer count.</param>
    /// <param name="atEnd">True when nothing follows: then the rest is a line too.</param>
    /// <returns>How many octets were used up; the rest is the beginning of a line.</returns>
    public static int Split(LineBatch batch, int filled, bool atEnd, Metrics metrics)
    {
        bool clean = Utf8.IsValid(batch.Buffer.AsSpan(0, filled));
        int spare = filled;
        int start = 0;
        while (start < filled)
        {
            int length = batch.Buffer.AsSpan(start, filled - start).IndexOf((byte)'\n');
            if (length < 0 && !atEnd)
            {
                break;
            }

            int end = length < 0 ? filled : start + length;
            int content = end > start && batch.Buffer[end - 1] == '\r' ? end - 1 : end;
            spare = AddLine(batch, start, content - start, clean, spare, metrics);
            start = Math.Min(filled, end + 1);
        }

        return start;
    }

    private static int AddLine(LineBatch batch, int start, int size, bool clean, int spare, Metrics metrics)
    {
        metrics.Lines++;
        if (LineBytesMax < size)
        {
            metrics.TooLong++;
            return spare;
        }

        if (clean || Utf8.IsValid(batch.Buffer.AsSpan(start, size)))
        {
            batch.Add(start, size);
            return spare;
        }

        metrics.Repaired++;
        byte[] repaired = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(batch.Buffer, start, size));
        if (batch.Buffer.Length < spare + repaired.Length)
        {
            batch.Grow(Math.Max(2 * batch.Buffer.Length, spare + repaired.Length));
        }

        repaired.CopyTo(batch.Buffer, spare);
        batch.Add(spare, repaired.Length);
        return spare + repaired.Length;
    }
}
