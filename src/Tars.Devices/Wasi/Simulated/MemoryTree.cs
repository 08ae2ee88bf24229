using Tars.Devices.Host;

namespace Tars.Devices.Wasi.Simulated;

/// <summary>What all files of one folder in memory share: the clock, the numbers, and how much there may be.</summary>
internal sealed class MemoryTree(IClock clock)
{
    private ulong _inodeLast;
    private long _octets;
    private int _nodeCount;

    public long Now => clock.Now.Instant;

    /// <summary>Null when there are too many.</summary>
    public MemoryNode? Make(FileType type)
    {
        if (_nodeCount == Limits.SimulatedNodeCountMax)
        {
            return null;
        }

        _nodeCount++;
        return new MemoryNode(++_inodeLast, type, Now);
    }

    /// <summary>A name takes room too, or links of one file would be without end. False when there is none.</summary>
    public bool TryName(byte[] name)
    {
        long octets = _octets + OctetsOf(name);
        bool fits = octets <= Limits.SimulatedOctetsMax;
        _octets = fits ? octets : _octets;
        return fits;
    }

    public void DropName(byte[] name) => _octets -= OctetsOf(name);

    /// <summary>What has no name and is not open counts no more.</summary>
    public void DropIfUnused(MemoryNode node)
    {
        if (node is { LinkCount: 0, OpenCount: 0 })
        {
            _nodeCount--;
            _octets -= node.Content.Length;
        }
    }

    /// <summary>Gives a file another size; what is new is zero.</summary>
    public Errno Resize(MemoryNode node, long size)
    {
        long octets = _octets - node.Content.Length + size;
        if (Limits.SimulatedOctetsMax < size || Limits.SimulatedOctetsMax < octets)
        {
            return Errno.Nospc;
        }

        _octets = octets;
        node.Resize((int)size);
        return Errno.Success;
    }

    // What a name takes in a folder here: its characters, and what stands around them.
    private static long OctetsOf(byte[] name) => Limits.SimulatedNameOctets + (sizeof(char) * (long)name.Length);
}
