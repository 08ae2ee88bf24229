using System.Collections.Immutable;
using System.Globalization;

namespace Tars.Evolution.Trials;

/// <summary>The differences of a trial in lines: what took the place of an output stands right below it, and of long
/// ones the part is shown in which they differ.</summary>
internal static class TrialLines
{
    private const int WidthMax = 160;

    // What stands before the first difference, so that it can be found.
    private const int Before = 40;

    public static IEnumerable<string> Of(ImmutableArray<TrialDifference> shown)
    {
        var left = shown.ToList();
        while (left is [var one, ..])
        {
            left.RemoveAt(0);
            int at = left.FindIndex(other => other.Event == one.Event && other.IsNew != one.IsNew
                && WhatOf(other) == WhatOf(one));
            if (at < 0)
            {
                yield return Line(one, Cut(one.Text, from: 0));
                continue;
            }

            var other = left[at];
            left.RemoveAt(at);
            var (gone, now) = one.IsNew ? (other, one) : (one, other);
            int same = gone.Text.AsSpan().CommonPrefixLength(now.Text);
            yield return Line(gone, Cut(gone.Text, same));
            yield return Line(now, Cut(now.Text, same));
        }
    }

    // Who does what, without the value: `main tells out.print`.
    private static string WhatOf(TrialDifference one)
    {
        int end = one.Text.AsSpan().IndexOfAny('{', '[', '"');
        return end < 0 ? string.Join(' ', one.Text.Split(' ').Take(3)) : one.Text[..end];
    }

    // The beginning says what it is; then comes what lies around the first difference.
    private static string Cut(string text, int from)
    {
        if (text.Length <= WidthMax)
        {
            return text;
        }

        int head = Math.Min(Before, from);
        int start = from - Before <= head ? head : from - Before;
        string middle = start == head ? "" : "\u2026";
        int size = WidthMax - head;
        return text.Length <= start + size
            ? $"{text[..head]}{middle}{text[start..]}"
            : $"{text[..head]}{middle}{text.AsSpan(start, size)}\u2026";
    }

    private static string Line(TrialDifference one, string text) => string.Create(
        CultureInfo.InvariantCulture, $"  {(one.IsNew ? '+' : '-')} event {one.Event}: {text}");
}
