using System.Globalization;
using Tars.Base;

namespace Tars.Packages.Toml;

/// <summary>Reads what stands without quotes: booleans, numbers, dates and times.</summary>
internal sealed class TomlScalars(TomlCursor cursor)
{
    private const int DateLength = 10;

    /// <summary>The value that begins here, or null after a mistake.</summary>
    public TomlValue? Read()
    {
        int start = cursor.At;
        int end = EndOf(start);

        // Between date and time one blank may stand in place of the T.
        if (end - start == DateLength && IsDate(cursor.Text.AsSpan(start, DateLength))
            && end + 2 < cursor.Text.Length && cursor.Text[end] == ' '
            && char.IsAsciiDigit(cursor.Text[end + 1]) && char.IsAsciiDigit(cursor.Text[end + 2]))
        {
            end = EndOf(end + 1);
        }

        var span = TextSpan.FromBounds(start, end);
        string text = cursor.Text[start..end];
        if (text == "")
        {
            cursor.Fail(start, 1, $"a value is expected, not {cursor.Shown}",
                "write text in quotes, a number, a date, true, false, a list in `[]` or a table in `{}`");
            return null;
        }

        var value = Of(span, text);
        cursor.At = value is null ? start : end;
        return value;
    }

    private int EndOf(int start)
    {
        int end = start;
        while (end < cursor.Text.Length
            && cursor.Text[end] is not (' ' or '\t' or '\n' or '\r' or ',' or ']' or '}' or '#' or '=' or '"' or '\''))
        {
            end++;
        }

        return end;
    }

    private TomlValue? Of(TextSpan span, string text)
    {
        switch (text)
        {
            case "true":
                return new TomlValue.Boolean(span, Value: true);
            case "false":
                return new TomlValue.Boolean(span, Value: false);
            case "inf" or "+inf":
                return new TomlValue.Float(span, double.PositiveInfinity);
            case "-inf":
                return new TomlValue.Float(span, double.NegativeInfinity);
            case "nan" or "+nan" or "-nan":
                return new TomlValue.Float(span, double.NaN);
            default:
                return IsMoment(text)
                    ? new TomlMoment(cursor, span, text).Read()
                    : Number(span, text);
        }
    }

    // What only looks like one is told to be wrong as one.
    private static bool IsMoment(string text) =>
        (char.IsAsciiDigit(text[0]) && text.Contains(':', StringComparison.Ordinal))
        || (DateLength <= text.Length && IsDate(text.AsSpan(0, DateLength)));

    private static bool IsDate(ReadOnlySpan<char> text) =>
        text[4] == '-' && text[7] == '-'
        && !text[..4].ContainsAnyExceptInRange('0', '9')
        && !text[5..7].ContainsAnyExceptInRange('0', '9')
        && !text[8..].ContainsAnyExceptInRange('0', '9');

    private TomlValue? Number(TextSpan span, string text)
    {
        bool hasSign = text[0] is '+' or '-';
        string bare = hasSign ? text[1..] : text;
        if (bare == "" || !char.IsAsciiDigit(bare[0]))
        {
            cursor.Fail(span, "this is no value", char.IsAsciiLetter(text[0])
                ? "text stands in quotes; without them there are true, false, inf, nan, numbers, dates and times"
                : "a number begins with a digit, behind a sign if it has one");
            return null;
        }

        if (bare is ['0', 'x' or 'o' or 'b', ..])
        {
            return InBase(span, bare, hasSign);
        }

        return bare.AsSpan().ContainsAny('.', 'e', 'E') ? Float(span, text, bare) : Integer(span, text, bare);
    }

    private TomlValue.Integer? InBase(TextSpan span, string bare, bool hasSign)
    {
        (ulong radix, string digits) = bare[1] switch
        {
            'x' => (16UL, "0123456789abcdefABCDEF"),
            'o' => (8UL, "01234567"),
            _ => (2UL, "01"),
        };
        if (hasSign)
        {
            cursor.Fail(span, "a number in another base has no sign", "write it in decimal, or without the sign");
            return null;
        }

        if (!Underscored(span, bare[2..], digits, $"a number with `0{bare[1]}`"))
        {
            return null;
        }

        ulong value = 0;
        foreach (char digit in bare[2..].Where(char.IsAsciiHexDigit))
        {
            uint one = (uint)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
            if (((ulong)long.MaxValue - one) / radix < value)
            {
                return TooLarge(span);
            }

            value = (value * radix) + one;
        }

        return new TomlValue.Integer(span, (long)value);
    }

    private TomlValue.Integer? Integer(TextSpan span, string text, string bare)
    {
        if (!Underscored(span, bare, "0123456789", "an integer") || LeadsWithZero(span, bare))
        {
            return null;
        }

        string plain = text.Replace("_", "", StringComparison.Ordinal);
        return long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? new TomlValue.Integer(span, value)
            : TooLarge(span);
    }

    private TomlValue.Integer? TooLarge(TextSpan span)
    {
        cursor.Fail(span, "the integer does not fit into 64 bits with a sign", "write it as text or as a float");
        return null;
    }

    private TomlValue.Float? Float(TextSpan span, string text, string bare)
    {
        int power = bare.AsSpan().IndexOfAny('e', 'E');
        string mantissa = power < 0 ? bare : bare[..power];
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? mantissa : mantissa[..point];
        bool isWell = Underscored(span, whole, "0123456789", "a float") && !LeadsWithZero(span, whole)
            && (point < 0 || Underscored(span, mantissa[(point + 1)..], "0123456789", "a float"))
            && (power < 0 || Underscored(span, WithoutSign(bare[(power + 1)..]), "0123456789", "a float"));
        return isWell
            ? new TomlValue.Float(span, double.Parse(
                text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture))
            : null;
    }

    private static string WithoutSign(string exponent) => exponent is ['+' or '-', ..] ? exponent[1..] : exponent;

    private bool LeadsWithZero(TextSpan span, string digits) =>
        digits is ['0', _, ..] && !cursor.Fail(span, "a number does not begin with a zero that counts nothing",
            "take the zeros in front away; octal is `0o17`");

    // Digits, with underscores between two of them.
    private bool Underscored(TextSpan span, string text, string digits, string what)
    {
        if (text == "")
        {
            return cursor.Fail(span, "digits are missing",
                "a digit stands on both sides of a point, behind a base and behind an exponent's `e`");
        }

        for (int at = 0; at < text.Length; at++)
        {
            bool isBetween = 0 < at && at + 1 < text.Length && text[at - 1] != '_' && text[at + 1] != '_';
            if (text[at] == '_' ? !isBetween : !digits.Contains(text[at], StringComparison.Ordinal))
            {
                return text[at] == '_'
                    ? cursor.Fail(span, "an underscore stands between two digits", "write `1_000`")
                    : cursor.Fail(span, $"`{text[at]}` has no place in {what}", "text stands in quotes");
            }
        }

        return true;
    }
}
