using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Text;

namespace Tars.Lang.Yaml;

/// <summary>Reads single-quoted and double-quoted scalars, which close on their line.</summary>
internal sealed class QuotedReader(YamlContext context)
{
    /// <summary>The offset of the quote that closes the one at this place, or -1 when none does on this line.</summary>
    public int FindClose(int open)
    {
        char quote = context.Text[open];
        int end = context.Lines[context.Lines.IndexOf(open)].End;
        for (int at = open + 1; at < end; at++)
        {
            if (context.Text[at] == '\\' && quote == '"')
            {
                at++;
            }
            else if (context.Text[at] == quote)
            {
                if (quote == '"' || at + 1 >= end || context.Text[at + 1] != '\'')
                {
                    return at;
                }

                at++;
            }
        }

        return -1;
    }

    /// <summary>Reads the scalar that begins here; its closing quote has been found before.</summary>
    public YamlNode.Scalar Read()
    {
        int open = context.At;
        int close = FindClose(open);
        bool isDouble = context.Text[open] == '"';
        var text = new StringBuilder();
        var pieces = new List<SourceSlice.Piece> { new(0, open + 1) };
        int at = open + 1;
        while (at < close)
        {
            char c = context.Text[at];
            if (isDouble ? c != '\\' : c != '\'')
            {
                text.Append(c);
                at++;
                continue;
            }

            pieces.Add(new SourceSlice.Piece(text.Length, at));
            at += isDouble ? Unescape(at, close, text) : Once(text);
            pieces.Add(new SourceSlice.Piece(text.Length, at));
        }

        context.At = close + 1;
        return new YamlNode.Scalar(
            TextSpan.FromBounds(open, close + 1),
            isDouble ? ScalarStyle.DoubleQuoted : ScalarStyle.SingleQuoted,
            SourceSlice.OfPieces(text.ToString(), pieces));
    }

    private static int Once(StringBuilder text)
    {
        text.Append('\'');
        return 2;
    }

    /// <summary>Adds what an escape stands for and gives its length.</summary>
    private int Unescape(int at, int close, StringBuilder text)
    {
        const string Letters = "ntr\"\\/ 0";
        const string Meanings = "\n\t\r\"\\/ \0";
        char letter = context.Text[at + 1];
        int known = Letters.IndexOf(letter, StringComparison.Ordinal);
        if (known >= 0)
        {
            text.Append(Meanings[known]);
            return 2;
        }

        int digits = letter switch { 'x' => 2, 'u' => 4, _ => 0 };
        if (digits > 0 && TryHex(at + 2, digits, close, out char character))
        {
            text.Append(character);
            return 2 + digits;
        }

        context.Report(Report.YamlEscape(new TextSpan(at, 2)));
        return 2;
    }

    /// <summary>Half a surrogate pair is no character, so it is refused.</summary>
    private bool TryHex(int at, int digits, int close, out char character)
    {
        character = '\0';
        if (at + digits > close || !int.TryParse(
            context.Text.AsSpan(at, digits),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out int code))
        {
            return false;
        }

        character = (char)code;
        return !char.IsSurrogate(character);
    }
}
