using System.Globalization;
using System.Text;
using Tars.Base;

namespace Tars.Evolution.Trials;

/// <summary>What code has sent outside, from all shards in order, as many as are compared.</summary>
internal sealed class TrialOutputs
{
    /// <summary>The recorded event that is being handled, counted over all shards from one.</summary>
    public long Event { get; set; }

    /// <summary>The first in order.</summary>
    public List<TrialOutput> First { get; } = [];

    /// <summary>All that there were.</summary>
    public long Count { get; private set; }

    public void Add(string text)
    {
        Count++;
        if (First.Count < Limits.TrialOutputsMax)
        {
            string shown = text.Length <= Limits.TrialOutputTextMax
                ? text
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{text.AsSpan(0, Limits.TrialOutputTextMax)}… {XxHash64.Of(Encoding.UTF8.GetBytes(text), 0):x16}");
            First.Add(new TrialOutput(Event, shown));
        }
    }

    /// <summary>What was sent so far was sent before the recording began.</summary>
    public void Forget()
    {
        First.Clear();
        Count = 0;
    }
}

/// <summary>One thing that was sent outside.</summary>
/// <param name="Event">The recorded event in which that was.</param>
internal readonly record struct TrialOutput(long Event, string Text);
