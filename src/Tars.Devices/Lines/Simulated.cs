using System.Text;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Lines;

/// <summary>The twin of a `lines` device: lines from a list, cut into batches of a size that a seed chooses.</summary>
public sealed class Simulated(IReadOnlyList<string> lines, ulong seed)
{
    private readonly Xoshiro256 _random = new(seed);
    private int _next;

    public bool IsAtEnd => _next == lines.Count;

    public void Fill(LineBatch batch)
    {
        int count = Math.Min(lines.Count - _next, 1 + _random.Next(7));
        int at = 0;
        for (int index = 0; index < count; index++)
        {
            byte[] line = Encoding.UTF8.GetBytes(lines[_next++]);
            if (batch.Buffer.Length < at + line.Length)
            {
                batch.Grow(2 * (at + line.Length));
            }

            line.CopyTo(batch.Buffer, at);
            batch.Add(at, line.Length);
            at += line.Length;
        }

        batch.IsLast = IsAtEnd;
    }
}
