using Tars.Base;
using Tars.Devices.Wasi.Linux;
using Tars.Evolution.Trials;
using Tars.Host;
using Tars.Host.Control;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;
using Tars.Sim.Disks;
using Tars.Sim.Swarm;
using Tars.Tests.Host.Control;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>A version is tried on what all shards of a run had lately before it takes over, as on one kernel.</summary>
public sealed class ShardedRecentTests : IDisposable
{
    private const int Modules = 3;

    // Why there may be nothing to be tried on just now, in a run in which all goes on.
    private const string JustNow = "^((shard [0-9]: )?(nothing has happened yet|a swap was asked for just now"
        + "|a version was swapped in just now|a guest runs|all shards stand still|a module is swapped)"
        + "|at no moment of its newest events did all shards rest|no event has been recorded|the run is busy)$";

    private static readonly Lazy<ReadOnlyMemory<byte>> _policy =
        new(() => CompiledProcess.Compile(PolicyText.Of(fuel: 1_000)).Bytes);

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-srec-").FullName;

    public static bool IsHere => FileOwner.IsKnown;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2, false, false, false)]
    [InlineData(3, false, false, false)]
    [InlineData(3, true, false, false)]
    [InlineData(2, true, true, false)]
    [InlineData(2, false, false, true)]
    [InlineData(1, false, true, true)]
    public async Task The_same_code_sends_the_same_on_the_newest_events_of_all_shards(
        int shards, bool moves, bool isKept, bool decides)
    {
        var desk = new SwapDesk(new RunOptions(), new SwapTerms());
        using var over = new CancellationTokenSource();
        var running = Begin(shards, moves, isKept, decides, desk, over.Token);
        var tried = new List<TrialReport>();
        for (int tries = 0; tries < 1_000 && tried.Count < 6; tries++)
        {
            Assert.False(running.IsCompleted, "the run has ended");
            switch (desk.Try(Bytes(1, rounds: 1)))
            {
                case TrialOutcome.Tried { Report: { Events: > 200 } report }:
                    tried.Add(report);
                    break;
                case TrialOutcome.Refused refused:
                    Assert.Matches(JustNow, Assert.Single(refused.Reasons));
                    break;
                default:
                    break; // It has only begun.
            }

            await Task.Delay(20, Stop);
        }

        await over.CancelAsync();
        Assert.IsType<RunOutcome.Ended>(await running);
        Assert.Equal(6, tried.Count);
        Assert.All(tried, one => Assert.Equal((null, 0), (one.Inconclusive, one.Differences)));
        Assert.All(tried, one => Assert.Equal(one.Events, one.Tried));
        Assert.All(tried, one => Assert.True(0 < one.Outputs));
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task What_a_version_would_do_otherwise_is_told_before_and_a_gate_opens_for_what_was_tried()
    {
        await using var run = new LiveRun(_folder, Texts, shards: 3);
        using var link = run.Connect();
        string next = Text(1, 1).Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("\"hop {", "\"HOP {", StringComparison.Ordinal);
        string[] trial = await TriedOn(link, next, ("dry_run", true));
        Assert.Matches("^tried on the last [0-9]+ events: [0-9]+ outputs, [1-9][0-9]* differences", trial[0]);
        Assert.Matches("^  - event [0-9]+: m1 tells out.print {\"line\":\"hop ", trial[1]);
        Assert.DoesNotContain("swapped", run.Log, StringComparison.Ordinal);

        // Other numbers of agents and handlers, and a state of another shape.
        string wider = next
            .Replace("seen: int = 0", "more: text = \"more\"\n  seen: int = 0", StringComparison.Ordinal)
            .Replace("  timer beat:", "  message wide/1 as x:\n    do: |\n      seen += x\n  timer beat:",
                StringComparison.Ordinal)
            .Replace("subscribe: {", "subscribe: { wide/1: int,", StringComparison.Ordinal);
        trial = await TriedOn(link, wider, ("gate", 95), ("grant_all", true), ("probation_ns", 60_000_000_000));
        Assert.Matches("^tried on the last [0-9]+ events: ", trial[0]);
        Until(run, "swapped m1 1.0.0 -> 1.1.0");

        // It is tried on what the version did that runs now, and comes back when it traps.
        string trap = wider.Replace("version: 1.1.0", "version: 1.2.0", StringComparison.Ordinal)
            .Replace("seen += 1", "seen += 1\n      assert seen < 0", StringComparison.Ordinal);
        trial = await TriedOn(link, trap, ("probation_ns", 60_000_000_000));
        Assert.Matches("^tried on the last [0-9]+ events: [0-9]+ outputs, [1-9][0-9]* differences", trial[0]);
        Assert.Matches("^  - event [0-9]+: m1 tells out.print {\"line\":\"HOP ", trial[1]);
        Until(run, "returned m1 1.2.0 -> 1.1.0");
        _ = LiveRun.Ask(link, "stop");
        _ = await run.Outcome;
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task A_version_that_cannot_be_tried_does_not_pass_a_gate_and_goes_on_without_one()
    {
        await using var run = new LiveRun(_folder, Texts, shards: 2);
        using var link = run.Connect();
        string asks = Text(1, 1).Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("devices: { out: console }", "devices: { out: console, dice: random }", StringComparison.Ordinal)
            .Replace("seen += 1", "seen += 1\n      let lot = ask dice.octets(count = 1) within 1s else { return }",
                StringComparison.Ordinal);
        string[] trial = await TriedOn(link, asks, ("dry_run", true), ("grant_all", true));
        Assert.Matches("^inconclusive after event [0-9]+ of [0-9]+: m1 asks dice.octets", trial[0]);
        Hand(link, asks);
        var closed = LiveRun.Try(link, "swap", ("gate", 95), ("grant_all", true));
        Assert.Contains("not comparable", closed.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Hand(link, asks);
        _ = LiveRun.Ask(link, "swap", ("grant_all", true));
        Until(run, "swapped m1 1.0.0 -> 1.1.0");
        _ = LiveRun.Ask(link, "stop");
        _ = await run.Outcome;
    }

    // A run that has only begun, or in which something was just swapped, has nothing to try it on yet.
    private static async Task<string[]> TriedOn(
        ControlLink link, string text, params (string Name, object Value)[] members)
    {
        for (int tries = 0; ; tries++)
        {
            Hand(link, text);
            string[] trial = Ask(link, [.. members.Where(one => one.Name is "grant_all"), ("dry_run", true)]);
            if (!trial[0].StartsWith("not tried", StringComparison.Ordinal))
            {
                break;
            }

            Assert.True(tries < 1_000, trial[0]);
            await Task.Delay(20, Stop);
        }

        Hand(link, text);
        return Ask(link, members);
    }

    private static string[] Ask(ControlLink link, (string Name, object Value)[] members) =>
        [.. LiveRun.Ask(link, "swap", members).GetProperty("trial").EnumerateArray().Select(one => one.GetString()!)];

    // A shard hands on what it logs some time later.
    private static void Until(LiveRun run, string text) => Assert.True(
        SpinWait.SpinUntil(() => run.Log.Contains(text, StringComparison.Ordinal), TimeSpan.FromMinutes(1)), run.Log);

    private static void Hand(ControlLink link, string program) =>
        Assert.Null(link.Send(CompiledProcess.Compile(program).Bytes));

    private static Task<RunOutcome> Begin(
        int shards, bool moves, bool isKept, bool decides, SwapDesk desk, CancellationToken over)
    {
        var random = new Xoshiro256(7);
        var options = new RunOptions
        {
            Shards = shards,
            Swaps = desk,
            JournalDisk = isKept ? new CutDisk() : null,
            PolicyModule = decides ? _policy.Value : (ReadOnlyMemory<byte>?)null,
            For = 120_000_000_000,
            PlacementEvery = moves ? 20_000_000 : 1_000_000_000_000,
            Placement = plan =>
            {
                int module = random.Next(Modules);
                int shard = random.Next(shards);
                return plan.ShardOf(module) == shard ? null : (module, shard);
            },
        };
        ReadOnlyMemory<byte>[] bundles = [.. Enumerable.Range(0, Modules).Select(one => Bytes(one, rounds: 1))];
        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        return Task.Run(() => SystemRun.Run(bundles, options, streams, over), CancellationToken.None);
    }

    private static string[] Texts => [.. Enumerable.Range(0, Modules).Select(one => Text(one, rounds: 1))];

    private static ReadOnlyMemory<byte> Bytes(int one, int rounds) => CompiledProcess.Compile(Text(one, rounds)).Bytes;

    // Beats, sends a ball round, and says what it has seen.
    private static string Text(int index, int rounds) => $$"""
        tars: 1
        module: m{{index}}
        version: 1.0.0
        summary: Hands balls on.
        types:
          Ball: { number: int, left: int }
        capabilities:
          devices: { out: console }
          subscribe: { hop/{{index}}: Ball }
          publish: { hop/{{(index + 1) % Modules}}: Ball }
          timers: { shortest: 1ms }
        state:
          seen: int = 0
          beats: int = 0
        handlers:
          start:
            do: |
              every {{10 + (3 * index)}}ms beat
          timer beat:
            do: |
              beats += random_int(1, 3)
              publish("hop/{{(index + 1) % Modules}}", Ball(number = beats, left = {{rounds * Modules}}))
          message hop/{{index}} as ball:
            do: |
              seen += 1
              tell out.print(line = "hop {ball.number} {ball.left} {seen} {random_int(1, 99)}")
              if ball.left > 0 {
                publish("hop/{{(index + 1) % Modules}}", Ball(number = ball.number, left = ball.left - 1))
              }
        """;
}
