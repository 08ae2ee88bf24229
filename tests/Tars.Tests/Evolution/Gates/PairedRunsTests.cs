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
