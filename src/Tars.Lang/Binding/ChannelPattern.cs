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
    public static bool Allows(string wide, string narrow)
    {
        string[] ones = wide.Split('/');
        string[] others = narrow.Split('/');
        return ones.Length == others.Length
            && ones.Zip(others).All(pair => pair.First == AnySegment || pair.First == pair.Second);
    }

    /// <summary>Whether some channel fits both; both are given by their segments.</summary>
    public static bool Overlap(ReadOnlySpan<string> left, ReadOnlySpan<string> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (int index = 0; index < left.Length; index++)
        {
            if (left[index] != AnySegment && right[index] != AnySegment && left[index] != right[index])
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLiteral(string segment) =>
        segment.Length > 0
        && segment.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-');
}
