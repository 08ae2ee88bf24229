namespace Tars.Packages.Grants;

/// <summary>Patterns of channels as sets: what two of them have in common.</summary>
public static class ChannelPatterns
{
    private const string AnySegment = "+";
    private const int SegmentsMax = 8;

    /// <summary>Whether a text is a pattern: segments with `/` between them, each a name or `+`.</summary>
    public static bool IsPattern(string text)
    {
        string[] segments = text.Split('/');
        return segments.Length <= SegmentsMax && Array.TrueForAll(segments, IsSegment);
    }

    /// <summary>The channels that both match, as one pattern; null when there is none.</summary>
    public static string? Common(string left, string right)
    {
        string[] one = left.Split('/');
        string[] other = right.Split('/');
        bool meet = one.Length == other.Length && one.Zip(other).All(pair =>
            pair.First == pair.Second || pair.First == AnySegment || pair.Second == AnySegment);
        return meet
            ? string.Join('/', one.Zip(other).Select(pair => pair.First == AnySegment ? pair.Second : pair.First))
            : null;
    }

    private static bool IsSegment(string segment) => segment == AnySegment
        || (segment.Length > 0 && segment.All(unit =>
            char.IsAsciiLetterLower(unit) || char.IsAsciiDigit(unit) || unit is '_' or '-'));
}
