using System.Text;
using Tars.Base;
using Tars.Host;
using Tars.Host.Granting;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;
using Tars.Packages.Grants;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>What an operator set and left of a run holds in each of its lives, also for versions that were swapped in
/// between.</summary>
public sealed class KeptGrantsTests
{
    private static readonly ReadOnlyMemory<byte> _first =
        CompiledProcess.Compile(Text("1.0.0", 3, Agent("book"))).Bytes;

    private static readonly ReadOnlyMemory<byte> _second =
        CompiledProcess.Compile(Text("1.1.0", 4, Agent("book") + Agent("late"))).Bytes;

    private static readonly PolicyFile _policy = new(
        "/tars.toml", "", GrantReader.Read("tars.toml", "[grant.ledger]\npublish = [\"open\"]\n"u8));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_parameter_that_was_set_when_the_run_was_begun_is_so_for_versions_that_come_later(int shards)
    {
        var disk = new CutDisk();
        string said = Run(disk, _first, shards, out _, set: "5");
        Assert.Contains("book 5\n", said, StringComparison.Ordinal);
        var swapped = new CutDisk(disk.Files);
        said = Run(swapped, _first, shards, out string log, offered: _second, until: "late 5\n");
        Assert.Contains("swapped ledger 1.0.0 -> 1.1.0", log, StringComparison.Ordinal);
        Assert.Contains("late 5\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain("book 4\n", said, StringComparison.Ordinal);

        // Wherever it was killed, the swap is done again as it was; and so is one that is given at the start.
        for (int calls = 4; calls <= swapped.Calls; calls += 1 + (swapped.Calls / 12))
        {
            var killed = new CutDisk(swapped.After(calls, CutDisk.Cut.Kept, new Xoshiro256(1)));
            said = Run(killed, _second, shards, out log, until: "late 5\n");
            Assert.Contains("late 5\n", said, StringComparison.Ordinal);
            Assert.DoesNotContain("book 4\n", said, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_agent_that_comes_with_a_version_is_left_what_the_policy_leaves_in_each_life(int shards)
    {
        var disk = new CutDisk();
        string said = Run(disk, _first, shards, out string log, policy: _policy, until: "open 1\n");
        Assert.Contains("open 1\n", said, StringComparison.Ordinal);
        var swapped = new CutDisk(disk.Files);
        said += Run(swapped, _second, shards, out log, policy: _policy, until: "late 4\n");
        Assert.Contains("swapped ledger 1.0.0 -> 1.1.0", log, StringComparison.Ordinal);
        for (int calls = 4; calls <= swapped.Calls; calls += 1 + (swapped.Calls / 12))
        {
            var killed = new CutDisk(swapped.After(calls, CutDisk.Cut.Kept, new Xoshiro256(1)));
            said += Run(killed, _second, shards, out log, policy: _policy, until: "late 4\n");
        }

        // Who goes on with the version that ran before has the one that runs as well, until it is swapped back.
        said += Run(new CutDisk(swapped.Files), _first, shards, out log, policy: _policy);
        Assert.Contains("late ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("shut ", said, StringComparison.Ordinal);
        string refused = Refused(new CutDisk(swapped.Files), shards);
        Assert.Contains("what is granted is not what it was", refused, StringComparison.Ordinal);
        Assert.Contains("is left nothing of publish shut", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_set_as_it_was_is_no_other_value_and_another_is_named()
    {
        var disk = new CutDisk();
        Run(disk, _first, shards: 1, out _, set: "7");
        Run(new CutDisk(disk.Files), _first, shards: 1, out _, set: "7");
        var options = Options(new CutDisk(disk.Files), shards: 1, policy: null);
        options = options with { Params = [KeyValuePair.Create("limit", "4")] };
        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        var outcome = SystemRun.Run([_first], options, streams, TestContext.Current.CancellationToken);
        Assert.Equal(
            "--set limit=4: the journal was not begun with that; it was begun with limit=7; leave --set out and it "
            + "goes on so",
            Assert.Single(Assert.IsType<RunOutcome.Refused>(outcome).Reasons));
    }

    private static string Text(string version, int declared, string agents) => $$"""
        tars: 1
        module: ledger
        version: {{version}}
        summary: Says what it was given.
        capabilities:
          devices: { out: console }
          publish: { open: int, shut: int }
          timers: { shortest: 1ms }
        params:
          limit: { type: int, value: {{declared}}, range: [0, 9], about: What it says. }
        agentic:
          agents:
        {{agents}}
        """;

    private static string Agent(string name) => $$"""
            {{name}}:
              role: Says it.
              journal: durable
              handlers:
                start:
                  do: |
                    every 2ms beat
                    tell out.print(line = "{{name}} {limit}")
                timer beat:
                  do: |
                    tell out.print(line = "{{name}} {limit}")
                    publish("open", 1)
                    publish("shut", 1)

        """;

    private static RunOptions Options(CutDisk disk, int shards, PolicyFile? policy) => new()
    {
        JournalDisk = disk,
        Shards = shards,
        Grants = policy,
        For = 60_000_000,
        Seed = 3,
        Terms = new SwapTerms { GrantsAll = true, NoReturn = true },
    };

    private static string Refused(CutDisk disk, int shards)
    {
        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        var outcome = SystemRun.Run([_second], Options(disk, shards, policy: null), streams, CancellationToken.None);
        return Assert.IsType<RunOutcome.Refused>(outcome).Reasons[0];
    }

    private static string Run(
        CutDisk disk,
        ReadOnlyMemory<byte> bundle,
        int shards,
        out string log,
        string? set = null,
        PolicyFile? policy = null,
        ReadOnlyMemory<byte>? offered = null,
        string? until = null)
    {
        using var over = new CancellationTokenSource();
        using var printed = new Shown(until, over.Cancel);
        using var told = new StringWriter();
        var options = Options(disk, shards, policy);
        options = options with { Params = set is null ? [] : [KeyValuePair.Create("limit", set)] };
        var desk = new SwapDesk(options, options.Terms);
        var offering = offered is not { } version ? Task.CompletedTask : Task.Run(
            () =>
            {
                Assert.True(SpinWait.SpinUntil(() => desk.IsAttached, TimeSpan.FromMinutes(1)));
                Assert.Empty(desk.Offer(version));
            },
            CancellationToken.None);
        options = options with
        {
            Swaps = offered is null ? null : desk,
            For = until is null ? options.For : 60_000_000_000,
        };
        var streams = new RunStreams(Stream.Null, printed, TextWriter.Synchronized(told));
        var outcome = SystemRun.Run([bundle], options, streams, over.Token);
        offering.Wait(CancellationToken.None);
        log = told + string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []);
        Assert.True(outcome is RunOutcome.Ended, log);
        return Encoding.UTF8.GetString(printed.ToArray());
    }

    /// <summary>An output that ends the run once it has shown what it waits for.</summary>
    private sealed class Shown(string? until, Action end) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void WriteByte(byte value) => Write([value]);

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            foreach (byte one in buffer)
            {
                base.WriteByte(one);
            }

            if (until is not null && Encoding.UTF8.GetString(ToArray()).Contains(until, StringComparison.Ordinal))
            {
                end();
            }
        }
    }
}
