using System.Buffers.Binary;
using System.Text;

namespace Tars.Base;

/// <summary>A growing buffer of little-endian values. The counterpart of <see cref="ByteReader"/>.</summary>
public sealed class ByteWriter
{
    private byte[] _buffer;

    public ByteWriter(int capacity = 256) => _buffer = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>The same, to be kept until the next change.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, Length);

    public byte[] ToArray() => Written.ToArray();

    /// <summary>Forgets what was written from there on.</summary>
    public void Truncate(int length)
    {
        Invariant.Holds(0 <= length && length <= Length);
        Length = length;
    }

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Clear() => Length = 0;

    public void U8(byte value) => Take(1)[0] = value;

    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void I64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void F64(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Take(8), value);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>A length as u32, then the octets in UTF-8.</summary>
    public void Text(string text)
    {
        int size = Encoding.UTF8.GetByteCount(text);
        U32((uint)size);
        Encoding.UTF8.GetBytes(text, Take(size));
    }

    /// <summary>LEB128, unsigned (WebAssembly core specification 2.0, section 5.2.2).</summary>
    public void LebU64(ulong value)
    {
        while (0x80 <= value)
        {
            U8((byte)(value | 0x80));
            value >>= 7;
        }

        U8((byte)value);
    }

    /// <summary>LEB128, signed (WebAssembly core specification 2.0, section 5.2.2).</summary>
    public void LebI64(long value)
    {
        while (value is < -64 or > 63)
        {
            U8((byte)((value & 0x7F) | 0x80));
            value >>= 7;
        }

        U8((byte)(value & 0x7F));
    }

    /// <summary>Zeros up to the next multiple of <paramref name="alignment"/>, a power of two.</summary>
    public void Align(int alignment) => Take(-Length & (alignment - 1)).Clear();

    /// <summary>Overwrites four bytes that were written before.</summary>
    public void PatchU32(int at, uint value)
    {
        Invariant.Holds(at + 4 <= Length);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(at), value);
    }

    /// <summary>Appends so many octets, which whoever asks fills: they are not cleared.</summary>
    public Span<byte> Room(int count) => Take(count);

    private Span<byte> Take(int count)
    {
        long needed = (long)Length + count;
        if (_buffer.Length < needed)
        {
            Invariant.Holds(needed <= Array.MaxLength);
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _buffer.Length)));
        }

        Length += count;
        return _buffer.AsSpan(Length - count, count);
    }
}
