using Tars.Evolution.Loads;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Kernel.Ports;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>The load of a run on several shards is run again, each shard on a core of its own and under a policy of its
/// own.</summary>
public sealed class ShardedWhatIfTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tars-swif-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_same_policy_makes_the_same_of_a_load(int shards)
    {
        var report = Compared(Record(shards, moves: false), PolicyKind.RoundRobin);
        Assert.Null(report.Inconclusive);
        Assert.Equal((shards, shards), (report.Before.Cores, report.After.Cores));
        Assert.Equal(report.Recorded, report.Before.Handled);
        Assert.Equal(Figures(report.Before), Figures(report.After));
        Assert.Equal(0, report.Before.Waiting);
        Assert.InRange(report.Before.Busy, 1, shards * report.Before.Elapsed);
    }

    [Fact]
    public void Another_policy_decides_on_each_shard_and_is_compared_over_all()
    {
        var report = Compared(Record(shards: 2, moves: false), PolicyKind.Priority);
        Assert.Null(report.Inconclusive);
        Assert.Equal(report.Before.Handled, report.After.Handled);
        foreach (string urgent in (string[])["desk0.urgent", "desk1.urgent"])
        {
            var before = report.Before.Agents.Single(one => one.Name == urgent);
            var after = report.After.Agents.Single(one => one.Name == urgent);
            Assert.Equal(before.Events, after.Events);
            Assert.True(after.P99 < before.P99, $"{urgent}: {before.P99} ns, then {after.P99} ns");
        }

        Assert.NotEqual(report.Before.Fairness, report.After.Fairness);
    }

    [Fact]
    public void A_module_decides_on_each_shard_by_itself()
    {
        string log = Record(shards: 2, moves: false);
        var report = Assert.IsType<WhatIfOutcome.Compared>(WhatIf.Run(
            log,
            new WhatIfOptions
            {
                PolicyModule = CompiledProcess.Compile("""
                    tars: 1
                    module: last
                    version: 1.0.0
                    summary: Takes the last of those who are ready.
                    implements: scheduler
                    handlers:
                      ask pick:
                        with: { ready: list<Ready> }
                        returns: Choice
                        do: |
                          return Choice(process = ready[ready.len() - 1].process, fuel = 40_000)
                    """).Bytes,
            },
            Stop)).Report;
        var module = Assert.IsType<PolicyModuleReport>(report.After.Policy.Module);
        Assert.True(0 < module.Calls);
        Assert.True(report.Before.Fuel < report.After.Fuel, "its answers cost nothing");
    }

    [Fact]
    public void What_was_recorded_while_modules_moved_is_not_compared()
    {
        var report = Compared(Record(shards: 2, moves: true), PolicyKind.Priority);
        Assert.StartsWith("the shards stood still to move or swap a module", report.Inconclusive,
            StringComparison.Ordinal);
    }

    // Neither sends the other anything that could be compared.
    [Theory]
    [InlineData("0..300", 1)]
    [InlineData("0..200", 2)]
    public void Shards_of_different_runs_are_refused(string other, ulong seed)
    {
        string Alone(string text) => text.Replace("number % 5 == 0", "number < 0", StringComparison.Ordinal);
        string log = Record(shards: 2, moves: false, Alone);
        string second = Record(
            shards: 2, moves: false, one => Alone(one).Replace("0..200", other, StringComparison.Ordinal), seed);
        File.Copy(RecordedShards.FileOf(second, 1), RecordedShards.FileOf(log, 1), overwrite: true);
        var refused = Assert.IsType<WhatIfOutcome.Refused>(WhatIf.Run(log, new WhatIfOptions(), Stop));
        Assert.Equal(["its shards are of different runs"], refused.Reasons);
    }

    private static (long, long, long, long, string) Figures(LoadReport load) => (
        load.Elapsed, load.Busy, load.Fuel, load.Policy.Turns, string.Join('\n', load.Agents));

    private static WhatIfReport Compared(string log, PolicyKind policy)
    {
        var outcome = WhatIf.Run(log, new WhatIfOptions { Policy = policy }, Stop);
        string why = outcome is WhatIfOutcome.Refused refused ? string.Join("; ", refused.Reasons) : "";
        Assert.Equal("", why);
        return Assert.IsType<WhatIfOutcome.Compared>(outcome).Report;
    }

    private string Record(int shards, bool moves, Func<string, string>? edit = null, ulong seed = 1)
    {
        string folder = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        int moved = 0;
        var options = new RunOptions
        {
            Shards = shards,
            Record = folder,
            Seed = seed,
            PlacementEvery = moves ? 100_000 : 1_000_000_000_000,
            Placement = plan => (0, (plan.ShardOf(0) + ++moved) % shards),
        };
        ReadOnlyMemory<byte>[] bundles =
        [
            .. Enumerable.Range(0, shards)
                .Select(one => CompiledProcess.Compile((edit ?? (text => text))(Text(one, shards))).Bytes),
        ];
        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        var report = Assert.IsType<RunOutcome.Ended>(SystemRun.Run(bundles, options, streams, Stop)).Report;
        Assert.Null(report.RecordError);
        return folder;
    }

    // Much slow work that several do, and little that is urgent, here and on the next shard. When the shards began is
    // the machine's affair, so what is urgent does not come from elsewhere alone.
    private static string Text(int one, int count) => $$"""
        tars: 1
        module: desk{{one}}
        version: 1.0.0
        summary: Works, and calls the next desk now and then.
        capabilities:
          subscribe: { work/{{one}}: int, call/{{one}}: int }
          publish: { work/{{one}}: int, call/{{one}}: int, call/{{(one + 1) % count}}: int }
        agentic:
          agents:
            first:
              role: Works, and gives work to all.
              schedule: { priority: 1 }
              mailbox: { length: 500, when_full: reject }
              state:
                sum: int = 0
              handlers:
                start:
                  do: |
                    for i in 0..200 { publish("work/{{one}}", i) }
                message work/{{one}} as number:
                  do: |
                    for i in 0..300 { sum += i * number }
                    if number % 5 == 0 {
                      publish("call/{{one}}", number)
                      publish("call/{{(one + 1) % count}}", number)
                    }
        {{string.Concat(((string[])["second", "third"]).Select(name => Worker(name, one)))}}
            urgent:
              role: Answers.
              schedule: { priority: 9 }
              mailbox: { length: 500, when_full: reject }
              state:
                calls: int = 0
              handlers:
                message call/{{one}} as number:
                  do: |
                    calls += 1
        """;

    private static string Worker(string name, int desk) => $$"""
            {{name}}:
              role: Works.
              schedule: { priority: 1 }
              mailbox: { length: 500, when_full: reject }
              state:
                sum: int = 0
              handlers:
                message work/{{desk}} as number:
                  do: |
                    for i in 0..3_000 { sum += i * number }

        """;
}
