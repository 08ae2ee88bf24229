using System.Globalization;

namespace Tars.Lang.Parsing;

/// <summary>Reads the values of number and duration tokens; null where one is too large.</summary>
public static class NumberReader
{
    /// <summary>What stands behind the minus of the least int.</summary>
    public const string LeastIntDigits = "9223372036854775808";

    /// <summary>Nanoseconds of a unit, or 0 for a word that is none.</summary>
    public static long UnitOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60L * 1_000_000_000,
        "h" => 3600L * 1_000_000_000,
        "d" => 86_400L * 1_000_000_000,
        _ => 0,
    };

    /// <summary>A decimal number up to the greatest int, or 64 bits in hexadecimal.</summary>
    public static long? Int(string written)
    {
        string digits = written.Replace("_", "", StringComparison.Ordinal);
        if (!digits.StartsWith("0x", StringComparison.Ordinal))
        {
            return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
                ? value : null;
        }

        return ulong.TryParse(
            digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits)
            ? unchecked((long)bits)
            : null;
    }

    public static double? Float(string written)
    {
        string digits = written.Replace("_", "", StringComparison.Ordinal);
        double value = double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? value : null;
    }

    public static long? Duration(string written)
    {
        int digits = 0;
        while (digits < written.Length && (char.IsAsciiDigit(written[digits]) || written[digits] == '_'))
        {
            digits++;
        }

        Int128 product = (Int128)(Int(written[..digits]) ?? long.MaxValue) * UnitOf(written.AsSpan(digits));
        return product <= long.MaxValue ? (long)product : null;
    }
}
