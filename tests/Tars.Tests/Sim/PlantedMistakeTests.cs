using Tars.Sim;
using Tars.Sim.Mistakes;
using Xunit;

namespace Tars.Tests.Sim;

/// <summary>Mistakes planted into the samples are reported each once, at their line, and nothing else is.</summary>
public sealed class PlantedMistakeTests
{
    [Fact]
    public void Exactly_the_planted_mistakes_are_reported() => Assert.Equal(
        [],
        from program in Samples.Programs()
        from seed in Enumerable.Range(1, 4)
        let difference = Campaigns.Planted((ulong)seed, program)
        where difference is not null
        select $"{program.Name}: {difference}");

    [Fact]
    public void There_are_more_than_sixty_kinds_of_mistakes() =>
        Assert.InRange(MistakeTable.All.DistinctBy(one => one.Line).Count(), 60, 1_000);
}
