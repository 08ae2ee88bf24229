using System.Text;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Evolution.Trials;
using Tars.Host;
using Tars.Host.Evolving;
using Tars.Host.Files;
using Tars.Host.Journal;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>A version is tried on recorded runs: what cannot be compared is refused, what traps there anew is refused,
/// and what it sends otherwise is told.</summary>
public sealed class RecordedInputsTests : IDisposable
{
    private const string Log = "day.log";

    private const string World =
        """
        tars: 1
        module: world
        version: 1.0.0
        summary: Wants more.
        capabilities:
          subscribe: { sum: int }
          publish: { said: int }
        handlers:
          start:
            do: |
              for n in 0..3 { publish("said", n) }
          message sum as total:
            do: |
              metric(off, 100.0 - float(total))
        metrics:
          off: { kind: mean, goal: minimize }

        """;

    // What it does beside the sum, no scenario shows: there n stays below 3.
    private const string Module =
        """
        tars: 1
        module: adder
        version: 1.0.0
        summary: Adds.
        capabilities:
          devices: { dice: random, out: console }
          subscribe: { said: int }
          publish: { sum: int }
        params:
          step: { type: int, value: 1, range: [0, 9], about: How often each counts. }
        state:
          total: int = 0
        handlers:
          message said as n:
            do: |
              assert n != 7
              assert step != 4 or n < 5
              if step == 6 and n > 2 {
                let lot = ask dice.octets(count = 1) within 1s else { return }
                tell out.print(line = "{lot.len()}")
              }
              total += step * n
              publish("sum", total)
        scenarios:
          - { name: a, seed: 1, split: train, runs_for: 1s, environment: { world: ./world.tars } }
          - { name: b, seed: 2, split: validation, runs_for: 1s, environment: { world: ./world.tars } }
        evolution:
          objective: world.off
          may_change: [params.step.value]
          RECORDED
          versions_per_session: 1
          approval: manual

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-recorded-").FullName;

    public RecordedInputsTests()
    {
        File.WriteAllText(InFolder("world.tars"), World);
        File.WriteAllLines(InFolder("said"), [.. Enumerable.Range(0, 20).Select(one => $"{one % 10}")]);
        Record(Of(1), Log);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_version_that_sends_something_else_passes_and_that_is_told()
    {
        var verdict = Ask(2);
        Assert.Equal("", verdict.Reason);
        Assert.Contains(verdict.Told, one => one.StartsWith($"{Log}: tried on the last ", StringComparison.Ordinal)
            && one.EndsWith(" differences", StringComparison.Ordinal));
        Assert.Contains(verdict.Told, one => one.EndsWith("adder publishes sum 2", StringComparison.Ordinal));
    }

    // It traps at the seventh too, as the recorded code did: that is no reason.
    [Fact]
    public void A_trap_that_the_recorded_code_did_not_have_is_refused_and_shown()
    {
        var verdict = Ask(4);
        Assert.StartsWith(
            $"{Log}: it traps where the recorded code did not: event ", verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("adder traps in message said: assertion failed", verdict.Reason, StringComparison.Ordinal);
        Assert.EndsWith("; and 3 more", verdict.Reason, StringComparison.Ordinal); // 5, 6, 8 and 9, twice.
    }

    [Fact]
    public void What_asks_something_that_was_not_asked_is_not_comparable()
    {
        var verdict = Ask(6);
        Assert.StartsWith($"{Log}: not comparable: ", verdict.Reason, StringComparison.Ordinal);
        Assert.EndsWith(
            "adder asks dice.octets {\"count\":1}, which the recorded run did not ask, or not so often",
            verdict.Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_of_something_else_is_not_comparable()
    {
        Record(Of(1).Replace("module: adder", "module: other", StringComparison.Ordinal), "other.log");
        var garbage = Recording.Of("garbage.log", "TARSLOG1 and no more"u8.ToArray());
        var verdict = Ask(1, Opened("other.log"), garbage);
        Assert.StartsWith(
            "other.log: not comparable: no module adder runs in it; garbage.log: not comparable: ",
            verdict.Reason,
            StringComparison.Ordinal);
    }

    // The files of a run are read once, but whoever asks this gate alone may find others.
    [Fact]
    public void What_does_not_compile_for_another_file_is_refused_by_its_error()
    {
        var problem = ProblemOf(Of(1)) with { Recordings = [Opened(Log)] };
        string broken = World.Replace("float(total)", "float(totl)", StringComparison.Ordinal);
        File.WriteAllText(InFolder("world.tars"), broken);
        string reason = new RecordedInputs(problem, Parts(problem), Stop).Ask(Of(2)).Reason;
        Assert.Contains("totl", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_stopped_is_refused()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var problem = ProblemOf(Of(1)) with { Recordings = [Opened(Log)] };
        string reason = new RecordedInputs(problem, Parts(problem), stop.Token).Ask(Of(2)).Reason;
        Assert.Equal($"{Log}: the run was stopped before it was tried to its end", reason);
    }

    [Fact]
    public void A_recording_that_the_module_names_is_one_gate_more()
    {
        var problem = ProblemOf(Of(1, $"recorded: [./{Log}]"));
        Assert.Equal(Log, Assert.Single(problem.Recordings).Name);
        Assert.Equal(Opened(Log).Hash, problem.Recordings[0].Hash);
        var verdicts = VersionGates.Judge(problem, Of(4, $"recorded: [./{Log}]"), Parts(problem));
        Assert.Equal(VersionGates.Names, verdicts.Select(one => one.Gate));
        Assert.Equal(["recorded"], verdicts.Where(one => !one.Passed).Select(one => one.Gate));
        var without = VersionGates.Judge(ProblemOf(Of(1)), Of(4), Parts(problem));
        Assert.Equal(VersionGates.Names.SkipLast(1), without.Select(one => one.Gate));
        Assert.All(without, one => Assert.Equal("", one.Reason));
    }

    [Fact]
    public void A_finalist_that_does_not_come_through_is_passed_over()
    {
        var result = Run(Of(1), "3", "4");
        var passed = Assert.Single(result.Trace, one => one.Stage == "choose");
        Assert.Equal(result.Tried[1].Id, passed.Inputs);
        Assert.Equal([KeyValuePair.Create("recorded", 1L)], passed.Cost);
        Assert.Equal(result.Tried[0].Id, result.Best!.Id);
        Assert.True(result.Passed);
        Assert.NotEmpty(result.Verdicts[^1].Told);
    }

    // The octets are read once, with their hash: what is there later is another's, or more than there was.
    [Fact]
    public void A_recording_is_tried_as_it_was_when_it_was_named_or_not_at_all()
    {
        var recording = Opened(Log);
        Assert.Equal("", Ask(2, recording).Reason);
        byte[] was = File.ReadAllBytes(InFolder(Log));
        using (var log = File.OpenWrite(InFolder(Log)))
        {
            log.Position = log.Length;
            log.Write("what is still recorded"u8);
        }

        var grown = Ask(2, recording);
        Assert.Equal("", grown.Reason);
        Assert.Equal(Ask(2, recording).Told, grown.Told);
        Assert.NotEqual(recording.Hash, Opened(Log).Hash);
        foreach (byte[] other in new[] { was[..^1], [.. was[..^1], (byte)(was[^1] ^ 1)] })
        {
            File.WriteAllBytes(InFolder(Log), other);
            Assert.Equal(
                $"{Log}: not comparable: the file is another than when the run began", Ask(2, recording).Reason);
        }

        File.Delete(InFolder(Log));
        Assert.Equal($"{Log}: not comparable: the file is not there any more", Ask(2, recording).Reason);
    }

    [Fact]
    public void Nothing_is_planned_where_the_module_as_it_is_could_not_pass()
    {
        var result = Run(Of(6), "3");
        Assert.Null(result.Plan);
        Assert.StartsWith(
            $"as it is, nothing could pass: {Log}: not comparable: ", result.Why, StringComparison.Ordinal);
        Assert.Equal(["recorded"], result.Trace.Where(one => !one.Passed).Select(one => one.Stage));
    }

    private static string Of(int step, string recorded = "nodes_at_most: 9") => Module
        .Replace("value: 1", $"value: {step}", StringComparison.Ordinal)
        .Replace("RECORDED", recorded, StringComparison.Ordinal);

    private GateVerdict Ask(int step, params Recording[] recordings)
    {
        var problem = ProblemOf(Of(1)) with { Recordings = recordings.Length == 0 ? [Opened(Log)] : [.. recordings] };
        return new RecordedInputs(problem, Parts(problem), Stop).Ask(Of(step));
    }

    private PipelineResult Run(string text, params string[] steps)
    {
        var problem = ProblemOf(text) with { Recordings = [Opened(Log)] };
        return EvolutionPipeline.Run(
            new PipelineOrder(problem, CheckOf(text), new Fixed(steps), Parent: null, Seed: 1, Evaluations: 1),
            Parts(problem),
            Stop);
    }

    private SearchParts Parts(EvolutionProblem problem) => new(InFolder("adder.tars"), problem.Source.Text, workers: 1);

    private ModuleFiles Files(string text) => ModuleFiles.Of(InFolder("adder.tars"), Encoding.UTF8.GetBytes(text));

    private CheckResult CheckOf(string text)
    {
        var files = Files(text);
        var check = ModuleChecker.Check(files.Source, files);
        Assert.Empty(check.Diagnostics.Where(one => one.Severity == Severity.Error));
        return check;
    }

    private EvolutionProblem ProblemOf(string text)
    {
        var problem = EvolutionProblem.Of(Files(text).Source, CheckOf(text), out string why);
        Assert.True(problem is not null, why);
        return problem;
    }

    private Recording Opened(string log)
    {
        var reasons = new List<string>();
        var recording = RecordedShards.Open(InFolder(log), log, reasons);
        Assert.Empty(reasons);
        return recording!;
    }

    private void Record(string text, string log)
    {
        string alone = text[..text.IndexOf("scenarios:", StringComparison.Ordinal)];
        var outcome = SystemRun.Run(
            [CompiledProcess.Compile(alone).Bytes.Span.ToArray()],
            new RunOptions
            {
                Inputs = [new InputSpec("said", InFolder("said"))],
                VirtualTime = true,
                Record = InFolder(log),
            },
            new RunStreams(Stream.Null, Stream.Null, TextWriter.Null),
            Stop);
        Assert.True(outcome is RunOutcome.Ended, string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []));
    }

    private string InFolder(string name) => Path.Combine(_folder, name);

    private sealed class Fixed(string[] steps) : IPlanner
    {
        public string Name => "fixed";

        public PlanResult Plan(PlanRequest request, ISearchParts parts, CancellationToken stop) =>
            new PlanResult.Found(
                [
                    .. steps.Select(step => new PlannedVersion(
                        new Proposal([new Edit.TuneNumber("params.step.value", step)], Name, "It is so."),
                        new CandidateScore([], IsWhole: false))),
                ],
                ["{}"],
                Evaluations: 1,
                GivenUp: 0);
    }
}
