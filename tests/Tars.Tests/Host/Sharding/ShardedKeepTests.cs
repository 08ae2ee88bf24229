using System.Text;
using Tars.Base;
using Tars.Host;
using Tars.Host.Sharding;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>A run on several shards that is kept goes on after a crash as one run, wherever the power was cut: nothing
/// that was shown is forgotten, and no mail between shards is lost or taken twice.</summary>
public sealed class ShardedKeepTests : IDisposable
{
    // One that does not come to its end by itself has lost something, or does not know what it has lost.
    private const long TimeMax = 20_000_000_000;

    private const int Lines = 12;
    private const int CutsMax = 40;
    private const int CutsOfMovesMax = 12; // All shards sync at each move, so each run takes long.

    private const string Reader = """
        tars: 1
        module: reader
        version: 1.0.0
        summary: Reads lines, and hears what became of them.
        types:
          Item: { number: int, size: int }
        capabilities:
          devices: { feed: lines, out: console }
          publish: { item: Item }
          subscribe: { done: Item }
        agentic:
          agents:
            reader:
              role: Reads.
              journal: durable
              state: { lines: int = 0, sizes: int = 0, heard: int = 0 }
              handlers:
                device feed as line:
                  do: |
                    let content = line else { return }
                    lines += 1
                    sizes += content.size()
                    publish("item", Item(number = lines, size = content.size()))
                message done as item:
                  do: |
                    heard += 1
                    tell out.print(line = "done {heard} {item.number} {item.size}")
        """;

    private const string Adder = """
        tars: 1
        module: adder
        version: 1.0.0
        summary: Adds up what another shard reads.
        types:
          Item: { number: int, size: int }
        capabilities:
          devices: { out: console }
          subscribe: { item: Item }
          publish: { done: Item }
        agentic:
          agents:
            adder:
              role: Adds up.
              mailbox: { length: 3, when_full: block }
              journal: durable
              state: { total: int = 0, luck: int = 0 }
              handlers:
                message item as item:
                  do: |
                    total += item.size
                    luck = (luck * 7 + random_int(0, 99)) % 1000
                    tell out.print(line = "sum {item.number} {total} luck {luck}")
                    publish("done", Item(number = item.number, size = total))
        """;

    private static readonly CutDisk.Cut[] _others = [CutDisk.Cut.Kept, CutDisk.Cut.Torn, CutDisk.Cut.Scattered];

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-skeep-").FullName;
    private readonly string _input;
    private readonly (string Sums, string Dones) _expected;

    public ShardedKeepTests()
    {
        _input = Path.Combine(_folder, "lines");
        File.WriteAllLines(_input, Enumerable.Range(1, Lines).Select(size => new string('x', size)));
        _expected = Parts(Run(new CutDisk(), out _));
        Assert.Contains("sum 12 78 ", _expected.Sums, StringComparison.Ordinal);
        Assert.Contains("done 12 12 78", _expected.Dones, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whenever_the_power_is_cut_all_shards_go_on_as_one_run(bool moves)
    {
        var disk = new CutDisk();
        using var acknowledged = new AckStream(disk);
        Run(disk, out string whole, acknowledged, moves);
        Assert.True(30 < disk.Calls, whole);
        int stride = 1 + (disk.Calls / (moves ? CutsOfMovesMax : CutsMax));
        for (int calls = 0; calls <= disk.Calls; calls += stride)
        {
            // What was not synced is lost at every call, and the other ways take turns.
            foreach (var cut in (CutDisk.Cut[])[CutDisk.Cut.Lost, _others[calls % _others.Length]])
            {
                var random = new Xoshiro256((ulong)((calls * 4) + (int)cut));
                var seen = Parts(acknowledged.Before(calls));
                var rest = Parts(Run(new CutDisk(disk.After(calls, cut, random)), out string log, moves: moves));
                string why = $"cut {cut} after call {calls} of {disk.Calls}: {log}";
                GoesOn(_expected.Sums, seen.Sums, rest.Sums, why);
                GoesOn(_expected.Dones, seen.Dones, rest.Dones, why);
            }
        }
    }

    [Fact]
    public void A_run_that_is_left_goes_on_and_says_nothing_twice_and_takes_a_changed_script()
    {
        string kept = Path.Combine(_folder, "kept");
        string first = RunIn(kept, Adder, shards: 2, out _);
        Assert.Equal(_expected, Parts(first));
        Assert.Equal("", RunIn(kept, Adder, shards: 2, out _));
        string changed = Adder.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal);
        Assert.Equal("", RunIn(kept, changed, shards: 2, out string log));
        Assert.Contains("swapped adder 1.0.0 -> 1.1.0", log, StringComparison.Ordinal);
        Assert.Equal("", RunIn(kept, changed, shards: 2, out log));
        Assert.DoesNotContain("swapped", log, StringComparison.Ordinal);
        Assert.Contains("say --shards 2", Refused(kept, shards: 3), StringComparison.Ordinal);
        Assert.Contains("say --shards N", Refused(kept, shards: 1), StringComparison.Ordinal);
        string one = Path.Combine(_folder, "one");
        RunIn(one, Adder, shards: 1, out _);
        Assert.Contains("leave --shards out", Refused(one, shards: 2), StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_that_no_journal_knows_has_no_bundle()
    {
        var bundle = CompiledProcess.Compile(Adder);
        using var journals = ShardJournals.Open(TestEngine.Here(), [bundle.Bytes], new RunOptions { Shards = 2 });
        Assert.Equal(bundle.Bytes, journals.BundleOf(bundle.Hash));
        Assert.Null(journals.BundleOf(default));
    }

    // Where the swap stands on the disk of its shard, and not on those of the others, they learn of it at the start.
    [Fact]
    public void Whenever_the_power_is_cut_while_a_script_is_swapped_all_shards_go_on()
    {
        var first = new CutDisk();
        Run(first, out _);
        string changed = Adder.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal);
        var disk = new CutDisk(first.Files);
        Run(disk, out string log, adder: changed);
        Assert.Contains("swapped adder 1.0.0 -> 1.1.0", log, StringComparison.Ordinal);
        int completed = 0;
        for (int calls = 0; calls <= disk.Calls; calls++)
        {
            var after = new CutDisk(disk.After(calls, CutDisk.Cut.Lost, new Xoshiro256((ulong)calls)));
            Assert.Equal("", Run(after, out string again, adder: changed));
            Assert.DoesNotMatch(@"\d{6,}\.\d ms", again); // What is done again took no time of this run.
            completed += again.Contains("swapped", StringComparison.Ordinal) ? 0 : 1;
        }

        Assert.InRange(completed, 1, disk.Calls);
    }

    [Fact]
    public void A_disk_that_fails_ends_the_run_and_nothing_leaves_that_is_not_kept()
    {
        var whole = new CutDisk();
        Run(whole, out _);
        for (int calls = 8; calls < whole.Calls; calls += 5)
        {
            var disk = new CutDisk { FailsFrom = calls };
            var seen = Parts(Run(disk, out string log));
            var rest = Parts(Run(new CutDisk(disk.Files), out string again));
            GoesOn(_expected.Sums, seen.Sums, rest.Sums, $"{calls}: {log}{again}");
            GoesOn(_expected.Dones, seen.Dones, rest.Dones, $"{calls}: {log}{again}");
        }
    }

    [Fact]
    public void Journals_that_are_not_of_one_run_are_refused()
    {
        var (disk, other) = (new CutDisk(), new CutDisk());
        Run(disk, out _);
        Outcome(other, Stream.Null, out _, moves: false, input: false);
        var files = disk.Files.Where(one => one.Key.StartsWith("shard-1", StringComparison.Ordinal))
            .Concat(other.Files.Where(one => one.Key.StartsWith("shard-0", StringComparison.Ordinal)))
            .ToDictionary(one => one.Key, one => one.Value);
        var outcome = Outcome(new CutDisk(files), Stream.Null, out _, moves: false);
        Assert.Contains(
            "is missing or is of another run",
            Assert.Single(Assert.IsType<RunOutcome.Refused>(outcome).Reasons),
            StringComparison.Ordinal);
    }

    // They need not have sent each other anything: all heads are on the disk before anything happens.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_journal_that_is_missing_or_torn_beside_others_that_hold_events_is_refused(int shard)
    {
        var disk = new CutDisk();
        Outcome(disk, Stream.Null, out _, moves: false, input: false);
        var torn = disk.Files.ToDictionary(one => one.Key, one => one.Value);
        foreach (string name in disk.Files.Keys
            .Where(one => one.StartsWith($"shard-{shard}-", StringComparison.Ordinal)))
        {
            torn.Remove(name);
        }

        for (int octets = -1; octets < 100; octets += 50)
        {
            string first = $"shard-{shard}-0000000001.tarslog";
            if (0 <= octets)
            {
                torn[first] = disk.Files[first][..octets];
            }

            var outcome = Outcome(new CutDisk(torn), Stream.Null, out _, moves: false, input: false);
            Assert.Contains(
                $"shard {shard}: its journal is missing, or its head is torn",
                Assert.Single(Assert.IsType<RunOutcome.Refused>(outcome).Reasons),
                StringComparison.Ordinal);
        }
    }

    // Nor does it show anything whose event may still be lost with the power.
    [Fact]
    public void A_start_that_is_refused_shows_nothing()
    {
        var disk = new CutDisk();
        Run(disk, out _);
        for (int calls = disk.Calls / 4; calls < disk.Calls; calls += 3)
        {
            using var printed = new MemoryStream();
            var killed = disk.After(calls, CutDisk.Cut.Kept, new Xoshiro256(1));
            var failing = new CutDisk(killed) { FailsFrom = calls % 5 };
            Assert.IsType<RunOutcome.Refused>(Outcome(failing, printed, out string log, moves: false));
            Assert.Equal(("", ""), (Encoding.UTF8.GetString(printed.ToArray()), log));
        }
    }

    private static void GoesOn(string expected, string seen, string rest, string why)
    {
        Assert.True(expected.StartsWith(seen, StringComparison.Ordinal), $"{why}\nseen: {seen}");
        Assert.True(expected.EndsWith(rest, StringComparison.Ordinal), $"{why}\nrest: {rest}");
        Assert.True(expected.Length <= seen.Length + rest.Length, $"{why}\nlost between {seen}\nand {rest}");
    }

    // What each shard printed, since their lines come in any order.
    private static (string Sums, string Dones) Parts(string output)
    {
        string Of(string word) => string.Concat(output.Split('\n')
            .Where(one => one.StartsWith(word, StringComparison.Ordinal)).Select(one => one + "\n"));
        return (Of("sum"), Of("done"));
    }

    private string Run(
        CutDisk disk, out string log, AckStream? acks = null, bool moves = false, string adder = Adder)
    {
        using var printed = new MemoryStream();
        var outcome = Outcome(disk, (Stream?)acks ?? printed, out log, moves, adder);
        Assert.True(
            outcome is RunOutcome.Ended, string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []) + log);
        return acks?.All ?? Encoding.UTF8.GetString(printed.ToArray());
    }

    private RunOutcome Outcome(
        CutDisk disk, Stream output, out string log, bool moves, string adder = Adder, bool input = true)
    {
        using var told = new StringWriter();
        var random = new Xoshiro256(11);
        var options = Options with
        {
            JournalDisk = disk,
            Inputs = input ? Options.Inputs : [],
            For = TimeMax,
            JournalSegmentOctets = 1 << 12,
            PlacementEvery = moves ? 1_000_000 : 1_000_000_000_000,
            Placement = plan => random.Next(2) is var module && plan.ShardOf(module) == 0 ? (module, 1) : (module, 0),
        };
        var streams = new RunStreams(Stream.Null, output, told);
        var outcome = SystemRun.Run(Bundles(adder), options, streams, TestContext.Current.CancellationToken);
        log = told.ToString();
        Assert.False(outcome is RunOutcome.Ended { Report.Elapsed: >= TimeMax }, $"it did not end by itself:\n{log}");
        return outcome;
    }

    private string RunIn(string folder, string adder, int shards, out string log)
    {
        using var output = new MemoryStream();
        using var told = new StringWriter();
        var outcome = SystemRun.Run(
            Bundles(adder),
            Options with { Journal = folder, Shards = shards, For = 20_000_000_000 },
            new RunStreams(Stream.Null, output, told),
            TestContext.Current.CancellationToken);
        log = told + string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []);
        Assert.True(outcome is RunOutcome.Ended, log);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private string Refused(string folder, int shards)
    {
        var outcome = SystemRun.Run(
            Bundles(Adder),
            Options with { Journal = folder, Shards = shards },
            new RunStreams(Stream.Null, Stream.Null, TextWriter.Null),
            TestContext.Current.CancellationToken);
        return Assert.IsType<RunOutcome.Refused>(outcome).Reasons[0];
    }

    private static readonly Lazy<ReadOnlyMemory<byte>> _reader = new(() => CompiledProcess.Compile(Reader).Bytes);

    private static ReadOnlyMemory<byte>[] Bundles(string adder) =>
        [_reader.Value, CompiledProcess.Compile(adder).Bytes];

    private RunOptions Options => new()
    {
        Inputs = [new InputSpec("feed", _input)],
        Seed = 3,
        Shards = 2,
    };
}
