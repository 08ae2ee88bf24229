using System.Text;
using Tars.Evolution.Scenarios;
using Tars.Host.Files;
using Tars.Host.Scenarios;
using Tars.Lang;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution;

/// <summary>A scenario gives the params of its world values, by their type and within their range.</summary>
public sealed class WorldParamTests : IDisposable
{
    private const string World =
        """
        tars: 1
        module: weather
        version: 1.0.0
        summary: Says how warm it is.
        capabilities:
          publish: { warmth: float }
          timers: { shortest: 1s }
        params:
          outside: { type: float, value: 4, range: [-30, 45], about: Degrees. }
          turn: { type: duration, value: 1s, range: [1s, 1m], about: Time between two. }
        handlers:
          start:
            do: |
              every turn say
          timer say:
            do: |
              publish("warmth", outside)
              metric(said, outside)
        metrics:
          said: { kind: mean, goal: maximize }

        """;

    private const string Head =
        """
        tars: 1
        module: m
        version: 1.0.0
        summary: Hears how warm it is.
        capabilities:
          subscribe: { warmth: float }
        params:
          outside: { type: float, value: 7, range: [0, 9], about: Of this one. }
        state:
          heard: list<float> = []
        handlers:
          message warmth as x:
            do: |
              heard.push(x)
              log("heard", own = outside)

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-world-").FullName;

    public WorldParamTests() => File.WriteAllText(Path.Combine(_folder, "weather.tars"), World);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", "m.heard == [4.0, 4.0, 4.0] and outside == 7.0 and w.said == 4.0")]
    [InlineData("params: { w.outside: -5.5 }", "m.heard == [-5.5, -5.5, -5.5] and outside == 7.0")]
    [InlineData("params: { w.outside: 20, outside: 3 }", "m.heard == [20.0, 20.0, 20.0] and outside == 3.0")]
    [InlineData("params: { w.turn: 3s }", "m.heard == [4.0]")]
    [InlineData(
        "steps: [{ at: 1500ms, set: w.outside, value: 9 }]", "m.heard == [4.0, 9.0, 9.0] and outside == 7.0")]
    public void The_world_runs_with_what_the_scenario_says(string given, string expected)
    {
        var outcome = Run(given, expected);
        Assert.Empty(outcome.Refused);
        Assert.All(outcome.Checks, check => Assert.True(check.Held, check.Detail));
    }

    [Fact]
    public void What_is_out_of_its_range_is_refused() =>
        Assert.Equal(
            ["the param w.outside may not be 50.0"], Run("params: { w.outside: 50 }", "traps() == 0").Refused);

    [Theory]
    [InlineData("params: { w.outsied: 5 }", "no param `w.outsied`", "did you mean `w.outside`?")]
    [InlineData("params: { v.outside: 5 }", "no param `v.outside`", "did you mean `w.outside`?")]
    [InlineData("params: { w.outside.more: 5 }", "`outside.more` is neither a name nor a type", "")]
    [InlineData("params: { w.turn: 5 }", "", "")]
    [InlineData("steps: [{ at: 1s, set: w.inside, value: 9 }]", "no param `w.inside`", "")]
    public void What_it_has_not_is_told_in_its_place(string given, string title, string mend)
    {
        var (compiled, files) = Compiled(given, "traps() == 0");
        var wrong = Assert.Single(compiled.Check.Diagnostics);
        Assert.StartsWith(title, wrong.Title, StringComparison.Ordinal);
        Assert.StartsWith(mend, wrong.Hint, StringComparison.Ordinal);
        Assert.Contains(files.Source.Text[wrong.Span.Start..wrong.Span.End], given, StringComparison.Ordinal);
    }

    private ScenarioOutcome Run(string given, string expected)
    {
        var (compiled, files) = Compiled(given, expected);
        Assert.True(
            compiled.Bundle is not null,
            string.Join('\n', compiled.Check.Diagnostics.Select(one => $"{one.Span.Start} {one.Title}")));
        using var suite = ScenarioSuite.Open(compiled, files.Source, files, new ScenarioParts(TestEngine.Here()));
        return suite.Run(
            suite.Scenarios[0], seed: 1, new ScenarioOptions(), TestContext.Current.CancellationToken);
    }

    private (CompileResult Compiled, ModuleFiles Files) Compiled(string given, string expected)
    {
        string text = $"{Head}scenarios:\n  - name: it\n    seed: 1\n    runs_for: 3s\n"
            + $"    environment: {{ w: ./weather.tars }}\n{(given.Length == 0 ? "" : $"    {given}\n")}"
            + $"    expect:\n      - {expected}\n";
        var files = ModuleFiles.Of(Path.Combine(_folder, "m.tars"), Encoding.UTF8.GetBytes(text));
        return (Compiler.Compile(files.Source, files, new CompileOptions()), files);
    }
}
