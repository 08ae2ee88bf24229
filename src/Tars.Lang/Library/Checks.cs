using System.Buffers.Binary;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>What is read out of octets: numbers, a checksum, whether they are UTF-8.</summary>
internal sealed class Checks(Values values)
{
    private ModuleWriter Module => values.Module;

    private Lists Lists => values.Lists;

    /// <summary>(bytes, at) → the four octets there as a number, little endian</summary>
    public Routine U32 => Module.Routine("bytes.u32", [ValType.I32, ValType.I64], [ValType.I64], body =>
        body.Push(Lists.Range.Call(body.Parameters[0], body.Parameters[1], 4).Load32().ExtendUnsigned()));

    /// <summary>(bytes, at) → the eight octets there as a number, little endian</summary>
    public Routine I64 => Module.Routine("bytes.i64", [ValType.I32, ValType.I64], [ValType.I64], body =>
        body.Push(Lists.Range.Call(body.Parameters[0], body.Parameters[1], 8).Load64()));

    /// <summary>(bytes) → CRC-32 with the polynomial of Ethernet and zip, 0xEDB88320 in its reflected form</summary>
    public Routine Crc32 => Module.Routine("bytes.crc32", [ValType.I32], [ValType.I64], body =>
    {
        var bytes = body.Parameters[0];
        int table = Module.TableAt("crc32", CrcTable());
        var crc = body.I32(-1);
        var at = body.I32(bytes + Lists.Items);
        var end = body.I32(at + bytes.Load32(Lists.Length));
        body.While(at.Below(end), () =>
        {
            body.Set(crc, (crc >>> 8) ^ (table + (((crc ^ at.Load8()) & 0xFF) << 2)).Load32());
            body.Set(at, at + 1);
        });
        body.Push((crc ^ -1).ExtendUnsigned());
    });

    /// <summary>(at, end) → 1 when the range is valid UTF-8 (The Unicode Standard, table 3-7)</summary>
    public Routine Utf8 => Module.Routine("text.is_utf8", [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (at, end) = (body.Parameters[0], body.Parameters[1]);
        var octet = body.I32();
        var size = body.I32();
        var second = body.I32();
        body.While(at.Below(end), () =>
        {
            body.Set(octet, at.Load8());
            body.If(octet.Below(0x80), () => body.Set(at, at + 1), () =>
            {
                body.Set(size, Term.Select(octet.Below(0xE0), 2, Term.Select(octet.Below(0xF0), 3, 4)));
                body.If((octet - 0xC2).Above(0xF4 - 0xC2) | (end - at).Below(size), () => body.Return(0));
                body.Set(second, at.Load8(1));
                // The second octet is what keeps out overlong forms, surrogates and what is above U+10FFFF.
                body.If(IsBadSecond(octet, second), () => body.Return(0));
                body.If((2 < size.Get()) & IsNotTail(at.Load8(2)), () => body.Return(0));
                body.If(size.Is(4).AndThen(IsNotTail(at.Load8(3))), () => body.Return(0));
                body.Set(at, at + size);
            });
        });
        body.Push(1);
    });

    private static Term IsBadSecond(Variable first, Variable second) =>
        IsNotTail(second)
        | (first.Is(0xE0) & second.Below(0xA0))
        | (first.Is(0xED) & second.AtLeast(0xA0))
        | (first.Is(0xF0) & second.Below(0x90))
        | (first.Is(0xF4) & second.AtLeast(0x90));

    private static Term IsNotTail(Term octet) => (octet & 0xC0).IsNot(0x80);

    private static byte[] CrcTable()
    {
        byte[] table = new byte[4 * 256];
        for (uint octet = 0; octet < 256; octet++)
        {
            uint value = octet;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
            }

            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan((int)octet * 4), value);
        }

        return table;
    }
}
