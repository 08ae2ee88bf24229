using System.Globalization;

namespace Tars.Bundle.Schema;

/// <summary>Durations as text: a whole number of the greatest unit that divides them, such as <c>250ms</c>.</summary>
public static class DurationText
{
    private static readonly (string Unit, long Nanoseconds)[] _units =
    [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ];

    public static string Of(long nanoseconds)
    {
        if (nanoseconds == 0)
        {
            return "0s";
        }

        foreach (var (unit, size) in _units)
        {
            if (nanoseconds % size == 0)
            {
                return (nanoseconds / size).ToString(CultureInfo.InvariantCulture) + unit;
            }
        }

        return "";
    }

    /// <summary>
    /// Reads digits and a unit, with a minus sign before them or not; false when it is no duration of 64 bits.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long nanoseconds)
    {
        nanoseconds = 0;
        int digitsEnd = text.Length;
        while (0 < digitsEnd && char.IsAsciiLetterLower(text[digitsEnd - 1]))
        {
            digitsEnd--;
        }

        var unit = text[digitsEnd..];
        foreach (var (name, size) in _units)
        {
            if (unit.SequenceEqual(name))
            {
                return long.TryParse(
                        text[..digitsEnd], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long count)
                    && text[0] != '+'
                    && Scale(count, size, out nanoseconds);
            }
        }

        return false;
    }

    private static bool Scale(long count, long size, out long product)
    {
        var exact = (Int128)count * size;
        product = (long)exact;
        return exact == product;
    }
}
