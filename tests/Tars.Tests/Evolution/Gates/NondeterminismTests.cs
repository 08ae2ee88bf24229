using Tars.Evolution.Gates;
using Tars.Host.Evolving;
using Tars.Tests.Evolution.Planning;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>A version goes by chance or by the clock only where the version before did.</summary>
public sealed class NondeterminismTests
{
    private const string Chance = " + random()";
    private const string OtherChance = " + float(random_int(0, 1))";
    private const string Time = " + (if now() == now() { 1.0 } else { 0.0 })";

    private const string Stop = "\n  stop:\n    do: |\n      metric(turns, 0.0";

    [Theory]
    [InlineData("", Chance, "new nondeterminism: random")]
    [InlineData("", OtherChance, "new nondeterminism: random")]
    [InlineData("", Time, "new nondeterminism: now")]
    [InlineData("", Chance + Time, "new nondeterminism: random; new nondeterminism: now")]
    [InlineData(Time, Chance, "new nondeterminism: random")]
    [InlineData(Chance, OtherChance + Chance, "")]
    [InlineData(Time, Time + Time, "")]
    [InlineData(Chance, "", "")]
    public void What_the_version_before_does_not_go_by_is_refused_by_name(string before, string after, string reason)
    {
        var (problem, _) = SmallTuning.Module(Module(before));
        var parts = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
        var verdicts = VersionGates.Judge(problem, Module(after), parts);
        Assert.Equal(reason, Assert.Single(verdicts, one => one.Gate == "nondeterminism").Reason);
    }

    // Any code of an agent counts, called or not; a test is no part of what runs.
    [Theory]
    [InlineData("procedures:\n  draw:\n    do: |\n      metric(turns, random())\n", true, false)]
    [InlineData("procedures:\n  draw:\n    do: |\n      if false { log(\"{now()}\") }\n", false, true)]
    [InlineData("invariants:\n  - now() == now()\n", false, true)]
    [InlineData("tests:\n  - name: now\n    do: |\n      assert now() == now()\n", false, false)]
    public void All_that_runs_counts_and_nothing_else(string code, bool drawsByChance, bool asksForTime)
    {
        string text = Module("").Replace("\nmetrics:", $"\n{code}\nmetrics:", StringComparison.Ordinal);
        var module = SmallTuning.Module(text).Check.Module;
        Assert.Equal((drawsByChance, asksForTime), (module.DrawsByChance, module.AsksForTime));
    }

    // What may change reports nothing that it is judged by.
    private static string Module(string turns) => SmallTuning.Text
        .Replace("5.0 + random()", "5.0", StringComparison.Ordinal)
        .Replace("\nmetrics:", Stop + turns + ")\n\nmetrics:", StringComparison.Ordinal)
        .Replace("[params.gain.value, functions.push.do]", "[handlers.stop]", StringComparison.Ordinal)
        .Replace("  nodes_at_most: 20\n", "", StringComparison.Ordinal);
}
