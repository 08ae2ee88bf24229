using System.Buffers.Binary;
using System.Text;

namespace Tars.Base;

/// <summary>Reads little-endian values from hostile bytes; past the end it answers zero and is failed.</summary>
public ref struct ByteReader
{
    private static readonly UTF8Encoding _strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes;

    public ByteReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public int Position { get; private set; }

    /// <summary>True from the first read that did not fit; check it once at the end.</summary>
    public bool Failed { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public readonly bool AtEnd => Position == _bytes.Length;

    public byte U8() => Take(1) is [var value] ? value : (byte)0;

    public ushort U16() => Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

    public uint U32() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public long I64() => Take(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    public ulong U64() => (ulong)I64();

    public double F64() => BitConverter.Int64BitsToDouble(I64());

    /// <summary>The next bytes; empty, and failed, when there are fewer.</summary>
    public ReadOnlySpan<byte> Bytes(long count) => Take(count);

    /// <summary>A length as u32, then valid UTF-8.</summary>
    public string Text()
    {
        var bytes = Take(U32());
        try
        {
            return _strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            Failed = true;
            return "";
        }
    }

    public void Fail() => Failed = true;

    private ReadOnlySpan<byte> Take(long count)
    {
        if (Failed || count < 0 || Remaining < count)
        {
            Failed = true;
            return [];
        }

        var taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }
}
