using System.Buffers.Binary;
using System.Text.Unicode;
using Tars.Kernel.Ports;

namespace Tars.Devices.Wasi.Calls;

/// <summary>One call of a command: its arguments, and the memory that they point into.</summary>
/// <remarks>Every address, size and count is the guest's and may be anything; what lies outside is
/// <see cref="Errno.Fault"/>.</remarks>
internal readonly ref struct Frame(ReadOnlySpan<ulong> arguments, IGuestMemory memory)
{
    private readonly ReadOnlySpan<ulong> _arguments = arguments;

    public uint U32(int place) => (uint)_arguments[place];

    public ulong U64(int place) => _arguments[place];

    public long I64(int place) => (long)_arguments[place];

    /// <summary>Whether all of a range lies inside the memory.</summary>
    public bool Holds(uint address, ulong count) =>
        count <= (ulong)memory.Size && address <= (ulong)memory.Size - count;

    public bool TryRange(uint address, uint count, out Span<byte> bytes) => memory.TryRange(address, count, out bytes);

    public Errno Put(uint address, uint value)
    {
        if (!TryRange(address, sizeof(uint), out var bytes))
        {
            return Errno.Fault;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Errno.Success;
    }

    public Errno Put(uint address, ulong value)
    {
        if (!TryRange(address, sizeof(ulong), out var bytes))
        {
            return Errno.Fault;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Errno.Success;
    }

    /// <summary>The path whose address and size stand at this place.</summary>
    public Errno Path(int place, out ReadOnlySpan<byte> path)
    {
        uint size = U32(place + 1);
        path = default;
        if (!Holds(U32(place), size))
        {
            return Errno.Fault;
        }

        if (Limits.PathBytesMax < size)
        {
            return Errno.Nametoolong;
        }

        _ = TryRange(U32(place), size, out var bytes);
        path = bytes;
        return path.Contains((byte)0) ? Errno.Inval
            : Utf8.IsValid(path) ? Errno.Success
            : Errno.Ilseq;
    }

    /// <summary>The buffers of a scattered read or write, cut to what one call moves.</summary>
    /// <param name="place">Where the address of the list stands; its count stands behind it.</param>
    public Errno Buffers(int place, out List<(uint Address, uint Size)> buffers)
    {
        buffers = [];
        uint count = U32(place + 1);
        if (Limits.BufferCountMax < count)
        {
            return Errno.Inval;
        }

        if (!TryRange(U32(place), count * 8, out var list))
        {
            return Errno.Fault;
        }

        uint left = Limits.TransferBytesMax;
        for (int at = 0; at < list.Length; at += 8)
        {
            uint address = BinaryPrimitives.ReadUInt32LittleEndian(list[at..]);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(list[(at + 4)..]);
            if (!Holds(address, size))
            {
                return Errno.Fault;
            }

            uint taken = Math.Min(size, left);
            left -= taken;
            if (taken != 0)
            {
                buffers.Add((address, taken));
            }
        }

        return Errno.Success;
    }
}
