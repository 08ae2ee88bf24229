using System.Globalization;
using System.Text;

namespace Tars.Base;

/// <summary>Text from a file or a guest as it may be shown: no control character reaches the terminal.</summary>
public static class Printable
{
    // Characters that are drawn as nothing and are neither control nor format: fillers of Hangul, joiners, selectors of
    // variants but the two of pictures, and those of the supplement. Unicode calls them default ignorable.
    private static readonly (int First, int Last)[] _unseen =
    [
        (0x34F, 0x34F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x3164, 0x3164), (0xFE00, 0xFE0D),
        (0xFFA0, 0xFFA0), (0xE0000, 0xE0FFF),
    ];

    /// <summary>Every control or format character, and every other that is drawn as nothing, is shown as U+FFFD; a tab
    /// stays a tab.</summary>
    public static string Of(string text)
    {
        int first = FirstUnprintable(text);
        if (first < 0)
        {
            return text;
        }

        var shown = new StringBuilder(text, 0, first, text.Length);
        foreach (Rune rune in text.AsSpan(first).EnumerateRunes())
        {
            shown.Append(IsPrintable(rune) ? rune.ToString() : "\uFFFD");
        }

        return shown.ToString();
    }

    /// <summary>The beginning of a text that may be long, with a mark where something is left out; never half of a
    /// character that takes two units.</summary>
    public static string Shortened(string text, int unitsMax) => text.Length <= unitsMax ? text
        : char.IsHighSurrogate(text[unitsMax - 1]) ? $"{text[..(unitsMax - 1)]}…"
        : $"{text[..unitsMax]}…";

    private static int FirstUnprintable(string text)
    {
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!IsPrintable(rune))
            {
                return at;
            }

            at += rune.Utf16SequenceLength; // Half a character counts for the one unit that it is.
        }

        return -1;
    }

    // Format characters include those that turn the direction of text and so make code look like other code.
    private static bool IsPrintable(Rune rune) => rune.Value is >= ' ' and <= '~' or '\t'
        || (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            && !Array.Exists(_unseen, range => range.First <= rune.Value && rune.Value <= range.Last));
}
