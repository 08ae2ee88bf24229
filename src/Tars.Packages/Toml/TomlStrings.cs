using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tars.Packages.Toml;

/// <summary>Reads the four kinds of strings.</summary>
internal sealed class TomlStrings(TomlCursor cursor)
{
    private const string ThreeQuotes = "\"\"\"";
    private const string ThreeTicks = "'''";

    // Two quotes may stand before the three that close.
    private const int QuotesAtEndMax = 5;

    private static readonly SearchValues<char> _hexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The string that begins here, or null after a mistake.</summary>
    public string? Read() =>
        cursor.IsAt(ThreeQuotes) ? Several('"')
        : cursor.IsAt(ThreeTicks) ? Several('\'')
        : One(cursor.Now);

    /// <summary>A string on one line; <paramref name="quote"/> stands here.</summary>
    public string? One(char quote)
    {
        int start = cursor.At++;
        var value = new StringBuilder();
        while (!cursor.Take(quote))
        {
            if (cursor.IsAtEnd || cursor.Now == '\n' || (cursor.Now == '\r' && cursor.Peek(1) == '\n'))
            {
                cursor.Fail(start, 1, "the string is not closed on its line", quote == '"'
                    ? "close it with `\"`; text of several lines stands between `\"\"\"`"
                    : "close it with `'`; text of several lines stands between `'''`");
                return null;
            }

            if (!Character(quote, value))
            {
                return null;
            }
        }

        return value.ToString();
    }

    private string? Several(char quote)
    {
        int start = cursor.At;
        cursor.At += ThreeQuotes.Length;
        _ = cursor.TakeLineEnd(); // One directly behind the quotes is not part of the text.
        var value = new StringBuilder();
        while (!cursor.IsAtEnd)
        {
            if (cursor.Now == quote)
            {
                if (Quotes(quote, value))
                {
                    return value.ToString();
                }
            }
            else if (cursor.TakeLineEnd())
            {
                value.Append('\n');
            }
            else if (!(quote == '"' && SkipsLine()) && !Character(quote, value))
            {
                cursor.Open++; // What follows is the text of the string, not statements.
                return null;
            }
        }

        cursor.Open++;
        cursor.Fail(start, ThreeQuotes.Length, "the string is not closed", $"close it with `{new string(quote, 3)}`");
        return null;
    }

    // True when they close the string; up to two of them belong to the text.
    private bool Quotes(char quote, StringBuilder value)
    {
        int count = 0;
        while (count < QuotesAtEndMax && cursor.Take(quote))
        {
            count++;
        }

        bool closes = ThreeQuotes.Length <= count;
        value.Append(quote, closes ? count - ThreeQuotes.Length : count);
        return closes;
    }

    // A backslash at the end of a line takes away everything up to the next character that is no blank.
    private bool SkipsLine()
    {
        if (cursor.Now != '\\')
        {
            return false;
        }

        int back = cursor.At++;
        cursor.SkipBlanks();
        if (!cursor.TakeLineEnd())
        {
            cursor.At = back;
            return false;
        }

        do
        {
            cursor.SkipBlanks();
        }
        while (cursor.TakeLineEnd());

        return true;
    }

    private bool Character(char quote, StringBuilder value)
    {
        if (TomlCursor.IsControl(cursor.Now))
        {
            return cursor.Fail(cursor.At, 1, cursor.ControlTitle("a string"), quote == '"'
                ? "write it as an escape, such as `\\u0000`"
                : "use a string in `\"` and write it as an escape, such as `\\u0000`");
        }

        if (quote == '"' && cursor.Now == '\\')
        {
            return Escape(value);
        }

        value.Append(cursor.Now);
        cursor.At++;
        return true;
    }

    private bool Escape(StringBuilder value)
    {
        int start = cursor.At;
        char kind = cursor.Peek(1);
        if (kind is 'u' or 'U')
        {
            return Scalar(kind == 'u' ? 4 : 8, value);
        }

        char? meant = kind switch
        {
            'b' => '\b',
            't' => '\t',
            'n' => '\n',
            'f' => '\f',
            'r' => '\r',
            '"' => '"',
            '\\' => '\\',
            _ => null,
        };
        if (meant is not { } unit)
        {
            return cursor.Fail(start, 2, "there is no such escape",
                "there are `\\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX`; a backslash is `\\\\`, or `\\` in `'`");
        }

        value.Append(unit);
        cursor.At += 2;
        return true;
    }

    private bool Scalar(int digits, StringBuilder value)
    {
        int start = cursor.At;
        int length = 2 + digits;
        bool isWhole = start + length <= cursor.Text.Length;
        var text = isWhole ? cursor.Text.AsSpan(start + 2, digits) : default;
        if (!isWhole || text.ContainsAnyExcept(_hexDigits))
        {
            return cursor.Fail(start, 2, $"the escape needs {digits} hexadecimal digits",
                "write `\\u00E9`, or `\\U0001F600` for what lies above FFFF");
        }

        uint number = uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (!Rune.IsValid(number))
        {
            return cursor.Fail(start, length, "the escape is no Unicode scalar value",
                "scalar values are 0 to D7FF and E000 to 10FFFF; a surrogate is none");
        }

        value.Append(new Rune(number).ToString());
        cursor.At += length;
        return true;
    }
}
