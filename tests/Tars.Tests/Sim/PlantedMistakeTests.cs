using Tars.Sim;
using Xunit;

namespace Tars.Tests.Sim;

/// <summary>Mistakes planted into the samples are reported each once, at their line, and nothing else is.</summary>
public sealed class PlantedMistakeTests
{
    [Fact]
    public void Exactly_the_planted_mistakes_are_reported()
    {
        var samples = Samples.Texts();
        var wrong = new List<string>();
        for (ulong seed = 1; seed <= 40; seed++)
        {
            if (Campaigns.Planted(seed, samples[(int)(seed % (ulong)samples.Count)]) is { } difference)
            {
                wrong.Add(difference);
            }
        }

        Assert.Equal([], wrong);
    }
}
