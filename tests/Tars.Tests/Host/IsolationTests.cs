using System.Text;
using Tars.Bundle.Manifest;
using Tars.Evolution.Analysis;
using Tars.Evolution.Gates;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Engine.Vm;
using Tars.Evolution.Trials;
using Tars.Host;
using Tars.Host.Evolving;
using Tars.Host.Granting;
using Tars.Host.Journal;
using Tars.Host.Moving;
using Tars.Host.Scenarios;
using Tars.Host.Testing;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Packages.Grants;
using Tars.Tests.Evolution.Planning;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host;

/// <summary>What is to have a machine of its own has one, or does not run.</summary>
public sealed class IsolationTests
{
    private const string Program = """
        tars: 1
        module: apart
        version: 1.0.0
        summary: Counts what it hears.
        ISOLATION
        capabilities:
          devices: { out: console }
        state:
          count: int = 0
        handlers:
          start:
            do: |
              count += 41
              tell out.print(line = "{count + 1}")
        """;

    [Theory]
    [InlineData(
        "isolation: microvm", "", "agent apart asks for isolation: microvm, which the engine cil does not give")]
    [InlineData(
        "",
        "[grant.apart]\nisolation = \"microvm\"\n",
        "its operator wants it with isolation \"microvm\", which the engine cil does not give")]
    public void A_floor_is_refused_with_its_mend(string asks, string grants, string expected)
    {
        var refused = Assert.IsType<RunOutcome.Refused>(Run(asks, grants, "cil").Outcome);
        string reason = Assert.Single(refused.Reasons);
        Assert.StartsWith($"apart: {expected}", reason, StringComparison.Ordinal);
        Assert.EndsWith(Compose.HowToIsolate(), reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_floor_of_a_module_that_is_not_there_is_refused_where_another_may_have_been_meant()
    {
        const string Mistyped = "[grant.aprat]\nisolation = \"microvm\"\n";
        var refused = Assert.IsType<RunOutcome.Refused>(Run("", Mistyped, "cil").Outcome);
        Assert.Equal(
            "tars.toml:1: `aprat` is to have isolation \"microvm\", and no module here is called so: correct the name, "
                + "or speak of apart too",
            Assert.Single(refused.Reasons));
        Assert.Equal("42\n", Run("", $"{Mistyped}[grant.apart]\n", "cil").Output);
        Assert.Equal("42\n", Run("", "[grant.aprat]\n", "cil").Output);
    }

    [Theory]
    [InlineData("isolation: any", "")]
    [InlineData("", "[grant.apart]\nisolation = \"any\"\n")]
    public void Without_a_floor_any_engine_will_do(string asks, string grants) =>
        Assert.Equal("42\n", Run(asks, grants, "cil").Output);

    [Theory]
    [InlineData("isolation: microvm", "", "microvm")]
    [InlineData("", "[grant.apart]\nisolation = \"microvm\"\n", "microvm")]
    [InlineData("isolation: microvm", "", "auto")]
    public void Where_there_are_machines_it_runs_in_one(string asks, string grants, string engine)
    {
        var stop = TestContext.Current.CancellationToken;
        Assert.SkipWhen(Compose.Engine("microvm", stop) is null, Compose.WhyNot("microvm"));
        var (outcome, output, log) = Run(asks, grants, engine);
        Assert.IsType<RunOutcome.Ended>(outcome);
        Assert.Equal("42\n", output);
        Assert.Equal(engine == "auto" ? "engine: microvm, since nothing less will do\n" : "", log);
        var row = Assert.Single(((RunOutcome.Ended)outcome).Report.Engines);
        Assert.Equal(("apart", "microvm", true), (row.Module, row.Engine, row.IsIsolated));
    }

    [Fact]
    public void Whoever_says_auto_is_told_where_each_module_begins()
    {
        var stop = TestContext.Current.CancellationToken;
        var auto = Compose.Engine("auto", stop)!; // There is always one.
        Assert.SkipWhen(auto is not TieredEngine, Compose.WhyNot("microvm"));
        const string Tiers = "engine: cil, and microvm when it is compiled";
        Assert.Equal(Tiers, Words([BundleOf("")], Operator("another")));
        Assert.Equal(
            $"{Tiers}; microvm from the beginning for apart", Words([BundleOf(""), Other()], Operator("apart")));
        Assert.Equal("engine: microvm, since nothing less will do", Words([BundleOf("isolation: microvm")], null));
        Assert.Equal(
            $"{Tiers}; microvm from the beginning where nothing less will do", Compose.Took("auto", auto));

        string? Words(IReadOnlyList<ReadOnlyMemory<byte>> bundles, PolicyFile? grants)
        {
            var options = new RunOptions { Grants = grants };
            return Compose.Took("auto", auto, SystemGrants.Of(bundles, options).Floors(options));
        }

        static ReadOnlyMemory<byte> Other() => CompiledProcess.Compile(
            Program.Replace("ISOLATION\n", "", StringComparison.Ordinal)
                .Replace("module: apart", "module: other", StringComparison.Ordinal)).Bytes;
    }

    [Theory]
    [InlineData("isolation: microvm", "")]
    [InlineData("", "[grant.apart]\nisolation = \"microvm\"\n")]
    public void Tests_and_scenarios_of_a_module_with_a_floor_are_refused_too(string asks, string grants)
    {
        var reading = GrantReader.Read("tars.toml", Encoding.UTF8.GetBytes(grants));
        var policy = new PolicyFile("/tars.toml", "", reading);
        var bundle = CompiledProcess.Compile(
            Program.Replace("ISOLATION\n", asks.Length == 0 ? "" : $"{asks}\n", StringComparison.Ordinal));
        var cil = Compose.Engine("cil", TestContext.Current.CancellationToken)!; // It is always there.
        var tests = Assert.IsType<TestRun.Refused>(ModuleTests.Run(
            bundle.Bytes, cil, policy, TestContext.Current.CancellationToken));
        Assert.EndsWith(Compose.HowToIsolate(), tests.Reason, StringComparison.Ordinal);
        var load = Assert.IsType<ModuleLoad.Refused>(new ScenarioParts(cil, policy).Load(bundle.Bytes));
        Assert.EndsWith(Compose.HowToIsolate(), load.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("isolation: microvm", "")]
    [InlineData("", "[grant.apart]\nisolation = \"microvm\"\n")]
    public void What_searches_and_compares_versions_keeps_the_floor(string asks, string grants)
    {
        var reading = GrantReader.Read("tars.toml", Encoding.UTF8.GetBytes(grants));
        var policy = new PolicyFile("/tars.toml", "", reading);
        string text = Program.Replace("ISOLATION\n", asks.Length == 0 ? "" : $"{asks}\n", StringComparison.Ordinal);
        var bundle = CompiledProcess.Compile(text);
        var parts = new SearchParts("/apart.tars", text, workers: 1, memory: null, policy).Parts();
        var stop = TestContext.Current.CancellationToken;
        if (Compose.Engine("microvm", stop) is null)
        {
            var load = Assert.IsType<ModuleLoad.Refused>(parts.Load(bundle.Bytes));
            Assert.EndsWith(Compose.HowToIsolate(), load.Reason, StringComparison.Ordinal);
            return;
        }

        var loaded = Assert.IsType<ModuleLoad.Loaded>(parts.Load(bundle.Bytes));
        Assert.IsType<VmCode>(loaded.Image.Code);
        loaded.Image.Code.Dispose();
        Assert.IsType<ModuleLoad.Refused>(parts.LoadOpen(bundle.Bytes, []));
        var counting = parts.LoadCounting(bundle.Bytes, new BranchCounters([], Address: 0));
        Assert.Contains(
            "nothing is counted in a machine of its own",
            Assert.IsType<ModuleLoad.Refused>(counting).Reason,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("isolation: microvm", "")]
    [InlineData("", "[grant.apart]\nisolation = \"microvm\"\n")]
    public void A_journal_keeps_the_floor_for_all_who_run_its_code_again(string asks, string grants)
    {
        var stop = TestContext.Current.CancellationToken;
        Assert.SkipWhen(Compose.Engine("microvm", stop) is null, Compose.WhyNot("microvm"));
        string folder = Directory.CreateTempSubdirectory("tars-floor-").FullName;
        try
        {
            string log = Path.Combine(folder, "log");
            var (outcome, _, _) = Run(asks, grants, "microvm", log);
            Assert.IsType<RunOutcome.Ended>(outcome);

            // Less is refused, also where the module says nothing of it.
            using var nowhere = new StringWriter();
            var streams = new RunStreams(Stream.Null, Stream.Null, nowhere);
            var onCil = Replay.Run(log, new ReplayOptions { Engine = "cil" }, streams, stop);
            Assert.EndsWith(
                Compose.HowToIsolate(),
                Assert.Single(Assert.IsType<ReplayOutcome.Refused>(onCil).Reasons),
                StringComparison.Ordinal);
            var bundle = BundleOf(asks);
            var cil = Compose.Engine("cil", stop)!; // It is always there.
            var tried = Trial.Run([() => File.OpenRead(log)], [bundle], cil, stop);
            Assert.EndsWith(
                Compose.HowToIsolate(),
                Assert.IsType<TrialOutcome.Refused>(tried).Reasons[0],
                StringComparison.Ordinal);

            // Who says no engine gets machines for what is to have them.
            Assert.IsType<ReplayOutcome.Ended>(
                Replay.Run(log, new ReplayOptions { Engine = "microvm" }, streams, stop));
            Assert.Equal(0, Assert.IsType<TrialOutcome.Tried>(Trial.Run(log, [bundle], stop)).Report.Differences);
            Assert.IsType<WhatIfOutcome.Compared>(WhatIf.Run(log, new WhatIfOptions(), stop));
            var reasons = new List<string>();
            Assert.True(CapsAudit.Of(log, tellsActs: false, reasons, stop) is not null, string.Join("; ", reasons));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_module_that_decides_who_is_next_keeps_the_floor_of_its_operator()
    {
        var stop = TestContext.Current.CancellationToken;
        var reasons = new List<string>();
        var cil = Compose.Engine("cil", stop)!; // It is always there.
        Assert.Null(PolicyLoader.Load(PolicyKind.RoundRobin, BundleOf(""), cil, ["apart"], reasons));
        Assert.EndsWith(Compose.HowToIsolate(), Assert.Single(reasons), StringComparison.Ordinal);
    }

    // No journal knows of a module that is compared with what was recorded.
    [Fact]
    public void A_module_that_decides_what_if_keeps_the_floor_of_its_operator()
    {
        var stop = TestContext.Current.CancellationToken;
        string folder = Directory.CreateTempSubdirectory("tars-floor-").FullName;
        try
        {
            string log = Path.Combine(folder, "log");
            Assert.IsType<RunOutcome.Ended>(Run("", "", "cil", log).Outcome);
            var reading = GrantReader.Read("tars.toml", "[grant.apart]\nisolation = \"microvm\"\n"u8);
            var options = new WhatIfOptions
            {
                PolicyModule = BundleOf(""),
                Grants = new PolicyFile("/tars.toml", "", reading),
            };
            var cil = Compose.Engine("cil", stop)!; // It is always there.
            var refused = Assert.IsType<WhatIfOutcome.Refused>(WhatIf.Run(log, options, cil, stop));
            Assert.EndsWith(Compose.HowToIsolate(), Assert.Single(refused.Reasons), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Of other code the journal knows the module's name only, and an operator may have said more since.
    [Fact]
    public void Other_code_on_a_recording_keeps_the_floor_of_its_operator()
    {
        var stop = TestContext.Current.CancellationToken;
        string folder = Directory.CreateTempSubdirectory("tars-floor-").FullName;
        try
        {
            string log = Path.Combine(folder, "log");
            Assert.IsType<RunOutcome.Ended>(Run("", "", "cil", log).Outcome);
            var cil = Compose.Engine("cil", stop)!; // It is always there.
            Assert.IsType<TrialOutcome.Tried>(Trial.Run([() => File.OpenRead(log)], [BundleOf("")], cil, stop));
            var refused = Assert.IsType<TrialOutcome.Refused>(
                Trial.Run([() => File.OpenRead(log)], [BundleOf("")], cil, stop, Operator("apart")));
            Assert.EndsWith(Compose.HowToIsolate(), refused.Reasons[0], StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void An_analysis_that_could_run_nothing_says_why()
    {
        var (problem, check) = SmallTuning.Module(SmallTuning.Text);
        var files = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
        Assert.Empty(Analyzer.Run(problem, check, before: null, files, TestContext.Current.CancellationToken).Refusals);
        var parts = new PartsOnCil(files, Operator(problem.Module));
        var analysis = Analyzer.Run(problem, check, before: null, parts, TestContext.Current.CancellationToken);
        Assert.EndsWith(Compose.HowToIsolate(), Assert.Single(analysis.Refusals), StringComparison.Ordinal);
        var tested = Evaluation.Run(problem.Source.Text, problem, parts, ["train"],
            TestContext.Current.CancellationToken);
        Assert.Equal(analysis.Refusals, tested.Refusals);
    }

    [Fact]
    public void A_version_is_tried_with_no_less_than_the_run_gives()
    {
        var stop = TestContext.Current.CancellationToken;
        Assert.SkipWhen(Compose.Engine("microvm", stop) is null, Compose.WhyNot("microvm"));
        Assert.IsType<VmEngine>(Compose.ForTrials("microvm", stop));
        Assert.All(["cil", "auto", null], name =>
        {
            var engine = Assert.IsAssignableFrom<IFloorEngine>(Compose.ForTrials(name, stop));
            Assert.Equal(IsolationFloor.MicroVm, engine.Isolation);
        });
    }

    [Fact]
    public void What_searches_and_compares_versions_takes_no_machine_that_nobody_asks_for()
    {
        var bundle = CompiledProcess.Compile(Program.Replace("ISOLATION\n", "", StringComparison.Ordinal));
        var parts = new SearchParts("/apart.tars", "", workers: 1).Parts();
        var loaded = Assert.IsType<ModuleLoad.Loaded>(parts.Load(bundle.Bytes));
        Assert.IsNotType<VmCode>(loaded.Image.Code);
        loaded.Image.Code.Dispose();
    }

    [Fact]
    public void An_isolation_that_there_is_not_is_told_with_its_line()
    {
        var reading = GrantReader.Read("tars.toml", "[grant.apart]\nisolation = \"cage\"\n"u8);
        var mistake = Assert.Single(reading.Mistakes);
        Assert.Equal("`isolation` is the least that will do", mistake.Title);
        Assert.Equal(2, reading.Source.PositionOf(mistake.At.Start).Line);
    }

    private static PolicyFile Operator(string module) => new("/tars.toml", "", GrantReader.Read(
        "tars.toml", Encoding.UTF8.GetBytes($"[grant.{module}]\nisolation = \"microvm\"\n")));

    private static ReadOnlyMemory<byte> BundleOf(string asks) => CompiledProcess.Compile(Program.Replace(
        "ISOLATION\n", asks.Length == 0 ? "" : $"{asks}\n", StringComparison.Ordinal)).Bytes;

    /// <param name="record">Where the run is recorded; null for nowhere.</param>
    private static (RunOutcome Outcome, string Output, string Log) Run(
        string asks, string grants, string engine, string? record = null)
    {
        using var output = new MemoryStream();
        using var log = new StringWriter { NewLine = "\n" };
        var policy = GrantReader.Read("tars.toml", Encoding.UTF8.GetBytes(grants));
        Assert.Empty(policy.Mistakes);
        var options = new RunOptions
        {
            Engine = engine,
            VirtualTime = true,
            Grants = new PolicyFile("/tars.toml", "", policy),
            Record = record,
        };
        var outcome = SystemRun.Run(
            [BundleOf(asks)], options, new RunStreams(Stream.Null, output, log), CancellationToken.None);
        return (outcome, Encoding.UTF8.GetString(output.ToArray()), log.ToString());
    }

    /// <summary>What a search has where there are no machines.</summary>
    private sealed class PartsOnCil(ISearchParts files, PolicyFile grants) : ISearchParts
    {
        public IScoreMemory? Memory => null;

        public IModuleSource Sources() => files.Sources();

        public IScenarioParts Parts() => new ScenarioParts(Compose.Engine("cil")!, grants); // It is always there.

        public CancellationTokenSource Grace(CancellationToken stop) => files.Grace(stop);

        public void Run(int jobs, Action<int> job) => files.Run(jobs, job);
    }
}
