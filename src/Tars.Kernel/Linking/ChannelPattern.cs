using System.Collections.Immutable;

namespace Tars.Kernel.Linking;

/// <summary>A pattern of channel names: segments, of which `+` stands for any one.</summary>
internal sealed class ChannelPattern
{
    private readonly ImmutableArray<string> _segments;

    public ChannelPattern(string text)
    {
        Text = text;
        _segments = [.. text.Split('/')];
    }

    public string Text { get; }

    public bool Matches(ReadOnlySpan<string> channel)
    {
        if (channel.Length != _segments.Length)
        {
            return false;
        }

        for (int index = 0; index < channel.Length; index++)
        {
            if (_segments[index] != "+" && _segments[index] != channel[index])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when some channel matches both.</summary>
    public bool Overlaps(ChannelPattern other) =>
        _segments.Length == other._segments.Length
        && _segments.Zip(other._segments).All(pair =>
            pair.First == "+" || pair.Second == "+" || pair.First == pair.Second);

    /// <summary>What stands in a matching channel where the pattern has `+`, in order.</summary>
    public IEnumerable<string> Captures(string[] channel)
    {
        for (int index = 0; index < channel.Length; index++)
        {
            if (_segments[index] == "+")
            {
                yield return channel[index];
            }
        }
    }
}
