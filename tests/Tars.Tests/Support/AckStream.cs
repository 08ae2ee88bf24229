using System.Text;
using Tars.Sim.Disks;

namespace Tars.Tests.Support;

/// <summary>An output that waits until it is flushed, as a real one does. It knows of each octet how many calls the
/// disk had seen when it was shown.</summary>
internal sealed class AckStream(CutDisk disk) : MemoryStream
{
    private readonly List<byte> _waiting = [];
    private readonly List<(int Calls, string Text)> _shown = [];

    public string All => string.Concat(_shown.Select(one => one.Text));

    /// <summary>What was shown for certain when the disk had seen so many calls: before the last of them was made.
    /// </summary>
    public string Before(int calls) =>
        string.Concat(_shown.Where(one => one.Calls < calls).Select(one => one.Text));

    public override void Flush()
    {
        _shown.Add((disk.Calls, Encoding.UTF8.GetString([.. _waiting])));
        _waiting.Clear();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => _waiting.AddRange(buffer);

    public override void WriteByte(byte value) => Write([value]);
}
