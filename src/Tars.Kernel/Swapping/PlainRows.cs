using System.Buffers.Binary;
using System.Diagnostics;

namespace Tars.Kernel.Swapping;

/// <summary>Conversions whose size is known before they are carried out, so that they can be written to where they are
/// read. Data plane.</summary>
internal static class PlainRows
{
    private const int CountSize = 4;
    private const int RowsAtOnce = 64;

    /// <summary>How many octets the value becomes; null where only converting it tells.</summary>
    /// <param name="from">A valid value of the old type.</param>
    public static long? SizeOf(Conversion how, ReadOnlySpan<byte> from) => how switch
    {
        Conversion.Copy => from.Length,
        Conversion.Steps { Sizes: { } sizes } => sizes.To,
        Conversion.EachItem { Item: Conversion.Steps { Sizes: { From: > 0 } sizes } } =>
            CountSize + ((long)sizes.To * CountOf(from)),
        _ => null,
    };

    /// <summary>Carries out a conversion whose size is known.</summary>
    /// <param name="to">Of that size.</param>
    public static void Write(Conversion how, ReadOnlySpan<byte> from, Span<byte> to)
    {
        switch (how)
        {
            case Conversion.Copy:
                from.CopyTo(to);
                break;
            case Conversion.Steps steps:
                Rows(1, steps, from, to);
                break;
            case Conversion.EachItem { Item: Conversion.Steps steps }:
                from[..CountSize].CopyTo(to);
                Rows(CountOf(from), steps, from[CountSize..], to[CountSize..]);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Each row takes as many octets as every other, so there is nothing to ask about one by one.</summary>
    public static void Rows(int count, Conversion.Steps how, ReadOnlySpan<byte> from, Span<byte> to)
    {
        var (fromSize, toSize) = how.Sizes!.Value; // Whoever calls has looked.
        while (0 < count)
        {
            int rows = Math.Min(count, RowsAtOnce);
            Block(rows, how, from[..(rows * fromSize)], fromSize, to[..(rows * toSize)], toSize);
            from = from[(rows * fromSize)..];
            to = to[(rows * toSize)..];
            count -= rows;
        }
    }

    // Step by step and not row by row, of rows so few that they stay in the nearest cache.
    private static void Block(
        int rows, Conversion.Steps how, ReadOnlySpan<byte> from, int fromSize, Span<byte> to, int toSize)
    {
        int readAt = 0;
        int writeAt = 0;
        foreach (var step in how.All.AsSpan())
        {
            switch (step)
            {
                case Conversion.Copy { Size: var size }:
                    for (int row = 0; row < rows; row++)
                    {
                        from.Slice((row * fromSize) + readAt, size).CopyTo(to[((row * toSize) + writeAt)..]);
                    }

                    readAt += size;
                    writeAt += size;
                    break;
                case Conversion.Put { Octets: var octets }:
                    for (int row = 0; row < rows; row++)
                    {
                        octets.AsSpan().CopyTo(to[((row * toSize) + writeAt)..]);
                    }

                    writeAt += octets.Length;
                    break;
                case Conversion.Drop drop:
                    readAt += drop.Size;
                    break;
                default:
                    throw new UnreachableException();
            }
        }
    }

    private static int CountOf(ReadOnlySpan<byte> list) => BinaryPrimitives.ReadInt32LittleEndian(list);
}
