using System.Text;
using Tars.Evolution.Scenarios;
using Tars.Host.Files;
using Tars.Host.Scenarios;
using Tars.Lang;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution;

/// <summary>What a run of a scenario says when something does not hold, and what chance it has.</summary>
public sealed class ScenarioRunTests
{
    // The same twice, then another.
    private static readonly int[] _seeds = [1, 1, 2];

    private const string Head =
        """
        tars: 1
        module: m
        version: 1.0.0
        summary: A module under test.
        capabilities:
          subscribe: { n: int, loop: int }
          publish: { out: int, loop: int }
          devices: { data: query, it: { kind: model, tokens: 9 } }
        types:
          Said: { word: text, count: int = 3 }
          Root: { of: float = sqrt(16), plus: int }
        params:
          p: { type: int, value: 5, range: [0, 9], about: Any. }
        metrics:
          seen: { kind: mean, goal: maximize }
          only: { kind: once, goal: maximize }
          never: { kind: last, goal: maximize }
          sent: { kind: last, goal: maximize, from: channels, of: published("out") + 1 }
        state:
          sum: int = 0
          order: list<int> = []
        handlers:
          message n as x:
            do: |
              if x == 99 { fail "ninety-nine" }
              sum += x
              order.push(x)
              metric(seen, float(x))
              metric(only, 1.0)
              publish("out", sum)
          ask number:
            with: { query: text }
            returns: float
            do: |
              let x = ask data.number(query = query) within 1s else why { return why }
              return x
          ask say:
            returns: Said
            do: |
              let x = ask it.fill(returns = Said, prompt = "go") within 1s else why { return why }
              return x
          ask root:
            with: { value: Root }
            returns: float
            do: |
              return value.of + float(value.plus)
          ask sum_is:
            returns: int
            do: |
              return sum * p
          message loop as x:
            do: |
              publish("loop", x)

        """;

    [Theory]
    [InlineData("sum == 1", "it is false", false)]
    [InlineData("m.sum == 3 and p == 5", "", true)]
    [InlineData("m.sum == 4", "m.sum = 3", false)]
    [InlineData("m.order[7] == 1", "an index is out of range", false)]
    [InlineData("seen == 1.5", "", true)]
    [InlineData("sent == 3.0", "", true)]
    [InlineData("""published("out") == 2 and alive(m) == 1 and traps() == 0""", "", true)]
    [InlineData("5 < p", "it is false", false)]
    [InlineData("never != 1.0 and not (never == 1.0)", "", true)]
    [InlineData("never < 1.0", "never = nan", false)]
    public void An_expectation_of_the_end_holds_or_says_what_was_seen(string expected, string detail, bool holds)
    {
        var outcome = Run(
            $"""
                runs_for: 3s
                steps:
                  - at: 1s
                    publish: n
                    value: 1
                  - at: 2s
                    publish: n
                    value: 2
                expect:
                  - {(expected == "sum == 1" ? "1 == 2" : expected)}
            """);
        var check = Assert.Single(outcome.Checks);
        Assert.Equal((holds, detail), (check.Held, check.Detail));
    }

    [Fact]
    public void An_answer_is_judged_by_itself_and_with_what_is_seen()
    {
        var outcome = Run(
            """
                runs_for: 9s
                devices:
                  data: { answers: { a: 0.5 } }
                  it: { answers: [{ word: one }, { word: two, count: x }] }
                steps:
                  - { at: 1s, ask: m.sum_is, expect: answer == 1 }
                  - { at: 1s, ask: m.sum_is, expect: answer == m.sum * p }
                  - { at: 2s, set: m.p, value: 7 }
                  - { at: 3s, publish: n, value: 2 }
                  - { at: 4s, ask: m.sum_is, expect: answer == 14 and answer == m.sum * p }
                  - { at: 5s, ask: m.number, with: { query: a }, expect: answer == 0.5 }
                  - { at: 5s, ask: m.number, with: { query: b }, fails: unavailable }
                  - at: 6s
                    ask: m.say
                    expect: answer == Said(word = "one", count = 3)
                  - { at: 6s, ask: m.root, with: { value: { plus: 2 } }, expect: answer == 6.0 }
                  - { at: 6s, ask: m.say, fails: malformed }
                  - { at: 6s, ask: m.say }
                  - { at: 7s, ask: m.number, with: { query: a }, fails: timeout }
            """);
        Assert.Equal(
            [
                "1s m.sum_is: answer == 1: answered 0",
                "7s m.number: fails as timeout: answered 0.5",
            ],
            outcome.Checks.Where(one => !one.Held).Select(one => $"{one.Text}: {one.Detail}"));
        Assert.Equal(10, outcome.Checks.Length);
    }

    [Fact]
    public void What_speaks_against_a_run_is_told()
    {
        const string Twice = "    runs_for: 3s\n    steps: [{ at: 1s, every: 1s, until: 3s, publish: n, value: 1 }]\n";
        Assert.Equal(["the metric only was reported 3 times, not once"], Run(Twice).Notes);
        var outcome = Run(
            """
                runs_for: 2s
                params: { p: 10 }
            """);
        Assert.Equal(["the param p may not be 10"], outcome.Refused);
        outcome = Run(
            """
                runs_for: 2s
                steps:
                  - { at: 3s, ask: m.sum_is }
                  - { at: 1s, publish: n, value: 99 }
                expect:
                  - traps() == 0
            """);
        Assert.Equal(["it was not asked before the end", "traps() = 1"], outcome.Checks.Select(one => one.Detail));
        Assert.Equal("1.000000", Assert.Single(outcome.Traps)[..8]);
        Assert.Contains("ninety-nine", outcome.Traps[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_system_that_never_rests_is_no_run_without_end()
    {
        var outcome = Run("    runs_for: 3s\n    ns_per_fuel: 0\n    steps: [{ at: 1s, publish: loop, value: 1 }]\n");
        Assert.Equal(["the system does not come to rest at 1.000000000s"], outcome.Notes);
    }

    [Fact]
    public void Running_costs_time()
    {
        const string Text =
            """
                runs_for: 100s
                ns_per_fuel: 1_000_000
                steps:
                  - { at: 1s, every: 1ms, until: 1100ms, publish: n, value: 1 }
            """;
        using var trace = new StringWriter();
        Assert.Equal(101, Run(Text, trace: trace).Metrics[0].Count);
        string last = trace.ToString().Split('\n').Last(one =>
            one.Contains(" publish out ", StringComparison.Ordinal));
        Assert.True(2 < double.Parse(last[..5], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Faults_are_drawn_by_the_seed()
    {
        const string Text =
            """
                runs_for: 30s
                faults: { drop: 10%, delay: 50ms, duplicate: 10%, reorder: 30%, clock_jump: 1h }
                steps:
                  - { at: 1s, every: 10ms, until: 20s, publish: n, value: 1 }
            """;
        string[] traces = [.. _seeds.Select(seed =>
        {
            using var trace = new StringWriter();
            Run(Text, seed, trace);
            return trace.ToString().Replace(", seed 2", ", seed 1", StringComparison.Ordinal);
        })];
        Assert.Equal(traces[0], traces[1]);
        Assert.NotEqual(traces[0], traces[2]);
        Assert.Contains("the wall clock is off by", traces[0], StringComparison.Ordinal);
    }

    private static ScenarioOutcome Run(string scenario, long seed = 1, TextWriter? trace = null)
    {
        string text = $"{Head}scenarios:\n  - name: it\n    seed: 1\n{scenario}\n";
        var files = ModuleFiles.Of("/m.tars", Encoding.UTF8.GetBytes(text));
        var compiled = Compiler.Compile(files.Source, files, new CompileOptions());
        Assert.True(
            compiled.Bundle is not null,
            string.Join('\n', compiled.Check.Diagnostics.Select(one => $"{one.Span.Start} {one.Title}")));
        using var suite = ScenarioSuite.Open(
            compiled, files.Source, files, new ScenarioParts(TestEngine.Here()));
        return suite.Run(
            suite.Scenarios[0], seed, new ScenarioOptions { Trace = trace }, TestContext.Current.CancellationToken);
    }
}
