using System.Text;
using Tars.Sim.Disks;

namespace Tars.Tests.Support;

/// <summary>Knows of each octet how many calls the disk had seen when it was shown.</summary>
internal sealed class AckStream(CutDisk disk) : MemoryStream
{
    private readonly List<(int Calls, string Text)> _shown = [];

    public string All => string.Concat(_shown.Select(one => one.Text));

    public string Before(int calls) =>
        string.Concat(_shown.Where(one => one.Calls <= calls).Select(one => one.Text));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) =>
        _shown.Add((disk.Calls, Encoding.UTF8.GetString(buffer)));

    public override void WriteByte(byte value) => Write([value]);
}
