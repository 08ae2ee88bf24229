using System.Buffers.Binary;
using Tars.Bundle.Abi;

namespace Tars.Kernel.Effects;

/// <summary>Walks the records of an effect ring and hands out their arguments. Data plane.</summary>
/// <remarks>
/// <see cref="AreWhole"/> looks at all records before the first is applied; behind it reading cannot fail.
/// </remarks>
internal ref struct EffectReader
{
    private readonly ReadOnlySpan<byte> _ring;
    private int _next;
    private int _argument;

    public EffectReader(ReadOnlySpan<byte> ring) => _ring = ring;

    public HostCall Call { get; private set; }

    /// <summary>Index in the batch of the event that made the call.</summary>
    public int Event { get; private set; }

    /// <summary>
    /// True when the octets are exactly records of known calls, for events below this count, in order.
    /// </summary>
    public static bool AreWhole(ReadOnlySpan<byte> ring, int events)
    {
        int at = 0;
        uint previous = 0;
        while (at < ring.Length)
        {
            if (ring.Length - at < EffectRecord.Arguments)
            {
                return false;
            }

            uint size = BinaryPrimitives.ReadUInt32LittleEndian(ring[at..]);
            uint index = BinaryPrimitives.ReadUInt32LittleEndian(ring[(at + EffectRecord.Event)..]);
            int call = BinaryPrimitives.ReadUInt16LittleEndian(ring[(at + EffectRecord.Call)..]);
            bool whole = size % 8 == 0 && size <= (uint)(ring.Length - at) && index < (uint)events && previous <= index
                && HostCalls.Find(call) is { } row && Fits(row, ring.Slice(at, (int)size));
            if (!whole)
            {
                return false;
            }

            previous = index;
            at += (int)size;
        }

        return true;
    }

    public bool Next()
    {
        if (_ring.Length <= _next)
        {
            return false;
        }

        var record = _ring[_next..];
        Call = (HostCall)BinaryPrimitives.ReadUInt16LittleEndian(record[EffectRecord.Call..]);
        Event = (int)BinaryPrimitives.ReadUInt32LittleEndian(record[EffectRecord.Event..]);
        _argument = _next + EffectRecord.Arguments;
        _next += (int)BinaryPrimitives.ReadUInt32LittleEndian(record);
        return true;
    }

    public long I64()
    {
        long value = BinaryPrimitives.ReadInt64LittleEndian(_ring[_argument..]);
        _argument += 8;
        return value;
    }

    public int I32() => (int)I64();

    public double F64() => BitConverter.Int64BitsToDouble(I64());

    public ReadOnlySpan<byte> Bytes()
    {
        int size = (int)I64();
        var bytes = _ring.Slice(_argument, size);
        _argument += (size + 7) & ~7;
        return bytes;
    }

    private static bool Fits(HostCallRow row, ReadOnlySpan<byte> record)
    {
        long at = EffectRecord.Arguments + (8L * row.Words);
        for (int left = row.Octets; 0 < left; left--)
        {
            if (record.Length - at < 8)
            {
                return false;
            }

            long size = BinaryPrimitives.ReadInt64LittleEndian(record[(int)at..]);
            if (size < 0 || record.Length < size)
            {
                return false;
            }

            at += 8 + ((size + 7) & ~7L);
        }

        return at <= record.Length;
    }
}
