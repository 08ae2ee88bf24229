using System.Globalization;
using System.Text;
using Tars.Evolution.Analysis;
using Tars.Evolution.Gates;
using Tars.Evolution.Scenarios;
using Tars.Host.Evolving;
using Tars.Host.Files;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution.Analysis;

/// <summary>What no scenario comes to is told by path and line, and counting changes nothing that a run does.</summary>
public sealed class BranchCoverageTests
{
    private const int SeedsMax = 2;

    private static readonly string _path = RepoRoot.File("tests/golden/evolution/branches.tars");

    private static readonly string _text = File.ReadAllText(_path);

    /// <summary>Programs with handlers that ask, blobs, spawns, swaps, recorded loads, environments.</summary>
    public static IEnumerable<TheoryDataRow<string>> Programs => Directory
        .EnumerateFiles(RepoRoot.File("samples"), "*.tars").Append(_path)
        .Where(one => File.ReadAllText(one).Contains("\nscenarios:", StringComparison.Ordinal))
        .Select(RepoRoot.Relative).Order(StringComparer.Ordinal)
        .Select(one => new TheoryDataRow<string>(one));

    // What only `test` comes to is told too: nobody learns from that. What only an expectation calls is not.
    [Fact]
    public void Each_kind_of_branch_that_no_scenario_comes_to_is_told_by_path_and_line() => Assert.Equal(
        """
        handlers.message:work/two: branches: message work/two runs in no scenario
        functions.load.do:25 a condition that holds in no scenario: if heavy < kilos { return heavy }
        functions.word.do:35 an arm that no scenario comes to: "from {name}" => return name
        functions.sung.do:46 sung is called in no scenario
        procedures.remember.do:67 a loop that makes no turn in any scenario: for one in texts { sum += one.size() }
        procedures.forget.do:69 forget is called in no scenario
        handlers.start.do:77 a loop that makes no turn in any scenario: while sum < 0 { sum += 1 }
        handlers.message:work/one.do:89 a value that is missing in no scenario: let most = names.get("ann") else { 0 }
        handlers.message:work/one.do:91 a condition that holds in no scenario: if most < count { sum += 1 }
        handlers.message:work/one.do:93 a condition that holds in no scenario: if sum < 0 {
        handlers.message:work/one.do:95 a condition that holds in no scenario: } else if sum == 0 {
        handlers.message:work/one.do:99 an arm that no scenario comes to: sing(song) => {
        """,
        Told(_text));

    [Fact]
    public void A_handler_that_binds_a_segment_is_told_by_its_own_path()
    {
        string text = _text.Replace("work/two: Work", "rest/+: Work", StringComparison.Ordinal)
            .Replace("message work/two as work", "message rest/{n} as work", StringComparison.Ordinal);
        Assert.StartsWith(
            "handlers.message:rest/{n}: branches: message rest/+ runs in no scenario",
            Told(text),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("if kilos < 10", "if kilos < 99", "an `else` that no scenario comes to: let half = ")]
    [InlineData("if kilos < 10", "if kilos < 1", "a condition that holds in no scenario: let half = ")]
    [InlineData("heavy < kilos", "kilos < heavy", "a condition that holds in every scenario that comes to it: if ")]
    [InlineData("names.get(name)", "names.get(\"{name}.\")", "a condition that holds in no scenario: if let known")]
    [InlineData("for step in 0..3", "for step in 0..0", "a loop that makes no turn in any scenario: for step in")]
    [InlineData("name, count in names", "name, count in none_yet", "a loop that makes no turn in any scenario: for n")]
    public void The_other_side_of_a_branch_is_told_when_it_is_that_which_is_missed(string now, string then, string told)
    {
        string text = _text.Replace(now, then, StringComparison.Ordinal).Replace(
            "state:\n", "state:\n  none_yet: map<text, int> = []\n", StringComparison.Ordinal);
        Assert.Contains(then, text, StringComparison.Ordinal);
        Assert.DoesNotContain(told, Told(_text), StringComparison.Ordinal);
        Assert.Contains(told, Told(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_are_those_of_the_file_as_its_author_laid_it_out()
    {
        string wide = _text.Replace("functions:\n", "functions:\n\n\n\n", StringComparison.Ordinal);
        Assert.Contains("functions.load.do:28 a condition", Told(wide), StringComparison.Ordinal);
        string trapping = wide.Replace("sum += step", "sum += 1 / (step * 0)", StringComparison.Ordinal);
        Assert.Contains(
            Analyze(trapping).Of(FindingKind.Trap),
            one => one.Text.Contains("branches.tars:79:", StringComparison.Ordinal));
    }

    [Fact]
    public void A_handler_that_always_traps_runs_and_comes_to_no_end() => Assert.StartsWith(
        "handlers.message:work/one: branches: message work/one comes to its end in no scenario",
        Told(_text.Replace("metric(total, float(sum))", "fail \"no\"", StringComparison.Ordinal)
            .Replace("  message work/two as work:\n    do: |\n      sum = 0\n",
                "  message work/two as work:\n    do: |\n      metric(total, 1.0)\n",
                StringComparison.Ordinal)
            .Replace("publish: work/one, value: rest", "publish: work/two, value: rest", StringComparison.Ordinal)),
        StringComparison.Ordinal);

    // More than can be counted or told: both are said, and the rest is told as ever.
    [Fact]
    public void However_many_branches_there_are_few_are_told()
    {
        var many = new StringBuilder("functions:\n");
        for (int one = 0; one < 3; one++)
        {
            many.Append(CultureInfo.InvariantCulture, $"  many{one}:\n    with: {{ x: int }}\n    returns: int\n");
            many.Append("    do: |\n");
            for (int line = 0; line < 3_000; line++)
            {
                many.Append(CultureInfo.InvariantCulture, $"      if x == {line + 7} {{ return {line} }}\n");
            }

            many.Append("      return 0\n");
        }

        string called = _text.Replace("functions:\n", many.ToString(), StringComparison.Ordinal)
            .Replace("sum += load(kilos)", "sum += load(kilos) + many0(1) + many1(1) + many2(1)",
                StringComparison.Ordinal);
        string[] told = Told(called).Split('\n');
        Assert.Equal(103, told.Length);
        Assert.Contains("handlers.message:work/two: branches: message work/two runs in no scenario", told[0]);
        Assert.StartsWith("functions.many0.do:25 a condition that holds in no scenario: if x == 7", told[1]);
        Assert.Matches(@"^: 8\d\d\d more branches that no scenario comes to$", told[^2]);
        Assert.Matches(@"^: \d+ branches are too many to be counted$", told[^1]);
    }

    [Fact]
    public void A_line_is_shown_in_part_and_never_half_a_character()
    {
        string text = _text.Replace(
            "if heavy < kilos { return heavy }",
            $"if heavy < kilos {{ fail \"{new string('a', 34)}😀😀\" }}",
            StringComparison.Ordinal);
        string told = Told(text).Split('\n')[1];
        Assert.EndsWith("a…", told, StringComparison.Ordinal);
        Assert.All(told, one => Assert.False(char.IsSurrogate(one)));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Counting_changes_nothing_that_a_run_does(string program)
    {
        string path = RepoRoot.File(program);
        var files = ModuleFiles.Of(path, File.ReadAllBytes(path));
        var parts = new SearchParts(path, files.Source.Text, workers: 1);
        var plain = Compiler.Compile(files.Source, parts.Sources(), new CompileOptions());
        var counting = Compiler.Compile(files.Source, parts.Sources(), new CompileOptions { CountsBranches = true });
        Assert.NotEmpty(plain.Check.Scenarios);
        Assert.Null(plain.Branches);
        var runs = parts.Parts();
        using var first = ScenarioSuite.Open(plain, files.Source, parts.Sources(), runs);
        using var second = ScenarioSuite.Open(
            counting, files.Source, parts.Sources(), runs, bundle => runs.LoadCounting(bundle, counting.Branches!));
        var code = second.Code(out string why);
        Assert.True(code is not null, why);
        var counted = new CountingCode(code, counting.Branches!);
        foreach (var (one, other) in first.Scenarios.Zip(second.Scenarios))
        {
            for (int seed = 0; seed < Math.Min(SeedsMax, one.Seeds.Count); seed++)
            {
                Assert.Equal(
                    Run(first, one, one.Seeds.First + seed, code: null),
                    Run(second, other, one.Seeds.First + seed, counted));
            }
        }

        Assert.Contains(counted.Counts.ToArray(), one => 0 < one);
    }

    private static string Run(ScenarioSuite suite, CheckedScenario scenario, long seed, CountingCode? code)
    {
        using var trace = new StringWriter(CultureInfo.InvariantCulture);
        var options = new ScenarioOptions { AnswersLater = seed % 2 == 0, Trace = trace, Code = code };
        var outcome = suite.Run(scenario, seed, options, CancellationToken.None);
        Assert.Empty(outcome.Refused);
        return $"{outcome.Fuel} {outcome.Events} {outcome.TrapCount} {string.Join("; ", outcome.Checks)}\n{trace}";
    }

    private static string Told(string text) => string.Join('\n', Analyze(text).Of(FindingKind.Uncovered).Select(one =>
        $"{one.Path}:{one.At?.Line.ToString(CultureInfo.InvariantCulture)} {one.Text}"));

    private static ModuleAnalysis Analyze(string text)
    {
        var files = ModuleFiles.Of(_path, Encoding.UTF8.GetBytes(text));
        var check = ModuleChecker.Check(files.Source, files);
        Assert.Empty(check.Diagnostics.Where(one => one.Severity == Tars.Lang.Diagnostics.Severity.Error));
        var problem = EvolutionProblem.Of(files.Source, check, out string why);
        Assert.True(problem is not null, why);
        return Analyzer.Run(problem, check, before: null, new SearchParts(_path, text, workers: 1));
    }
}
