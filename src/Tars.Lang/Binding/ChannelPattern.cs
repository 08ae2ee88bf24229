using System.Collections.Immutable;
using Tars.Lang.Symbols;

namespace Tars.Lang.Binding;

/// <summary>Channels and patterns of channels: segments between slashes, where <c>+</c> stands for any one.</summary>
internal static class ChannelPattern
{
    public const string AnySegment = "+";
    private const int SegmentCountMax = 8;

    public static bool IsWellFormed(string pattern)
    {
        string[] segments = pattern.Split('/');
        return segments.Length <= SegmentCountMax
            && Array.TrueForAll(segments, segment => segment == AnySegment || IsLiteral(segment));
    }

    /// <summary>The first declared pattern that allows it, by place, or null.</summary>
    public static int? Find(ImmutableArray<ChannelSymbol> declared, string pattern)
    {
        for (int index = 0; index < declared.Length; index++)
        {
            if (Allows(declared[index].Pattern, pattern))
            {
                return index;
            }
        }

        return null;
    }

    /// <summary>Whether every channel that fits the one also fits the other, wider one.</summary>
    public static bool Allows(string wide, string narrow) => Fits(wide, narrow, (one, other) =>
        one == AnySegment || one == other);

    /// <summary>Whether some channel fits both.</summary>
    public static bool Overlap(string left, string right) => Fits(left, right, (one, other) =>
        one == AnySegment || other == AnySegment || one == other);

    private static bool Fits(string left, string right, Func<string, string, bool> fit)
    {
        string[] ones = left.Split('/');
        string[] others = right.Split('/');
        return ones.Length == others.Length && ones.Zip(others, fit).All(fits => fits);
    }

    private static bool IsLiteral(string segment) =>
        segment.Length > 0
        && segment.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-');
}
