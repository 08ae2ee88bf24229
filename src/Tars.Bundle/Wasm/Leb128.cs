namespace Tars.Bundle.Wasm;

/// <summary>Reads the variable-length integers of the binary format from hostile bytes (section 5.2.2).</summary>
internal static class Leb128
{
    internal readonly record struct Result(ulong Value, int End, string? Error);

    public static Result ReadUnsigned(ReadOnlySpan<byte> bytes, int at, int bitCount)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            if (at == bytes.Length)
            {
                return new Result(0, at, "unexpected end");
            }

            byte next = bytes[at++];
            int left = bitCount - shift;
            if (left <= 7)
            {
                // The last byte may neither continue nor hold bits above the number.
                return 0x80 <= next ? new Result(0, at, "integer representation too long")
                    : next >> left != 0 ? new Result(0, at, "integer too large")
                    : new Result(value | ((ulong)next << shift), at, null);
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return new Result(value, at, null);
            }
        }
    }

    public static Result ReadSigned(ReadOnlySpan<byte> bytes, int at, int bitCount)
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            if (at == bytes.Length)
            {
                return new Result(0, at, "unexpected end");
            }

            byte next = bytes[at++];
            int left = bitCount - shift;
            if (left < 7)
            {
                // The bits above the number must repeat its sign.
                int high = (sbyte)(next << 1) >> left;
                return 0x80 <= next ? new Result(0, at, "integer representation too long")
                    : high is not (0 or -1) ? new Result(0, at, "integer too large")
                    : new Result((ulong)(value | ((long)(sbyte)(next << 1) >> 1 << shift)), at, null);
            }

            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                int unused = 64 - shift - 7;
                return new Result((ulong)(value << unused >> unused), at, null);
            }
        }
    }
}
