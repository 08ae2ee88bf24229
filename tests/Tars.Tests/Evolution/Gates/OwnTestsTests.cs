using System.Diagnostics;
using Tars.Evolution.Gates;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Lang.Checking;
using Tars.Tests.Evolution.Planning;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>A test of a module that never ends holds a run up no longer than it is let.</summary>
public sealed class OwnTestsTests
{
    private const string Stopped = "the run was stopped before its tests were done";

    private static readonly string _endless =
        $$"""
        {{SmallTuning.Text}}
        tests:
          - name: it ends
            do: |
              var n = 0
              while n >= 0 { n = (n + 1) & 1023 }

        """;

    [Fact]
    public void A_stop_ends_a_test_long_before_its_fuel_is_used_up()
    {
        var (problem, _) = SmallTuning.Module(SmallTuning.Text);
        var parts = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
        var whole = Stopwatch.StartNew();
        string reason = Assert.Single(new OwnTests(problem, parts, CancellationToken.None).Lost(_endless));
        whole.Stop();
        Assert.StartsWith("it ends: ", reason, StringComparison.Ordinal);

        // On a busy machine a stop can come after the fuel is used up, which shows nothing: it is asked again.
        Assert.Contains(Enumerable.Range(0, 100), _ => IsCutShort(problem, parts, whole.Elapsed / 2));
    }

    private static bool IsCutShort(EvolutionProblem problem, ISearchParts parts, TimeSpan longest)
    {
        using var stop = new CancellationTokenSource();
        var tests = new OwnTests(problem, parts, stop.Token);
        var cut = Stopwatch.StartNew();
        var stopping = new Thread(() =>
        {
            Thread.Sleep(20);
            stop.Cancel();
        });
        stopping.Start();
        var lost = tests.Lost(_endless);
        cut.Stop();
        stopping.Join();
        if (lost is not [Stopped] || cut.Elapsed > longest)
        {
            return false;
        }

        // What is asked later is not asked at all.
        Assert.Equal([Stopped], tests.Lost(SmallTuning.Text));
        return true;
    }

    [Fact]
    public void Tests_that_end_are_done_all_the_same_after_a_stop()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var (problem, _) = SmallTuning.Module(SmallTuning.Text);
        var parts = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
        using var grace = parts.Grace(stop.Token);
        Assert.Empty(new OwnTests(problem, parts, grace.Token).Lost(SmallTuning.Text));
        Assert.False(grace.IsCancellationRequested);
        Assert.True(grace.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Each_version_is_asked_once()
    {
        var (problem, _) = SmallTuning.Module(SmallTuning.Text);
        var parts = new Counting(new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1));
        var tests = new OwnTests(problem, parts, CancellationToken.None);
        string failing = _endless.Replace("while n >= 0", "assert n > 0\n      while n > 0", StringComparison.Ordinal);
        Assert.Single(tests.Lost(failing));
        Assert.Equal(4, parts.Asked); // It and the one before, for tests and for scenarios.
        Assert.Single(tests.Lost(failing));
        Assert.Equal(4, parts.Asked);
    }

    private sealed class Counting(ISearchParts inner) : ISearchParts
    {
        public int Asked { get; private set; }

        public IScoreMemory? Memory => null;

        public IModuleSource Sources() => inner.Sources();

        public IScenarioParts Parts()
        {
            Asked++;
            return inner.Parts();
        }

        public CancellationTokenSource Grace(CancellationToken stop) => inner.Grace(stop);

        public void Run(int jobs, Action<int> job) => inner.Run(jobs, job);
    }
}
