using Tars.Evolution.Gates;
using Tars.Tests.Evolution.Search;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>Each way to cheat ends at its gate; what is honestly better passes all of them, and so does nothing at all.
/// </summary>
public sealed class VersionGatesTests
{
    private const string BestFit = "return -float(gap)";

    public static TheoryData<string, string, string, string> Cheaters => new()
    {
        { "another goal", "goal: minimize", "goal: maximize", "document" },
        { "another test", "score(50, 60, 10) == ", "1.0 == 1.0 or score(50, 60, 10) == ", "document" },
        { "an easier scenario", "items: 200 }", "items: 10 }", "document" },
        { "another seed to choose by", "from: 101", "from: 777", "document" },
        { "a wider reach", "may_change: [functions.score.do]", "may_change: [functions, handlers]", "document" },
        { "a harness that reports something else", "float(bins - bound)", "0.0", "document" },
        { "a new device", "limits: {", "capabilities: { devices: { out: console } }\n\nlimits: {", "document" },
        { "a forbidden field", "    returns: float\n", "    returns: float\n    magic: yes\n", "document" },
        { "what does not compile", BestFit, "return gap", "check" },
        { "what is no expression", BestFit, "return nothing_known(item)", "check" },
        { "a trap", BestFit, "return float(item / (left - left))", "scenarios" },
        { "no number", BestFit, "return 0.0 / 0.0", "scenarios" },
        { "the worst fit", BestFit, "return float(gap)", "objective" },
        { "a loop without end", BestFit, "var n = 1\n      while n > 0 { n += 0 }\n      return 1.0", "scenarios" },
        { "too large", BestFit, $"return {string.Join(" + ", Enumerable.Repeat("1.0", 70))}", "document" },
    };

    [Theory]
    [MemberData(nameof(Cheaters))]
    public void A_cheater_ends_at_its_gate(string what, string old, string now, string gate)
    {
        string text = SmallPacking.Problem().Source.Text;
        Assert.True(text.Contains(old, StringComparison.Ordinal), what);
        var verdicts = VersionGates.Judge(
            SmallPacking.Problem(), text.Replace(old, now, StringComparison.Ordinal), SmallPacking.Parts(workers: 1));
        Assert.Equal(gate, verdicts[^1].Gate);
        Assert.NotEmpty(verdicts[^1].Reason);
        Assert.All(verdicts.SkipLast(1), one => Assert.True(one.Passed));
    }

    [Fact]
    public void Nothing_changed_passes_every_gate()
    {
        var problem = SmallPacking.Problem();
        var verdicts = VersionGates.Judge(problem, problem.Source.Text, SmallPacking.Parts(workers: 1));
        Assert.Equal(VersionGates.NamesFor(problem), verdicts.Select(one => one.Gate));
        Assert.All(verdicts, one => Assert.Equal("", one.Reason));
    }

    [Fact]
    public void Comments_and_layout_pass_every_gate()
    {
        var problem = SmallPacking.Problem();
        string text = problem.Source.Text.Replace(BestFit, $"# Said differently.\n      {BestFit}");
        Assert.All(
            VersionGates.Judge(problem, text, SmallPacking.Parts(workers: 1)), one => Assert.Equal("", one.Reason));
    }
}
