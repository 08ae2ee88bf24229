using Tars.Evolution.Trials;
using Xunit;

namespace Tars.Tests.Evolution;

/// <summary>Differences of a trial are read in pairs, and long values where they differ.</summary>
public sealed class TrialLinesTests
{
    [Fact]
    public void What_took_the_place_of_an_output_stands_below_it()
    {
        TrialDifference[] shown =
        [
            new(3, IsNew: false, "m tells out.print {\"line\":\"a\"}"),
            new(3, IsNew: false, "m publishes level 1"),
            new(3, IsNew: true, "m tells out.print {\"line\":\"b\"}"),
            new(3, IsNew: true, "m publishes level 2"),
            new(4, IsNew: true, "m tells out.print {\"line\":\"c\"}"),
        ];
        Assert.Equal(
            [
                "  - event 3: m tells out.print {\"line\":\"a\"}",
                "  + event 3: m tells out.print {\"line\":\"b\"}",
                "  - event 3: m publishes level 1",
                "  + event 3: m publishes level 2",
                "  + event 4: m tells out.print {\"line\":\"c\"}",
            ],
            TrialLines.Of([.. shown]));
    }

    [Fact]
    public void Of_long_outputs_the_part_is_shown_in_which_they_differ()
    {
        string same = $"m publishes list [{new string('x', 900)}";
        string[] lines = [.. TrialLines.Of(
        [
            new(1, IsNew: false, $"{same}old{new string('y', 300)}]"),
            new(1, IsNew: true, $"{same}new{new string('y', 300)}]"),
        ])];
        Assert.All(lines, line => Assert.InRange(line.Length, 100, 180));
        Assert.Contains("xold", lines[0], StringComparison.Ordinal);
        Assert.Contains("xnew", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("  + event 1: m publishes list [", lines[1], StringComparison.Ordinal);
        Assert.Equal(161 + 13, TrialLines.Of([new(1, IsNew: true, new string('z', 1_213))]).Single().Length);
    }
}
