using Tars.Kernel;
using Tars.Sim.Swarm;
using Xunit;

namespace Tars.Tests.Sim;

/// <summary>A share of what `./dev.cs sim` runs: the kernel against its model, planted mistakes found.</summary>
public sealed class SwarmTests
{
    private const int SeedsCount = 15;

    public static IEnumerable<TheoryDataRow<string>> Mistakes =>
        from name in Enum.GetNames<Planted>()
        where name != nameof(Planted.None)
        select new TheoryDataRow<string>(name);

    [Fact]
    public void The_kernel_does_what_its_model_says()
    {
        var coverage = new Coverage();
        for (ulong seed = 1; seed <= SeedsCount; seed++)
        {
            var outcome = SwarmSeed.Run(seed, Planted.None, coverage);
            Assert.True(outcome.Problem is null, $"./dev.cs sim {seed}: {outcome.Problem}");
        }
    }

    /// <summary>Seeds that found a mistake where others did not.</summary>
    /// <param name="seed">936: a message that comes late waits for room while its sender runs, and whoever then asks
    /// that sender waits since later. 1004724: it asks a device then, and waits since that ask.</param>
    [Theory]
    [InlineData(192)]
    [InlineData(936)]
    [InlineData(1004724)]
    public void A_seed_that_once_failed_is_clean(ulong seed) =>
        Assert.Null(SwarmSeed.Run(seed, Planted.None, new Coverage()).Problem);

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_planted_mistake_is_found(string name)
    {
        var planted = Enum.Parse<Planted>(name);
        Assert.True(SwarmSeed.Find(planted, SwarmCampaign.SeedsUntilFound) is not null, $"no seed finds {planted}");
    }

    [Fact]
    public void What_fails_is_told_with_fewer_inputs()
    {
        var plan = SwarmPlan.Draw(1);
        var small = SwarmSeed.Shrink(plan, Planted.GeneratorShared);
        Assert.InRange(small.Stimuli.Length, 1, 4);
        Assert.NotNull(SwarmSeed.Run(small, Planted.GeneratorShared, new Coverage()).Problem);
    }
}
