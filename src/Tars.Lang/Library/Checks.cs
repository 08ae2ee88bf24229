using System.Buffers.Binary;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>What is read out of octets: numbers and a checksum.</summary>
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
