using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Host;
using Tars.Host.Sharding;
using Tars.Kernel.Ports;
using Tars.Sim.Swarm;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>A run on several shards, with their threads: what is said arrives, in order, and the run ends.</summary>
public sealed class ShardedRunTests
{
    private const int Rounds = 400;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Modules_on_several_shards_do_what_they_do_on_one(int shards)
    {
        var modules = Enumerable.Range(0, 4).Select(Player).ToArray();
        var options = new RunOptions { Shards = shards, PlacementEvery = 1_000_000_000_000 };
        var (outcome, output, log) = Run(modules, options);
        var report = Assert.IsType<RunOutcome.Ended>(outcome).Report;
        Assert.Equal(0, report.Kernel.Traps);
        Assert.Equal("", log);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4 * 10, lines.Length);
        Assert.All(lines, line => Assert.Equal("over true", line));
        Assert.Equal((4 * 10 * (Rounds + 1)) + 4, report.Committed);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Modules_that_move_while_they_play_lose_no_ball(int shards)
    {
        var modules = Enumerable.Range(0, 4).Select(Player).ToArray();
        var random = new Xoshiro256(5);
        var options = new RunOptions
        {
            Shards = shards,
            PlacementEvery = 2_000_000,
            Placement = plan =>
            {
                int module = random.Next(4);
                int shard = random.Next(shards);
                return plan.ShardOf(module) == shard ? null : (module, shard);
            },
        };
        var (outcome, output, log) = Run(modules, options);
        var report = Assert.IsType<RunOutcome.Ended>(outcome).Report;
        Assert.Equal(0, report.Kernel.Traps);
        Assert.Equal(4 * 10, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal((4 * 10 * (Rounds + 1)) + 4, report.Committed);
        Assert.Contains("from now on", log, StringComparison.Ordinal);
        Assert.DoesNotContain("stays", log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_leaves_a_shard_that_has_too_much_to_do()
    {
        var modules = Enumerable.Range(0, 4).Select(one => SwarmModules.Load($"p{one}.tars", PlayerText(one), out _));
        var plan = ShardPlan.Of(((LinkResult.Linked)SystemImage.Link([.. modules])).System, 2);
        Assert.Equal((0, 1), Balance.Choose(plan, [1.0, 0.1], [500, 0, 500, 0]));
        Assert.Equal((2, 1), Balance.Choose(plan, [1.0, 0.3], [700, 0, 300, 0]));
        Assert.Null(Balance.Choose(plan, [0.5, 0.1], [500, 0, 500, 0]));
        Assert.Null(Balance.Choose(plan, [1.0, 0.1], [1_000, 0, 0, 0]));
        Assert.Null(Balance.Choose(plan, [1.0, 0.9], [500, 0, 500, 0]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_capability_that_is_lent_to_another_shard_is_used_there_as_often_as_it_may_be(int shards)
    {
        const string Lender = """
            tars: 1
            module: lender
            version: 1.0.0
            summary: Lends a line of its console.
            capabilities:
              publish: { loan: Loan }
              devices: { out: console }
            types:
              Loan: { paper: cap<console> }
            agentic:
              agents:
                lender:
                  role: Lends.
                  handlers:
                    start:
                      do: |
                        let paper = narrow(out, uses = 1)
                        publish("loan", Loan(paper = paper))
            """;
        const string Taker = """
            tars: 1
            module: taker
            version: 1.0.0
            summary: Prints with what it is lent.
            capabilities:
              subscribe: { loan: Loan }
            types:
              Loan: { paper: cap<console> }
            agentic:
              agents:
                taker:
                  role: Prints.
                  handlers:
                    message loan as loan:
                      do: |
                        let paper = loan.paper
                        tell paper.print(line = "lent")
                        tell paper.print(line = "lent too")
                    refused as what:
                      do: |
                        log("no", why = what.reason)
            """;
        byte[][] modules = [Compile(Lender), Compile(Taker)];
        var (outcome, output, log) = Run(modules, new RunOptions { Shards = shards });
        Assert.IsType<RunOutcome.Ended>(outcome);
        Assert.Equal("lent\n", output);
        Assert.Contains("taker: no why=\"it was used as often as it may be\"", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void A_module_decides_on_each_shard_and_where_it_fails_the_others_go_on_with_it(int shards)
    {
        var modules = Enumerable.Range(0, 4).Select(Player).ToArray();
        string sound = Chooser("return Choice(process = r.process, fuel = 200_000)");
        var options = new RunOptions { Shards = shards, PolicyModule = Compile(sound) };
        var (outcome, output, log) = Run(modules, options);
        var report = Assert.IsType<RunOutcome.Ended>(outcome).Report;
        Assert.Equal(("", 4 * 10), (log, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Equal(shards, report.ShardPolicies.Length);
        Assert.All(report.ShardPolicies, one => Assert.True(one.Module is { Failure: null, Turns: > 0 }));

        // Numbers of processes are dealt in turn, so that it fails on the second shard alone.
        string bad = Chooser($$"""
            if r.process % {{shards}} == 2 % {{shards}} { fail "not here" }
            return Choice(process = r.process, fuel = 200_000)
            """);
        (outcome, output, log) = Run(modules, options with { PolicyModule = Compile(bad) });
        report = Assert.IsType<RunOutcome.Ended>(outcome).Report;
        Assert.Equal(4 * 10, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("policy chooser on shard 1: ", log, StringComparison.Ordinal);
        Assert.Contains("not here", log, StringComparison.Ordinal);
        Assert.DoesNotContain("on shard 0", log, StringComparison.Ordinal);
        foreach (var (shard, policy) in report.ShardPolicies.Index())
        {
            Assert.Equal(shard == 1, policy.Module!.Failure is not null);
        }
    }

    private static string Chooser(string body) => $$"""
        tars: 1
        module: chooser
        version: 1.0.0
        summary: Decides who is next.
        implements: scheduler
        handlers:
          ask pick:
            with: { ready: list<Ready> }
            returns: Choice
            do: |
              let r = ready.max_by(r => r.waiting) else { fail "nobody is ready" }
              {{body.ReplaceLineEndings("\n      ")}}
        """;

    [Fact]
    public void Lines_go_to_the_shard_of_the_module_that_takes_them()
    {
        string counter = """
            tars: 1
            module: NAME
            version: 1.0.0
            summary: Counts lines.
            capabilities:
              devices: { NAME_lines: lines }
              publish: { count: int }
            agentic:
              agents:
                counter:
                  role: Counts lines.
                  state: { seen: int = 0 }
                  handlers:
                    device NAME_lines as line:
                      do: |
                        if let some = line { seen += 1 } else { publish("count", seen) }
            """;
        byte[][] modules = TwoOf(counter);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(path, Enumerable.Range(0, 5_000).Select(one => $"line {one}"));
            var options = new RunOptions
            {
                Shards = 2,
                Inputs = [new InputSpec("a_lines", path), new InputSpec("b_lines", path)],
            };
            var (outcome, output, _) = Run(modules, options);
            Assert.IsType<RunOutcome.Ended>(outcome);
            Assert.Equal("count 5000\ncount 5000\n", output);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void What_knows_one_shard_only_is_refused_and_each_reason_told()
    {
        var options = new RunOptions { Shards = 2, Journal = "y", VirtualTime = true };
        var (outcome, _, _) = Run([Player(0)], options);
        Assert.Single(Assert.IsType<RunOutcome.Refused>(outcome).Reasons);
    }

    [Fact]
    public void A_run_whose_time_is_over_stops_though_others_would_go_on()
    {
        string ticker = """
            tars: 1
            module: NAME
            version: 1.0.0
            summary: Ticks for ever.
            capabilities:
              publish: { bye: text }
              timers: { shortest: 1ms }
            agentic:
              agents:
                ticker:
                  role: Ticks.
                  handlers:
                    start:
                      do: |
                        every 5ms tick
                    timer tick:
                      do: |
                        log("tick")
                    stop:
                      do: |
                        publish("bye", "NAME")
            """;
        byte[][] modules = TwoOf(ticker);
        var (outcome, output, log) = Run(modules, new RunOptions { Shards = 2, For = 50_000_000 });
        Assert.IsType<RunOutcome.Ended>(outcome);
        Assert.Equal(["bye a", "bye b"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        Assert.Contains("tick", log, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_that_nobody_takes_ends_the_run_and_every_thread_of_it()
    {
        ReadOnlyMemory<byte>[] bundles = [.. Enumerable.Range(0, 4).Select(one => (ReadOnlyMemory<byte>)Player(one))];
        for (int round = 0; round < 5; round++)
        {
            using var output = new Closed();
            var streams = new RunStreams(Stream.Null, output, TextWriter.Null);
            Assert.Throws<IOException>(() =>
                SystemRun.Run(bundles, new RunOptions { Shards = 4 }, streams, CancellationToken.None));
        }
    }

    // Sends ten balls round; each comes by all in turn and must come in the order in which it was sent.
    private static byte[] Player(int index) => Compile(PlayerText(index));

    private static string PlayerText(int index) => $$"""
        tars: 1
        module: p{{index}}
        version: 1.0.0
        summary: Hands balls on.
        types:
          Ball: { number: int, left: int, of: int }
        capabilities:
          subscribe: { ball/{{index}}: Ball }
          publish: { ball/{{(index + 1) % 4}}: Ball, over: bool }
        agentic:
          agents:
            player:
              role: Hands balls on.
              mailbox: { length: 100, when_full: block }
              state:
                last: map<int, int> = []
              handlers:
                start:
                  do: |
                    for i in 0..10 {
                      publish("ball/{{(index + 1) % 4}}", Ball(number = i, left = {{Rounds}}, of = {{index}}))
                    }
                message ball/{{index}} as ball:
                  do: |
                    let before = last.get(ball.of) ?? -1
                    assert ball.number == (before + 1) % 10
                    last[ball.of] = ball.number
                    if ball.left > 0 {
                      let left = ball.left - 1
                      publish("ball/{{(index + 1) % 4}}", Ball(number = ball.number, left = left, of = ball.of))
                    } else { publish("over", true) }
        """;

    private static byte[][] TwoOf(string program) =>
        [CompileAs("a", program), CompileAs("b", program)];

    private static byte[] CompileAs(string name, string program) =>
        Compile(program.Replace("NAME", name, StringComparison.Ordinal));

    private static byte[] Compile(string program) => CompiledProcess.Compile(program).Bytes.ToArray();

    private static (RunOutcome Outcome, string Output, string Log) Run(byte[][] modules, RunOptions options)
    {
        using var output = new MemoryStream();
        using var log = new StringWriter(CultureInfo.InvariantCulture);
        var streams = new RunStreams(Stream.Null, output, log);
        ReadOnlyMemory<byte>[] bundles = [.. modules.Select(one => new ReadOnlyMemory<byte>(one))];
        var outcome = SystemRun.Run(bundles, options, streams, CancellationToken.None);
        return (outcome, Encoding.UTF8.GetString(output.ToArray()), log.ToString());
    }

    /// <summary>A pipe whose reader has gone.</summary>
    private sealed class Closed : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("nobody reads");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("nobody reads");

        public override void Flush() => throw new IOException("nobody reads");
    }
}
