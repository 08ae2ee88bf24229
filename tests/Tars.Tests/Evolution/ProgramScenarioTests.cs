using Tars.Evolution.Scenarios;
using Tars.Host.Files;
using Tars.Host.Scenarios;
using Tars.Host.Testing;
using Tars.Lang;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution;

/// <summary>
/// Every test and every scenario with every seed, of the samples and of the programs that the language was designed
/// with: they pass, with guests that are Done at once and with guests that are Running, and
/// twice with equal traces.
/// </summary>
public sealed class ProgramScenarioTests
{
    private static readonly bool[] _portModes = [false, true];

    // Half of the time that all take.
    private static readonly string[] _longest = ["2-line-", "heating"];

    public static IEnumerable<TheoryDataRow<string, bool>> Programs =>
        from path in Paths()
        from answersLater in _portModes
        where !TestEngine.IsShare || !(answersLater || _longest.Any(Path.GetFileName(path).StartsWith))
        select new TheoryDataRow<string, bool>(path, answersLater);

    [Theory]
    [MemberData(nameof(Programs))]
    public void Its_tests_and_scenarios_pass_twice_with_equal_traces(string path, bool answersLater)
    {
        var files = ModuleFiles.Of(path, File.ReadAllBytes(path));
        var compiled = Compiler.Compile(files.Source, files, new CompileOptions(IncludeTests: true));
        Assert.NotNull(compiled.Bundle);
        var engine = TestEngine.Here();
        var tests = Assert.IsType<TestRun.Ran>(ModuleTests.Run(
            compiled.Bundle.Value.AsMemory(), engine, stop: TestContext.Current.CancellationToken));
        Assert.All(tests.Outcomes, one => Assert.Null(one.Failure));
        using var suite = ScenarioSuite.Open(compiled, files.Source, files, new ScenarioParts(engine));
        foreach (var scenario in suite.Scenarios)
        {
            for (int run = 0; run < scenario.Seeds.Count; run++)
            {
                long seed = scenario.Seeds.First + run;
                string first = Run(suite, scenario, seed, answersLater);
                Assert.Equal(first, Run(suite, scenario, seed, answersLater));
            }
        }
    }

    private static string Run(
        ScenarioSuite suite, Tars.Lang.Checking.CheckedScenario scenario, long seed, bool answersLater)
    {
        using var trace = new StringWriter { NewLine = "\n" };
        var options = new ScenarioOptions { AnswersLater = answersLater, Trace = trace };
        var outcome = suite.Run(scenario, seed, options, TestContext.Current.CancellationToken);
        string why = string.Join('\n', [
            .. outcome.Refused,
            .. outcome.Notes,
            .. outcome.Checks.Where(one => !one.Held).Select(one => $"{one.Text}: {one.Detail}"),
            .. outcome.Traps,
        ]);
        Assert.True(outcome.Passed, $"{scenario.Name}, seed {seed}: {why}");
        return trace.ToString();
    }

    private static IEnumerable<string> Paths()
    {
        foreach (string folder in new[] { "samples", "samples/codec", "tests/golden/lang/programs" })
        {
            string path = RepoRoot.File(folder);
            var found = Directory.Exists(path) ? Directory.GetFiles(path, "*.tars") : [];
            // An interface has no code of its own.
            var ready = found.Where(one => Path.GetFileName(one) is not "codec.tars");
            foreach (string file in ready.Order(StringComparer.Ordinal))
            {
                yield return file;
            }
        }
    }
}
