using System.Globalization;
using System.Text;

namespace Tars.Base;

/// <summary>Text from a file or a guest as it may be shown: no control character reaches the terminal.</summary>
public static class Printable
{
    /// <summary>Every control or format character is shown as U+FFFD; a tab stays a tab.</summary>
    public static string Of(string text)
    {
        int first = FirstUnprintable(text);
        if (first < 0)
        {
            return text;
        }

        var shown = new StringBuilder(text, 0, first, text.Length);
        foreach (char unit in text.AsSpan(first))
        {
            shown.Append(IsPrintable(unit) ? unit : '\uFFFD');
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
        for (int at = 0; at < text.Length; at++)
        {
            if (!IsPrintable(text[at]))
            {
                return at;
            }
        }

        return -1;
    }

    // Format characters include those that turn the direction of text and so make code look like other code.
    private static bool IsPrintable(char unit) =>
        unit == '\t' || char.GetUnicodeCategory(unit) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
