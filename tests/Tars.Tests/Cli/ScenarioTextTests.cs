using Tars.Bundle.Manifest;
using Tars.Cli.Views;
using Tars.Evolution.Scenarios;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>Numbers of scenarios as a person reads them.</summary>
public sealed class ScenarioTextTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1_050_000_000, "1.05s")]
    [InlineData(12_034_567_891, "12.035s")]
    [InlineData(200_000_000_000, "200s")]
    [InlineData(9_223_372_036_000_000_000, "9223372036s")]
    public void An_instant_is_told_in_seconds(long nanoseconds, string text) =>
        Assert.Equal(text, ScenarioText.Seconds(nanoseconds));

    [Theory]
    [InlineData(-1.7e308, 1.7e308)]
    [InlineData(1.7e308, 1.7e308)]
    [InlineData(1e300, 1e300)]
    public void Whatever_is_reported_has_a_place_in_its_plot(double first, double second)
    {
        var series = new MetricSeries(
            "m", "x", "", MetricKind.Last, second, 2, [new MetricPoint(0, first), new MetricPoint(500, second)]);
        string plot = MetricPlot.Of([series], runsFor: 1_000);
        Assert.Contains("polyline", plot, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", plot, StringComparison.Ordinal);
        Assert.DoesNotContain("\u221e", plot, StringComparison.Ordinal);
    }
}
