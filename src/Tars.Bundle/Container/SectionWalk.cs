using System.Text;
using Tars.Base;

namespace Tars.Bundle.Container;

/// <summary>Walks the sections of a WebAssembly file without looking into them. The bytes may be hostile.</summary>
/// <remarks>WebAssembly core specification 2.0, sections 5.5.1 to 5.5.3.</remarks>
internal ref struct SectionWalk
{
    private const uint Magic = 0x6D73_6100;
    private const uint Version = 1;

    /// <summary>Octets before the first section.</summary>
    public const int HeadSize = 8;

    private static readonly UTF8Encoding _strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ByteReader _reader;
    private readonly ReadOnlySpan<byte> _bytes;

    public SectionWalk(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _reader = new ByteReader(bytes);
        bool header = _reader.U32() == Magic && _reader.U32() == Version;
        if (!header)
        {
            _reader.Fail();
        }

        Name = "";
    }

    /// <summary>True when the bytes are no sequence of sections.</summary>
    public readonly bool Failed => _reader.Failed;

    /// <summary>The number of the section; 0 is a custom section.</summary>
    public byte Id { get; private set; }

    /// <summary>The name of a custom section, else "".</summary>
    public string Name { get; private set; }

    /// <summary>Where the content lies in the file; of a custom section, what follows its name.</summary>
    public Range Content { get; private set; }

    /// <summary>The section with its number and size.</summary>
    public ReadOnlySpan<byte> Whole { get; private set; }

    public bool Next()
    {
        if (_reader.Failed || _reader.AtEnd)
        {
            return false;
        }

        int start = _reader.Position;
        Id = _reader.U8();
        uint size = LebU32(ref _reader);
        int contentStart = _reader.Position;
        var content = _reader.Bytes(size);
        if (_reader.Failed)
        {
            return false;
        }

        Whole = _bytes[start.._reader.Position];
        Name = "";
        int nameEnd = 0;
        if (Id == 0 && !TakeName(content, out nameEnd))
        {
            _reader.Fail();
            return false;
        }

        Content = (contentStart + nameEnd).._reader.Position;
        return true;
    }

    /// <summary>Appends a custom section.</summary>
    public static void Write(ByteWriter output, string name, ReadOnlySpan<byte> content)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        var head = new ByteWriter();
        head.LebU64((ulong)nameBytes.Length);
        head.Bytes(nameBytes);
        output.U8(0);
        output.LebU64((ulong)(head.Length + content.Length));
        output.Bytes(head.Written);
        output.Bytes(content);
    }

    private bool TakeName(ReadOnlySpan<byte> content, out int end)
    {
        var reader = new ByteReader(content);
        uint size = LebU32(ref reader);
        var name = reader.Bytes(size);
        end = reader.Position;
        try
        {
            Name = _strict.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        return !reader.Failed;
    }

    private static uint LebU32(ref ByteReader reader)
    {
        ulong value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte octet = reader.U8();
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
            {
                break;
            }

            if (shift == 28)
            {
                reader.Fail();
            }
        }

        if (uint.MaxValue < value)
        {
            reader.Fail();
        }

        return (uint)value;
    }
}
