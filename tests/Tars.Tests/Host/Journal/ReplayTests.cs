using System.Text;
using Tars.Base;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>A recording is replayed whatever became of its file, and nothing in it does harm.</summary>
public sealed class ReplayTests : IDisposable
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private const string Program = """
        tars: 1
        module: tally
        version: 1.0.0
        summary: Counts lines by their length and asks itself now and then.

        capabilities:
          devices: { input: lines, out: console }
          publish: { grown: int }
          subscribe: { grown: int }

        agentic:
          agents:
            reader:
              role: Reads.
              state:
                sizes: map<int, int> = []
              handlers:
                device input as line:
                  do: |
                    let content = line else { return }
                    let size = content.size()
                    if size == 13 { fail "thirteen" }
                    sizes[size] = (sizes.get(size) ?? 0) + 1
                    publish("grown", size)
                    tell out.print(line = content)
            counter:
              role: Counts.
              state:
                seen: int = 0
                total: int = 0
              handlers:
                message grown as size:
                  do: |
                    seen += 1
                    total += size
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-journal-").FullName;
    private readonly byte[] _log;

    public ReplayTests()
    {
        var lines = new StringBuilder();
        for (int number = 0; number < 300; number++)
        {
            lines.Append('x', Size(number)).Append('\n');
        }

        var (report, output) = Record(Write("lines", Encoding.UTF8.GetBytes(lines.ToString())), PathOf("log"));
        Assert.Null(report.RecordError);
        Assert.True(0 < report.Kernel.Traps);
        Assert.Equal(300 - (int)report.Kernel.Traps, output.Count(one => one == '\n'));
        _log = File.ReadAllBytes(PathOf("log"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_whole_recording_does_the_same_again()
    {
        var report = Replayed(_log, new ReplayOptions { Verify = true });
        Assert.Equal((JournalEnd.Closed, null, null), (report.End, report.Damage, report.Difference));
        Assert.InRange(report.Points, 1, report.Events);
    }

    [Fact]
    public void Any_transaction_can_be_stepped_back_to()
    {
        string before = "";
        bool hasChanged = true;
        for (long number = 140; 100 < number; number--)
        {
            var report = Replayed(_log, new ReplayOptions { Until = number, States = true });
            Assert.Equal((number, number), (report.Transactions, report.Last!.Number));
            string state = string.Join(' ', report.States.Select(one => one.Json ?? one.Reason));
            Assert.Equal(hasChanged, before != state);
            hasChanged = report.Last.Trap.Length == 0;
            before = state;
        }
    }

    [Fact]
    public void A_recording_that_was_cut_anywhere_is_replayed_up_to_there()
    {
        long before = 0;
        for (int size = 0; size < _log.Length; size += size < _log.Length - 2_000 ? 1_999 : 29)
        {
            switch (Replayed(_log[..size]))
            {
                case ReplayOutcome.Ended { Report: var report }:
                    Assert.Equal((null, null), (report.Damage, report.Difference));
                    Assert.NotEqual(JournalEnd.Closed, report.End);
                    Assert.True(before <= report.Events);
                    before = report.Events;
                    break;
                case ReplayOutcome.Refused refused:
                    Assert.Equal(0, before);
                    Assert.NotEmpty(refused.Reasons);
                    break;
            }
        }

        Assert.True(1 < before);
    }

    [Fact]
    public void A_changed_octet_is_named_by_its_record()
    {
        var random = new Xoshiro256(3);
        for (int round = 0; round < 40; round++)
        {
            byte[] changed = [.. _log];
            int at = round < 20 ? random.Next(changed.Length) : changed.Length - 1 - random.Next(3_000);
            changed[at] ^= (byte)(1 << random.Next(8));
            string told = Replayed(changed) switch
            {
                ReplayOutcome.Ended { Report.Damage: { } damage } => damage,
                ReplayOutcome.Refused { Reasons: [var reason] } => reason,
                _ => "",
            };
            Assert.True(told.Contains("is damaged", StringComparison.Ordinal) || at < 8, $"octet {at}: {told}");
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("more than a head")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    public void What_stands_behind_the_end_of_a_run_is_told(string octets)
    {
        var report = Replayed([.. _log, .. Encoding.UTF8.GetBytes(octets)], new ReplayOptions { Verify = true });
        Assert.Equal((null, "something stands behind its end"), (report.Difference, report.Damage));
    }

    [Fact]
    public void Whoever_writes_a_whole_recording_that_lies_is_found_out_or_believed_and_harms_nothing()
    {
        int different = 0;
        for (ulong seed = 1; seed <= 60; seed++)
        {
            var random = new Xoshiro256(seed);
            var options = new ReplayOptions { Verify = true, States = true };
            var outcome = Replay.Run(Write("copy", Forge(random)), options, Silent, Stop);
            different += outcome is ReplayOutcome.Ended { Report.Difference: not null } ? 1 : 0;
        }

        Assert.True(10 < different, $"{different} were found to be different");
    }

    [Fact]
    public void An_engine_that_does_something_else_is_found_at_its_first_transaction()
    {
        string path = Write("copy", _log);
        for (int size = 9; size < 20; size += 4)
        {
            // It takes a little more fuel whenever it handles a line of that size.
            var engine = new FaultyEngine(Compose.Engine("cil", Stop)!, size);
            var outcome = Replay.Run(path, new ReplayOptions(), engine, Compose.Engine("cil", Stop), Silent, Stop);
            var difference = Assert.IsType<ReplayOutcome.Ended>(outcome).Report.Difference;
            Assert.NotNull(difference);
            Assert.True(difference.FirstTransaction < difference.LastTransaction);
            Assert.NotNull(difference.Transaction);

            // With nobody to judge, it is one of the transactions of the event.
            var alone = Replay.Run(path, new ReplayOptions(), engine, judge: null, Silent, Stop);
            Assert.Null(Assert.IsType<ReplayOutcome.Ended>(alone).Report.Difference!.Transaction);

            Assert.Equal("device input", difference.Transaction.Handler);
            Assert.Equal(size == 13, difference.Transaction.Trap.Length != 0);
            string counted = $"\"{size}\":1";
            Assert.DoesNotContain(difference.Before, state => state.Json!.Contains(counted, StringComparison.Ordinal));
            Assert.Equal(
                size == 13 ? 0 : 1,
                difference.After.Count(state => state.Json!.Contains(counted, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_full_disk_ends_the_recording_and_not_the_run()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Skip("there is no /dev/full here");
        }

        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.Write, bufferSize: 0);
        using var writer = new JournalWriter(full);
        for (int number = 0; number < 1_000; number++)
        {
            writer.Begin().Bytes(new byte[1_000]);
            writer.End();
        }

        writer.Dispose();
        Assert.NotNull(writer.Error);
    }

    private static (RunReport Report, string Output) Record(string input, string log)
    {
        using var output = new MemoryStream();
        using var told = new StringWriter();
        var options = new RunOptions
        {
            Inputs = [new InputSpec("input", input)],
            VirtualTime = true,
            Record = log,
        };
        var bundle = CompiledProcess.Compile(Program).Bytes;
        var outcome = SystemRun.Run(
            [bundle], options, new RunStreams(Stream.Null, output, told), CancellationToken.None);
        return (Assert.IsType<RunOutcome.Ended>(outcome).Report, Encoding.UTF8.GetString(output.ToArray()));
    }

    private ReplayReport Replayed(byte[] log, ReplayOptions options) =>
        Assert.IsType<ReplayOutcome.Ended>(Replay.Run(Write("copy", log), options, Silent, Stop)).Report;

    private ReplayOutcome Replayed(byte[] log) => Replay.Run(Write("copy", log), new ReplayOptions(), Silent, Stop);

    private static int Size(int number) => (int)(((uint)number * 2_654_435_761) >> 20) % 20;

    private static RunStreams Silent => new(Stream.Null, Stream.Null, TextWriter.Null);

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string Write(string name, byte[] octets)
    {
        File.WriteAllBytes(PathOf(name), octets);
        return PathOf(name);
    }

    // The same records, some of them changed, in frames that hold.
    private byte[] Forge(Xoshiro256 random)
    {
        var output = new ByteWriter();
        output.Bytes(JournalFrames.Begin);
        using var read = new JournalFrames();
        using var written = new JournalFrames();
        for (int at = JournalFrames.Begin.Length; at < _log.Length;)
        {
            var frame = read.Read(_log.AsSpan(at), atEnd: true);
            byte[] record = _log.AsSpan(at)[frame.Record].ToArray();
            at += frame.Size;
            if (JournalCodec.Read(record) is JournalRecord.Happened && random.Next(3) == 0)
            {
                // Behind the digests, so that what it says of the run before may still hold.
                record[17 + random.Next(record.Length - 17)] = (byte)random.Next(256);
            }

            if (random.Next(20) != 0)
            {
                written.Append(output, record);
            }

            if (random.Next(20) == 0)
            {
                var calls = new AbortedCall(random.Next(30), random.Next(900), 5, 6, (AbortEnd)random.Next(3));
                written.Append(output, Kernel.Journal.JournalSamples.Encode(new JournalRecord.Aborted([calls])));
            }
        }

        return output.ToArray();
    }
}
