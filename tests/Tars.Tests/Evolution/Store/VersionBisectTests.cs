using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Store;
using Xunit;

namespace Tars.Tests.Evolution.Store;

/// <summary>Halving finds the first bad version, asks few, and does not hide what it could not try.</summary>
public sealed class VersionBisectTests
{
    [Fact]
    public void The_first_bad_version_is_found_whatever_cannot_be_tried()
    {
        for (ulong seed = 1; seed <= 300; seed++)
        {
            var random = new Xoshiro256(seed);
            int count = 2 + random.Next(60);
            int first = 1 + random.Next(count - 1);
            bool[] unclear = [.. Enumerable.Range(0, count).Select(one =>
                seed % 2 == 0 && one != 0 && one != count - 1 && random.Next(4) == 0)];
            var lineage = Lineage(count);
            int asked = 0;
            var result = Assert.IsType<BisectResult.Found>(VersionBisect.Run(lineage, version =>
            {
                asked++;
                int place = lineage.ToList().FindIndex(one => one.Version == version);
                return unclear[place] ? VersionHealth.Unclear
                    : place < first ? VersionHealth.Good
                    : VersionHealth.Bad;
            }));
            int good = lineage.IndexOf(result.Good);
            int bad = lineage.IndexOf(result.Bad);
            Assert.True(good < first && first <= bad, $"seed {seed}");
            Assert.Equal(lineage[(good + 1)..bad], result.Unclear);
            Assert.All(result.Unclear, one => Assert.True(unclear[lineage.IndexOf(one)]));
            Assert.Equal(asked, result.Tried);
            double halvings = Math.Ceiling(Math.Log2(count));
            int without = unclear.Count(one => one);
            Assert.InRange(asked, 2, 2 + halvings + (without == 0 ? 0 : without + halvings));
        }
    }

    [Theory]
    [InlineData(VersionHealth.Bad, VersionHealth.Bad, "which should be good, is bad")]
    [InlineData(VersionHealth.Good, VersionHealth.Good, "which should be bad, is good")]
    [InlineData(VersionHealth.Unclear, VersionHealth.Bad, "which should be good, cannot be tried")]
    [InlineData(VersionHealth.Good, VersionHealth.Unclear, "which should be bad, cannot be tried")]
    public void Ends_that_are_not_what_they_should_be_are_told(VersionHealth first, VersionHealth last, string why)
    {
        var lineage = Lineage(5);
        var result = VersionBisect.Run(lineage, one => one == lineage[0].Version ? first : last);
        Assert.Contains(why, Assert.IsType<BisectResult.None>(result).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "a: 1\nscenarios:\n  - name: x\n    # no\n\n    seed: 1\nb: 2\n", "a: 1\nscenarios:\n  - name: y\nb: 2\n")]
    [InlineData("scenarios:\n- name: x\n# of b\nb: 2\n", "scenarios:\n  - name: y\n# of b\nb: 2\n")]
    [InlineData("a: 1\nscenarios:\n  - name: x\n", "a: 1\nscenarios:\n  - name: y\n")]
    [InlineData("a: 1\n", "a: 1\n\nscenarios:\n  - name: y\n")]
    public void Scenarios_are_put_in_the_place_of_those_that_are_there(string text, string grafted) =>
        Assert.Equal(grafted, ScenarioGraft.Into(text, "x: 1\nscenarios:\n  - name: y\nz: 2\n"));

    [Fact]
    public void Nothing_is_put_in_where_there_are_no_scenarios() =>
        Assert.Null(ScenarioGraft.Into("a: 1\n", "b: |\n  scenarios:\n"));

    private static ImmutableArray<VersionEntry> Lineage(int count) =>
    [
        .. Enumerable.Range(0, count).Select(one =>
            VersionHistory.Entry(VersionEvent.Commit, VersionId.Of($"version {one}"), "ann", "then")),
    ];
}
