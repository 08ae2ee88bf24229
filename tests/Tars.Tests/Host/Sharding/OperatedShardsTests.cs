using System.Text.Json;
using Tars.Devices.Wasi.Linux;
using Tars.Host;
using Tars.Host.Control;
using Tars.Host.Journal;
using Tars.Sim.Disks;
using Tars.Tests.Host.Control;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>A run on several shards is operated over one socket as a run on one is.</summary>
public sealed class OperatedShardsTests : IDisposable
{
    private const string Program = """
        tars: 1
        module: NAME
        version: 1.0.0
        summary: Turns, and breaks now and then.

        capabilities:
          devices: { out: { kind: console }, stopper: { kind: button } }
          publish: { ground/NAME: int }
          timers: { shortest: 1ms }

        params:
          NAME_step: { type: int, value: 1, range: [0, 100], about: How far it turns. }

        state:
          turns: int = 0

        handlers:
          start:
            do: |
              every 2ms turn

          timer turn:
            do: |
              turns += NAME_step
              if NAME_step > 50 { fail "too fast" }
              publish("ground/NAME", turns)
              tell out.print(line = "turned")

          device stopper as down:
            do: |
              if down { exit() }
        """;

    private static readonly string[] _names = ["a", "b", "c"];

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-osh-").FullName;

    public static bool IsHere => FileOwner.IsKnown;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task Each_command_reaches_the_shard_of_its_subject_and_lists_hold_all()
    {
        await using var run = new LiveRun(_folder, [.. _names.Select(Named)], shards: 2);
        using var link = run.Connect();
        var rows = LiveRun.Ask(link, "ps").GetProperty("processes").EnumerateArray().ToArray();
        long[] ids = [.. rows.Select(row => row.GetProperty("process").GetInt64())];
        Assert.Equal(ids.Order(), ids);
        Assert.Equal(_names, rows.Select(row => row.GetProperty("module").GetString()).Order());

        // Module b lives on the second shard: its letters have numbers of that one.
        _ = LiveRun.Ask(link, "set", ("param", "b_step"), ("value", "60"), ("for_ns", 50_000_000));
        JsonElement[] letters = [];
        await Until(() => 0 < (letters = [.. Letters(link)]).Length);
        await Until(() => run.Log.Contains("operator: return b.b_step", StringComparison.Ordinal));
        Assert.All(letters, one => Assert.Equal("b", one.GetProperty("module").GetString()));
        long first = letters[0].GetProperty("letter").GetInt64();
        _ = LiveRun.Ask(link, "dead_deliver", ("letter", first));
        Assert.Equal("there is no such dead letter", Reason(LiveRun.Try(link, "dead_deliver", ("letter", first))));
        Assert.True(0 < LiveRun.Ask(link, "dead_drop").GetProperty("letters").GetInt64());
        Assert.Empty(Letters(link));
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task A_right_that_is_revoked_is_revoked_on_all_shards_and_told_once()
    {
        await using var run = new LiveRun(_folder, [.. _names.Select(Named)], shards: 2);
        using var link = run.Connect();
        _ = LiveRun.Ask(link, "revoke", ("module", "b"), ("device", "out"));
        var held = LiveRun.Ask(link, "rights").GetProperty("rights").EnumerateArray().ToArray();
        var revoked = Assert.Single(held, one => one.GetProperty("revoked").GetBoolean());
        Assert.Equal("b", revoked.GetProperty("module").GetString());
        await Until(() => run.Log.Contains("operator: revoke", StringComparison.Ordinal));
        Assert.Equal("it is revoked already", Reason(LiveRun.Try(link, "revoke", ("module", "b"), ("device", "out"))));
        _ = LiveRun.Ask(link, "grant", ("module", "b"), ("device", "out"));
        Assert.Equal("it is not revoked", Reason(LiveRun.Try(link, "grant", ("module", "b"), ("device", "out"))));
        var unknown = LiveRun.Try(link, "revoke", ("module", "x"), ("device", "o"));
        Assert.Equal("no module of that name runs", Reason(unknown));
        _ = LiveRun.Ask(link, "stop");
        _ = await run.Outcome;
        Assert.Single(run.Log.Split('\n'), line => line.StartsWith("operator: revoke", StringComparison.Ordinal));
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task A_button_is_pressed_and_a_process_stopped_where_they_live_and_the_run_ends_with_the_last()
    {
        await using var run = new LiveRun(_folder, [.. _names.Select(Named)], shards: 3);
        using var link = run.Connect();
        Assert.Equal("it may be a.stopper or b.stopper or c.stopper", Reason(
            LiveRun.Try(link, "press", ("device", "stopper"))));
        _ = LiveRun.Ask(link, "press", ("device", "b.stopper"));
        await Until(() => Modules(link) is ["a", "c"]);
        var c = LiveRun.Ask(link, "ps").GetProperty("processes").EnumerateArray()
            .Single(row => row.GetProperty("module").GetString() == "c").GetProperty("process").GetInt64();
        _ = LiveRun.Ask(link, "stop", ("process", c));
        await Until(() => Modules(link) is ["a"]);
        Assert.Equal("there is no such process", Reason(LiveRun.Try(link, "stop", ("process", c))));
        _ = LiveRun.Ask(link, "press", ("device", "a.stopper"));
        Assert.IsType<RunOutcome.Ended>(await run.Outcome);
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task A_new_version_takes_over_on_whatever_shard_and_comes_back_when_it_traps()
    {
        await using var run = new LiveRun(_folder, [.. _names.Select(Named)], shards: 3);
        using var link = run.Connect();
        for (int round = 1; round <= 6; round++)
        {
            string name = _names[round % 3];
            string next = Named(name).Replace("version: 1.0.0", $"version: 1.{round}.0", StringComparison.Ordinal)
                .Replace("turns: int = 0", $"turns: int = 0\n  more: int = {round}", StringComparison.Ordinal);
            Hand(link, next);
            var done = LiveRun.Ask(link, "swap");
            Assert.Equal(1, done.GetProperty("processes").GetInt32());
            Assert.NotEqual(0, done.GetProperty("trial").GetArrayLength());
        }

        Hand(link, Named("d"));
        Assert.Equal("no module of that name runs", Reason(LiveRun.Try(link, "swap", ("dry_run", true))));
        string unlike = Named("b").Replace("turns: int = 0", "turns: text = \"\"", StringComparison.Ordinal)
            .Replace("turns += b_step", "turns = \"{b_step}\"", StringComparison.Ordinal)
            .Replace("\"ground/b\", turns", "\"ground/b\", b_step", StringComparison.Ordinal);
        Hand(link, unlike);
        string refusal = Reason(LiveRun.Try(link, "swap", ("dry_run", true)));
        Hand(link, unlike);
        Assert.Equal(refusal, Reason(LiveRun.Try(link, "swap")));
        Hand(link, Named("b"));
        Assert.NotEqual(0, LiveRun.Ask(link, "swap", ("dry_run", true), ("no_return", true))
            .GetProperty("trial").GetArrayLength());
        Hand(link, Named("b").Replace("version: 1.0.0", "version: 2.0.0", StringComparison.Ordinal)
            .Replace("turns += b_step", "turns += b_step\n      assert turns < 0", StringComparison.Ordinal));
        _ = LiveRun.Ask(link, "swap", ("probation_ns", 60_000_000_000));
        await Until(() => run.Log.Contains("returned b", StringComparison.Ordinal));
        Assert.Equal(_names, Modules(link));
        _ = LiveRun.Ask(link, "stop");
        _ = await run.Outcome;
        Assert.DoesNotContain("trap a", run.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("trap c", run.Log, StringComparison.Ordinal);
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task What_was_done_to_it_is_replayed_from_the_journals_of_all_shards()
    {
        string record = Path.Combine(_folder, "record");
        await using (var run = new LiveRun(_folder, [.. _names.Select(Named)], shards: 3, record))
        {
            using var link = run.Connect();
            _ = LiveRun.Ask(link, "set", ("param", "b_step"), ("value", "60"), ("for_ns", 20_000_000));
            await Until(() => run.Log.Contains("operator: return b.b_step", StringComparison.Ordinal));
            _ = LiveRun.Ask(link, "revoke", ("module", "b"), ("device", "out"));
            foreach (string name in _names)
            {
                Hand(link, Named(name).Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
                    .Replace("turns: int = 0", "turns: int = 0\n  more: int = 1", StringComparison.Ordinal));
                _ = LiveRun.Ask(link, "swap");
            }

            _ = LiveRun.Ask(link, "grant", ("module", "b"), ("device", "out"));
            Hand(link, Named("b").Replace("version: 1.0.0", "version: 2.0.0", StringComparison.Ordinal)
                .Replace("turns += b_step", "turns += b_step\n      assert turns < 0", StringComparison.Ordinal));
            _ = LiveRun.Ask(link, "swap", ("probation_ns", 60_000_000_000));
            await Until(() => run.Log.Contains("returned b", StringComparison.Ordinal));
            Hand(link, Named("c").Replace("version: 1.0.0", "version: 3.0.0", StringComparison.Ordinal));
            _ = LiveRun.Ask(link, "swap");
            _ = LiveRun.Ask(link, "stop");
            Assert.IsType<RunOutcome.Ended>(await run.Outcome);
        }

        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        foreach (int? shard in (int?[])[null, 0, 1, 2])
        {
            var options = new ReplayOptions { Verify = true, Shard = shard };
            var report = Assert.IsType<ReplayOutcome.Ended>(
                Replay.Run(record, options, streams, TestContext.Current.CancellationToken)).Report;
            Assert.Null(report.Damage);
            Assert.Null(report.Difference);
            Assert.Equal(JournalEnd.Closed, report.End);
        }
    }

    [Theory(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_a_full_disk_did_not_keep_is_no_act_that_was_done(int shards)
    {
        var disk = new CutDisk();
        string[] quiet = [.. _names.Select(Named).Select(one => one.Replace(
            "every 2ms turn", "turns = 1", StringComparison.Ordinal))];
        await using (var run = new LiveRun(_folder, quiet, shards, journal: disk))
        {
            using var link = run.Connect();
            _ = LiveRun.Ask(link, "set", ("param", "b_step"), ("value", "2"));
            disk.FailsFrom = 0;
            var answer = link.Ask(
                json =>
                {
                    json.WriteString("op", "revoke");
                    json.WriteString("module", "b");
                    json.WriteString("device", "out");
                },
                out _);

            // It may have ended by what another shard could not keep, before it took this; what it answers is true.
            string reason = answer is { } given ? Reason(given) : "the run has ended";
            Assert.Matches("^it cannot be kept|^the run has ended$", reason);
            var patience = TimeSpan.FromSeconds(30); // Far below what the run is given.
            Assert.IsType<RunOutcome.Ended>(
                await run.Outcome.WaitAsync(patience, TestContext.Current.CancellationToken));
        }

        await using var again = new LiveRun(_folder, quiet, shards, journal: new CutDisk(disk.Files));
        using var later = again.Connect();
        var held = LiveRun.Ask(later, "rights").GetProperty("rights").EnumerateArray();
        Assert.DoesNotContain(held, one => one.GetProperty("revoked").GetBoolean());
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task An_act_in_which_no_segment_can_be_begun_is_kept_and_is_not_said_to_be_lost()
    {
        var disk = new CutDisk();
        string[] quiet = [.. _names.Select(Named).Select(one => one.Replace(
            "every 2ms turn", "turns = 1", StringComparison.Ordinal))];
        bool isRevoked = false;
        await using (var run = new LiveRun(_folder, quiet, shards: 1, journal: disk, segmentOctets: 1))
        {
            using var link = run.Connect();
            _ = LiveRun.Ask(link, "set", ("param", "b_step"), ("value", "2"));
            disk.IsWithoutNew = true;
            for (int act = 0; act < 10_000; act++)
            {
                string op = isRevoked ? "grant" : "revoke";
                var answer = link.Ask(
                    json =>
                    {
                        json.WriteString("op", op);
                        json.WriteString("module", "b");
                        json.WriteString("device", "out");
                    },
                    out _);
                if (answer is not { } given)
                {
                    break; // A run that ends may be gone before it has answered.
                }

                if (!given.GetProperty("ok").GetBoolean())
                {
                    Assert.DoesNotContain("cannot be kept", Reason(given), StringComparison.Ordinal);
                    break;
                }

                isRevoked = !isRevoked;
            }

            var patience = TimeSpan.FromSeconds(30); // Far below what the run is given.
            Assert.IsType<RunOutcome.Ended>(
                await run.Outcome.WaitAsync(patience, TestContext.Current.CancellationToken));
            Assert.Contains("full; the run ends, and all that it did is kept", run.Log, StringComparison.Ordinal);
            string last = run.Log.Split('\n').Last(one => one.StartsWith("operator: ", StringComparison.Ordinal));
            isRevoked = last.StartsWith("operator: revoke", StringComparison.Ordinal); // What the log says is so.
        }

        await using var again = new LiveRun(_folder, quiet, shards: 1, journal: new CutDisk(disk.Files));
        using var later = again.Connect();
        var held = LiveRun.Ask(later, "rights").GetProperty("rights").EnumerateArray();
        Assert.Equal(isRevoked, held.Any(one => one.GetProperty("revoked").GetBoolean()));
    }

    [Fact]
    public void Pages_of_several_lists_are_one_list_in_order_and_lose_nothing()
    {
        long[][] lists =
        [
            [.. Enumerable.Range(0, 3_000).Select(one => (long)one * 2)],
            [.. Enumerable.Range(0, 700).Select(one => ((long)one * 9) + 1)],
            [],
        ];
        var all = new List<long>();
        long after = -1;
        ControlPage<long> page;
        do
        {
            var pages = lists.Select(list => ControlPage<long>.Of(list.Where(one => after < one), one => one));
            page = ControlPage<long>.Merge([.. pages], one => one);
            all.AddRange(page.Rows);
            after = all[^1];
        }
        while (page.IsMore);
        Assert.Equal(lists.SelectMany(one => one).Order(), all);
    }

    private static string Named(string name) => Program.Replace("NAME", name, StringComparison.Ordinal);

    private static void Hand(ControlLink link, string program) =>
        Assert.Null(link.Send(CompiledProcess.Compile(program).Bytes));

    private static JsonElement[] Letters(ControlLink link) =>
        [.. LiveRun.Ask(link, "dead").GetProperty("letters").EnumerateArray()];

    private static string[] Modules(ControlLink link) =>
        [.. LiveRun.Ask(link, "ps").GetProperty("processes").EnumerateArray()
            .Select(row => row.GetProperty("module").GetString()!).Order()];

    private static string Reason(JsonElement answer) => answer.GetProperty("reason").GetString()!;

    private static async Task Until(Func<bool> isSo)
    {
        for (int tries = 0; !isSo(); tries++)
        {
            Assert.True(tries < 3_000, "it does not come to be so");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
