using System.Buffers;
using System.Globalization;
using Tars.Bundle.Schema;
using Tars.Lang.Parsing;

namespace Tars.Lang.Checking;

/// <summary>Reads the literals of the document; null for what is none, or does not fit.</summary>
internal static class Literals
{
    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789_");
    private static readonly SearchValues<char> _hexDigits = SearchValues.Create("0123456789abcdefABCDEF_");

    private static readonly (string Unit, long Bytes)[] _sizes =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("B", 1)];

    public static long? Int(string text)
    {
        bool isNegative = text.StartsWith('-');
        string digits = isNegative ? text[1..] : text;
        if (!IsNumber(digits, isHexAllowed: true) || NumberReader.Int(digits) is not long value)
        {
            return digits == NumberReader.LeastIntDigits && isNegative ? long.MinValue : null;
        }

        return isNegative ? -value : value;
    }

    /// <summary>A whole number is a float too.</summary>
    public static double? Float(string text)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        bool hasForm = digits.Length > 0 && !digits.StartsWith('+') && char.IsAsciiDigit(digits[^1])
            && digits.TrimStart('-') is [>= '0' and <= '9', ..] && !text.Contains("__", StringComparison.Ordinal);
        const NumberStyles Style =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return hasForm && double.TryParse(digits, Style, CultureInfo.InvariantCulture, out double value)
            && double.IsFinite(value) ? value : null;
    }

    /// <summary>Nanoseconds; a duration may be negative where its place allows that.</summary>
    public static long? Duration(string text)
    {
        bool isNegative = text.StartsWith('-');
        string written = isNegative ? text[1..] : text;
        int digits = written.AsSpan().IndexOfAnyExcept(_digits);
        if (digits <= 0 || !IsNumber(written[..digits], isHexAllowed: false)
            || NumberReader.UnitOf(written.AsSpan(digits)) == 0
            || NumberReader.Duration(written) is not long value)
        {
            return null;
        }

        return isNegative ? -value : value;
    }

    /// <summary>Nanoseconds since 1970, of RFC 3339 in UTC.</summary>
    public static long? Instant(string text) => InstantText.TryParse(text, out long value) ? value : null;

    /// <summary>Bytes: <c>64KiB</c>, <c>1MiB</c>, <c>512B</c>.</summary>
    public static long? Size(string text)
    {
        foreach (var (unit, bytes) in _sizes)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
            {
                string digits = text[..^unit.Length];
                bool isWhole = IsNumber(digits, isHexAllowed: false) && digits.Length < 12;
                return isWhole && NumberReader.Int(digits) is long count && count <= long.MaxValue / bytes
                    ? count * bytes
                    : null;
            }
        }

        return null;
    }

    /// <summary>A share: <c>2%</c> is 0.02.</summary>
    public static double? Share(string text) =>
        text.EndsWith('%') && !text.StartsWith('-') && Float(text[..^1]) is double percent ? percent / 100 : null;

    /// <summary>Three numbers, and perhaps a name of a release before it, as semantic versions are written.</summary>
    public static bool IsVersion(string text)
    {
        int cut = text.AsSpan().IndexOfAny('-', '+');
        string[] numbers = (cut < 0 ? text : text[..cut]).Split('.');
        bool isNumbered = numbers.Length == 3 && Array.TrueForAll(numbers, part =>
            part.Length is > 0 and <= 9 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0'));
        return isNumbered && (cut < 0 || (cut < text.Length - 1
            && text[(cut + 1)..].All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+')));
    }

    private static bool IsNumber(string digits, bool isHexAllowed) =>
        digits.Length > 0 && char.IsAsciiDigit(digits[0]) && digits[^1] != '_'
        && (isHexAllowed && digits.StartsWith("0x", StringComparison.Ordinal)
            ? digits.Length > 2 && digits.AsSpan(2).IndexOfAnyExcept(_hexDigits) < 0
            : digits.AsSpan().IndexOfAnyExcept(_digits) < 0);
}
