using System.Collections.Immutable;

namespace Tars.Kernel.Linking;

/// <summary>A pattern of channel names: segments, of which `+` stands for any one.</summary>
internal sealed class ChannelPattern
{
    /// <summary>What stands in a pattern for any one segment.</summary>
    public const string AnySegment = "+";

    private readonly ImmutableArray<string> _segments;

    public ChannelPattern(string text)
    {
        Text = text;
        _segments = [.. text.Split('/')];
    }

    public string Text { get; }

    public ImmutableArray<string> Segments => _segments;

    public bool Matches(ReadOnlySpan<string> channel)
    {
        if (channel.Length != _segments.Length)
        {
            return false;
        }

        for (int index = 0; index < channel.Length; index++)
        {
            if (_segments[index] != AnySegment && _segments[index] != channel[index])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What stands in a matching channel where the pattern has `+`, in order.</summary>
    public IEnumerable<string> Captures(string[] channel)
    {
        for (int index = 0; index < channel.Length; index++)
        {
            if (_segments[index] == AnySegment)
            {
                yield return channel[index];
            }
        }
    }
}
