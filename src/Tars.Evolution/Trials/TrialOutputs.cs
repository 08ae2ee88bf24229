using System.Globalization;
using System.Text;
using Tars.Base;

namespace Tars.Evolution.Trials;

/// <summary>What code has sent outside, from all shards in order, as many as are compared.</summary>
/// <param name="trap">Hears of a trap: the event, who in which handler, and why.</param>
internal sealed class TrialOutputs(Action<long, string, string> trap)
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
            First.Add(new TrialOutput(Event, Shown(text)));
        }
    }

    /// <summary>A process trapped; what is sent outside of it is added apart.</summary>
    public void Trapped(string who, string reason) => trap(Event, who, Shown(reason));

    /// <summary>What was sent so far was sent before the recording began.</summary>
    public void Forget()
    {
        First.Clear();
        Count = 0;
    }

    private static string Shown(string text) => text.Length <= Limits.TrialOutputTextMax
        ? text
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{text.AsSpan(0, Limits.TrialOutputTextMax)}… {XxHash64.Of(Encoding.UTF8.GetBytes(text), 0):x16}");
}

/// <summary>One thing that was sent outside.</summary>
/// <param name="Event">The recorded event in which that was.</param>
internal readonly record struct TrialOutput(long Event, string Text);
