using Tars.Sim.Rings;
using Xunit;

namespace Tars.Tests.Sim;

/// <summary>A share of the campaign of hostile effects; `./dev.cs rings` runs as many as one likes.</summary>
public sealed class RingTests
{
    [Fact]
    public void Random_rings_of_effects_throw_nothing_and_reach_nothing_without_a_route() =>
        Assert.Equal(0, RingCampaign.Run(count: 4_000));
}
