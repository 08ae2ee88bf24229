using Tars.Base;
using Tars.Evolution.Trials;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Kernel.Ports;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>Other code is given what several shards recorded: its shards send each other mail of their own, and it is
/// told apart by what leaves and by nothing else.</summary>
public sealed class ShardedTrialTests : IDisposable
{
    private const int Rounds = 30;
    private const int Players = 4;

    private int _movesOfOne;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-stri-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void The_same_code_sends_the_same_on_all_shards(int shards, bool moves)
    {
        string log = Record(shards, moves);
        var report = Tried(Trial.Run(log, [Bytes(0), Bytes(2)], Stop));
        Assert.Equal((report.Events, null, 0), (report.Tried, report.Inconclusive, report.Differences));
        Assert.True(Rounds < report.Outputs, $"{report.Outputs} outputs");
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void What_one_module_sends_otherwise_is_told_of_whoever_it_reaches(int shards, bool moves)
    {
        string log = Record(shards, moves);

        // Module 1 hands on every ball with one round less; whoever gets the last of them says so earlier.
        string edited = Text(1).Replace("left = ball.left - 1", "left = ball.left - 2", StringComparison.Ordinal)
            .Replace("ball.left > 0", "ball.left > 1", StringComparison.Ordinal);
        var outcome = Trial.Run(log, [CompiledProcess.Compile(edited).Bytes], Stop);
        var report = Tried(outcome);
        Assert.Null(report.Inconclusive);
        Assert.Equal(report.Events, report.Tried);
        Assert.True(0 < report.Differences);
        Assert.Contains(report.Shown, one => !one.Text.StartsWith("p1 ", StringComparison.Ordinal));
        Assert.All(report.Shown, one => Assert.StartsWith("p", one.Text, StringComparison.Ordinal));
        Assert.Null(TrialText.WhyNot(outcome, 95));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Code_that_sends_more_than_was_recorded_is_tried_whole(int shards)
    {
        string log = Record(shards, moves: false);
        string edited = Text(1).Replace(
            "seen += ", "publish(\"extra/2\", ball.number)\n        seen += ", StringComparison.Ordinal);
        Assert.NotEqual(edited, Text(1));
        var report = Tried(Trial.Run(log, [CompiledProcess.Compile(edited).Bytes], Stop));
        Assert.Equal((report.Events, null), (report.Tried, report.Inconclusive));

        // Each of them is said by the module that hears it, on another shard. It takes its turn in that one's mailbox,
        // so what comes behind it may be said at another event.
        Assert.True(Rounds < report.Differences);
        Assert.Contains(report.Shown, one => one.IsNew
            && one.Text.StartsWith("p2 tells out.print {\"line\":\"extra ", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_it_asks_what_was_not_asked_the_trial_ends_and_is_not_comparable()
    {
        string log = Record(shards: 2, moves: false);
        string edited = Text(1).Replace("count = 2)", "count = 3)", StringComparison.Ordinal);
        var outcome = Trial.Run(log, [CompiledProcess.Compile(edited).Bytes], Stop);
        var report = Tried(outcome);
        Assert.InRange(report.Tried, 1, report.Events / 2);
        Assert.Equal(
            "p1 asks dice.octets {\"count\":3}, which the recorded run did not ask, or not so often",
            report.Inconclusive);
        Assert.StartsWith("not comparable: ", TrialText.WhyNot(outcome, 95), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_shard_was_cut_off_what_others_took_of_it_is_not_tried_and_counts_as_that()
    {
        string log = Record(shards: 2, moves: false);
        long whole = Tried(Trial.Run(log, [Bytes(1)], Stop)).Events;
        string file = RecordedShards.FileOf(log, 1);
        byte[] octets = File.ReadAllBytes(file);
        File.WriteAllBytes(file, octets[..(octets.Length / 2)]);
        var outcome = Trial.Run(log, [Bytes(1)], Stop);
        var report = Tried(outcome);
        Assert.Equal("the recording of shard 1 ends before it sends what shard 0 takes there", report.Inconclusive);
        Assert.InRange(report.Events, report.Tried + 1, whole - 1);
        Assert.Equal(0, report.Differences);
        Assert.StartsWith("not comparable: ", TrialText.WhyNot(outcome, 95), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_recording_is_damaged_it_is_tried_up_to_there_and_says_so()
    {
        string log = Record(shards: 2, moves: false);
        string file = RecordedShards.FileOf(log, 1);
        byte[] octets = File.ReadAllBytes(file);
        octets[^80] ^= 1;
        File.WriteAllBytes(file, octets);
        var report = Tried(Trial.Run(log, [Bytes(1)], Stop));
        Assert.StartsWith("shard 1: record", report.Inconclusive, StringComparison.Ordinal);
        Assert.Equal((report.Events, 0), (report.Tried, report.Differences));
    }

    [Fact]
    public void What_cannot_be_tried_is_refused_with_the_reason()
    {
        string log = Record(shards: 2, moves: false);
        string file = RecordedShards.FileOf(log, 0);
        Assert.StartsWith("it is one shard of several", Refused(file, Bytes(1)), StringComparison.Ordinal);
        Assert.Equal("no module q runs in it", Refused(log, Compiled(Text(1).Replace(
            "module: p1", "module: q", StringComparison.Ordinal))));

        string other = Record(shards: 2, moves: false, rounds: Rounds + 1);
        File.Copy(RecordedShards.FileOf(other, 1), RecordedShards.FileOf(log, 1), overwrite: true);
        Assert.Equal("shard 1: it is not a shard of this run", Refused(log, Bytes(1)));
        File.Copy(file, RecordedShards.FileOf(other, 1), overwrite: true);
        Assert.Equal("shard 1: it is not a shard of this run", Refused(other, Bytes(1)));
        string again = Record(shards: 2, moves: false, rounds: Rounds + 1, seed: 5);
        File.Copy(RecordedShards.FileOf(again, 1), RecordedShards.FileOf(other, 1), overwrite: true);
        Assert.Matches("mail that shard [01] does not send so: a shard is of another run", Refused(other, Bytes(1)));
    }

    [Fact]
    public void A_process_that_moves_while_it_is_tried_takes_along_what_the_other_code_holds()
    {
        string log = Record(shards: 3, moves: true);
        for (int tries = 1; _movesOfOne == 0; tries++)
        {
            Assert.True(tries < 50, "it never moves"); // On a busy machine a run may be over before.
            log = Record(shards: 3, moves: true);
        }

        string edited = Text(1).Replace("seen += random_int(1, 9)", "seen += 1000", StringComparison.Ordinal);
        var report = Tried(Trial.Run(log, [CompiledProcess.Compile(edited).Bytes], Stop));
        Assert.Null(report.Inconclusive);
        const string Says = "p1 tells out.print {\"line\":\"";
        string[] says = [.. report.Shown.Where(one => one.IsNew).Select(one => one.Text)
            .Where(one => one.StartsWith(Says, StringComparison.Ordinal))];
        Assert.NotEmpty(says);
        Assert.All(says, one => Assert.Matches("[1-9][0-9]*000\"}$", one)); // Where it moved it did not begin anew.
        Assert.Equal(says.Length, says.Select(one => one.Split(' ')[^1]).Distinct().Count());
    }

    [Fact]
    public void A_move_that_comes_to_something_else_ends_a_trial_with_a_reason()
    {
        var system = Assert.IsType<LinkResult.Linked>(SystemImage.Link([])).System;
        TrialOutside Outside(string why)
        {
            var outside = new TrialOutside(new ProcessBook(system), new TrialOutputs((_, _, _) => { }));
            outside.Moved(module: 0, shard: 1, why);
            return outside;
        }

        var moves = new TrialMoves();
        KernelEvent move = new KernelEvent.MoveIn(default, Module: 0, Shard: 1, []);
        moves.Recorded(move, 1, Outside("it waits for a device"));
        Assert.Equal(
            "a module could not move to another shard there, and the other one could",
            moves.WhyNot(move, 1, Outside("")));
        Assert.Equal(
            "a module moved to another shard there, and the other one could not: it waits for a device",
            moves.WhyNot(move, 2, Outside("it waits for a device")));
        Assert.Null(moves.WhyNot(move, 1, Outside("it waits for a device")));
        Assert.Null(moves.WhyNot(move, 2, Outside("")));
    }

    private static string Refused(string path, ReadOnlyMemory<byte> bundle) =>
        Assert.Single(Assert.IsType<TrialOutcome.Refused>(Trial.Run(path, [bundle], Stop)).Reasons);

    private static TrialReport Tried(TrialOutcome outcome)
    {
        string why = outcome is TrialOutcome.Refused refused ? string.Join("; ", refused.Reasons) : "";
        Assert.Equal("", why);
        return Assert.IsType<TrialOutcome.Tried>(outcome).Report;
    }

    private string Record(int shards, bool moves, int rounds = Rounds, ulong? seed = null)
    {
        string folder = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        var random = new Xoshiro256(7);
        var options = new RunOptions
        {
            Shards = shards,
            Record = folder,
            Seed = seed ?? 1,
            PlacementEvery = moves ? 1_000_000 : 1_000_000_000_000,
            Placement = plan =>
            {
                int module = random.Next(Players);
                int shard = random.Next(shards);
                _movesOfOne += module == 1 && plan.ShardOf(1) != shard ? 1 : 0;
                return plan.ShardOf(module) == shard ? null : (module, shard);
            },
        };
        ReadOnlyMemory<byte>[] bundles = [.. Enumerable.Range(0, Players).Select(one => Compiled(Text(one, rounds)))];
        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        var report = Assert.IsType<RunOutcome.Ended>(SystemRun.Run(bundles, options, streams, Stop)).Report;
        Assert.Null(report.RecordError);
        return folder;
    }

    private static ReadOnlyMemory<byte> Bytes(int one) => Compiled(Text(one));

    private static ReadOnlyMemory<byte> Compiled(string text) => CompiledProcess.Compile(text).Bytes;

    // Hands balls round, draws lots now and then, and says what it has seen.
    private static string Text(int index, int rounds = Rounds) => $$"""
        tars: 1
        module: p{{index}}
        version: 1.0.0
        summary: Hands balls on.
        types:
          Ball: { number: int, left: int, luck: int }
        capabilities:
          devices: { dice: random, out: console }
          subscribe: { ball/{{index}}: Ball, extra/{{index}}: int }
          publish: { ball/{{(index + 1) % Players}}: Ball, extra/{{(index + 1) % Players}}: int, over: bool }
          timers: { shortest: 1ms }
        state:
          seen: int = 0
        handlers:
          start:
            do: |
              after 3ms beat
              for i in 0..4 {
                let luck = random_int(1, 1_000_000)
                publish("ball/{{(index + 1) % Players}}", Ball(number = i, left = {{rounds}}, luck = luck))
              }
          timer beat:
            do: |
              let lot = ask dice.octets(count = 2) within 1s else { return }
              tell out.print(line = "lot {lot.len()}")
          message extra/{{index}} as number:
            do: |
              tell out.print(line = "extra {number}")
          message ball/{{index}} as ball:
            do: |
              seen += random_int(1, 9)
              if ball.left % 5 == 0 { tell out.print(line = "{ball.number} {ball.left} {seen}") }
              if ball.left > 0 {
                let next = Ball(number = ball.number, left = ball.left - 1, luck = ball.luck)
                publish("ball/{{(index + 1) % Players}}", next)
              } else { publish("over", true) }
        """;
}
