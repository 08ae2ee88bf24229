using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Gates;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>A gain counts when it is more than chance, and noise counts seldom.</summary>
public sealed class PairedRunsTests
{
    [Theory]
    [InlineData(new double[] { 0, 0, 0 }, "")]
    [InlineData(new double[] { 1, 1, 1, 1, 1 }, "")]
    [InlineData(new double[] { -1, 0, 0 }, "is worse")]
    [InlineData(new double[] { 3, -1, 3 }, "is worse on some of few runs")]
    [InlineData(new double[] { 1, 2, 3 }, "")]
    [InlineData(new double[] { 1, 1, 1, 1, -1 }, "is better by no more than chance")]
    [InlineData(new double[] { 100, -1, 1, -1, 1, -1, 1 }, "is better by no more than chance")]
    [InlineData(new double[] { 9, 8, 7, 9, 8, -1, 7, 9 }, "")]
    public void Gains_are_told_from_chance(double[] gains, string why) =>
        Assert.Equal(why, new PairedRuns([.. gains]).WhyNoGain());

    // Of six runs two are better by all that there is: that is one way in four, however great it is.
    [Theory]
    [InlineData(1.7e308)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    public void What_no_sum_can_hold_is_no_proof(double great)
    {
        Assert.Equal(
            "is better by no more than chance", new PairedRuns([great, great, -1, -1, -1, -1]).WhyNoGain());
        Assert.Equal("is worse", new PairedRuns([-great, -great, great, -1, -1, -1]).WhyNoGain());
        Assert.Equal("", new PairedRuns([great, great, great, great, great, 1]).WhyNoGain());
        Assert.True(new PairedRuns([-great, -great, -great, -great, -great, 1]).IsLoss());
    }

    // Of few runs nobody can say that it was chance.
    [Theory]
    [InlineData(new double[] { 0, 0 }, false)]
    [InlineData(new double[] { -1 }, true)]
    [InlineData(new double[] { 0.01, -1000, -1000 }, true)]
    [InlineData(new double[] { 1000, -1, -1 }, false)]
    [InlineData(new double[] { -1, -1, -1, -1, -1 }, true)]
    [InlineData(new double[] { -2, 1, -1, 1, -1 }, false)]
    public void A_loss_of_few_runs_is_one(double[] gains, bool isLoss) =>
        Assert.Equal(isLoss, new PairedRuns([.. gains]).IsLoss());

    // Of two that are alike one in twenty may look better; of what is better by the width of the noise most do.
    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    public void Noise_seldom_counts_and_a_gain_mostly_does(int runs)
    {
        int noise = 0;
        int gains = 0;
        for (ulong seed = 0; seed < 60; seed++)
        {
            var random = new Xoshiro256(seed);
            ImmutableArray<double> drawn = [.. Enumerable.Range(0, runs).Select(_ => random.NextUnit() - 0.5)];
            noise += new PairedRuns(drawn).WhyNoGain().Length == 0 ? 1 : 0;
            gains += new PairedRuns([.. drawn.Select(one => one + 0.4)]).WhyNoGain().Length == 0 ? 1 : 0;
        }

        Assert.InRange(noise, 0, 8);
        Assert.InRange(gains, 54, 60);
    }
}
