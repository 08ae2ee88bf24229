using Tars.Base;
using Tars.Bundle.Container;
using Tars.Evolution.Trials;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Host.Journal.Durable;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>
/// A segment whose head is whole and of no use here is refused with the reason, and left as it is: it may be another
/// version's. One whose head is not whole was being made, and the one before it is gone on from.
/// </summary>
public sealed class JournalHeadTests
{
    private const string Second = "0000000002.tarslog";

    private static readonly ReadOnlyMemory<byte> _bundle = CompiledProcess.Compile("""
        tars: 1
        module: quiet
        version: 1.0.0
        summary: Waits.
        capabilities:
          devices: { input: lines }
        handlers:
          device input as line:
            do: |
              let content = line else { return }
        """).Bytes;

    private static JournalHeader Header => new([HashOf(_bundle)], [], []) { Imported = [false] };

    private static KernelEvent Boot => new KernelEvent.Boot(new Moment(1, 1), Seed: 1);

    [Fact]
    public void A_head_without_its_beginning_is_refused()
    {
        Check("it does not begin as a journal does", new JournalRecord.Mark(0, 0));
    }

    [Fact]
    public void A_head_with_another_module_than_it_names_is_refused()
    {
        const string Why = "it holds a module that this version does not read";
        Check(Why, new JournalRecord.Begin(Header), new JournalRecord.Module(new byte[40]));
        Check(Why, new JournalRecord.Begin(Header), new JournalRecord.Mark(0, 0));
        byte[] other = [.. _bundle.Span];
        Check(
            Why,
            new JournalRecord.Begin(Header with { Modules = [default] }),
            new JournalRecord.Module(other));
    }

    [Fact]
    public void A_head_without_a_checkpoint_is_refused()
    {
        Check(
            "its checkpoint is missing",
            new JournalRecord.Begin(Header),
            new JournalRecord.Module(_bundle),
            new JournalRecord.Happened(Boot, default));
    }

    [Fact]
    public void A_version_that_may_come_back_and_is_none_is_refused()
    {
        Check(
            "it holds a module that this version does not read",
            new JournalRecord.Begin(Header),
            new JournalRecord.Module(_bundle),
            new JournalRecord.Module(new byte[40]));
    }

    [Fact]
    public void A_head_that_is_not_whole_was_being_made()
    {
        var begun = new JournalRecord.Begin(Header with { Imported = [] });
        byte[] first = Segment([begun, new JournalRecord.Module(_bundle)]);
        byte[] second = Segment([new JournalRecord.Begin(Header), new JournalRecord.Module(_bundle)]);
        for (int size = 0; size < second.Length; size += 61)
        {
            var disk = new CutDisk(Files(("0000000001.tarslog", first), (Second, second[..size])));
            var reasons = new List<string>();
            Assert.Equal(1, JournalFolder.Open(disk, reasons)?.Number);
            Assert.Empty(reasons);
        }
    }

    // The system keeps what a killed process wrote, and loses it with the power.
    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void What_a_killed_run_had_not_synced_is_on_the_disk_before_the_next_run_goes_on(int synced)
    {
        const string First = "0000000001.tarslog";
        byte[] written = Segment(
        [
            new JournalRecord.Begin(Header with { Imported = [] }),
            new JournalRecord.Module(_bundle),
            new JournalRecord.Happened(Boot, default),
        ]);
        var disk = new CutDisk(Files((First, written)))
        {
            SyncedSizes = new Dictionary<string, CutDisk.Synced>
            {
                [First] = new(synced, HasName: false),
            },
        };
        var (file, frames, _) = JournalFolder.Open(disk, [])!.Continue();
        frames.Dispose();
        file.Dispose();
        var left = disk.After(disk.Calls, CutDisk.Cut.Lost, new Xoshiro256(1));
        Assert.Equal(written, Assert.Contains(First, left));
    }

    [Fact]
    public void A_torn_head_without_a_whole_segment_right_before_it_has_lost_the_run_and_is_left_as_it_is()
    {
        const string Third = "0000000003.tarslog";
        const string Missing = "its head is torn, and the segment before it is missing";
        byte[] first = Segment(
            [new JournalRecord.Begin(Header with { Imported = [] }), new JournalRecord.Module(_bundle)]);
        byte[] whole = Segment([new JournalRecord.Begin(Header), new JournalRecord.Module(_bundle)]);
        foreach (byte[] torn in new[] { [], whole[..5], whole[..^1], whole })
        {
            CheckLost($"{Third}: {Missing}", (Third, torn));
            CheckLost($"{Third}: {Missing}", ("0000000001.tarslog", first), (Third, torn));
            CheckLost($"{Second}: {Missing}", (Second, torn), ("lock", []));
            CheckLost(
                $"{Second}: its head is torn, and a segment behind it was begun",
                ("0000000001.tarslog", first),
                (Second, torn),
                (Third, torn));
        }

        // The head of the first was being made when the run was lost: nothing had happened.
        var reasons = new List<string>();
        Assert.True(JournalFolder.Open(new CutDisk(Files(("0000000001.tarslog", first[..40]))), reasons)?.IsFresh);
        Assert.Empty(reasons);
    }

    [Fact]
    public void A_load_without_the_start_of_its_run_is_not_run_again()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Segment(
            [
                new JournalRecord.Begin(Header with { Imported = [] }),
                new JournalRecord.Module(_bundle),
                new JournalRecord.Happened(new KernelEvent.Turn(new Moment(1, 1)), default),
            ]));
            var refused = Assert.IsType<WhatIfOutcome.Refused>(
                WhatIf.Run(path, new WhatIfOptions(), CancellationToken.None));
            Assert.Equal(
                "it does not hold the start of a run, so there is no load to run again",
                Assert.Single(refused.Reasons));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_pipe_is_no_journal_and_keeps_nobody_waiting()
    {
        string pipe = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Assert.Equal(0, Tool.Run("mkfifo", [pipe]).Status);
        try
        {
            var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
            string[] no = ["it is no journal"];
            Assert.Equal(no, Assert.IsType<ReplayOutcome.Refused>(
                Replay.Run(pipe, new ReplayOptions(), streams, Stop)).Reasons);
            Assert.Equal(no, Assert.IsType<WhatIfOutcome.Refused>(
                WhatIf.Run(pipe, new WhatIfOptions(), Stop)).Reasons);
            Assert.Equal(no, Assert.IsType<TrialOutcome.Refused>(Trial.Run(pipe, [_bundle], Stop)).Reasons);
        }
        finally
        {
            File.Delete(pipe);
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static void Check(string why, params JournalRecord[] records)
    {
        byte[] octets = Segment(records);
        var disk = new CutDisk(Files((Second, octets)));
        var reasons = new List<string>();
        Assert.Null(JournalFolder.Open(disk, reasons));
        Assert.Equal($"{Second}: {why}", Assert.Single(reasons));
        Assert.Equal(octets, disk.Files[Second]);
    }

    private static void CheckLost(string why, params (string Name, byte[] Octets)[] files)
    {
        var disk = new CutDisk(Files(files));
        var reasons = new List<string>();
        Assert.Null(JournalFolder.Open(disk, reasons));
        Assert.Equal(why, Assert.Single(reasons));
        Assert.Equal(Files(files), disk.Files);
    }

    private static Dictionary<string, byte[]> Files(params (string Name, byte[] Octets)[] files) =>
        files.ToDictionary(one => one.Name, one => one.Octets);

    private static byte[] Segment(IReadOnlyList<JournalRecord> records)
    {
        using var frames = new JournalFrames();
        var output = new ByteWriter();
        output.Bytes(JournalFrames.Begin);
        var record = new ByteWriter();
        foreach (var one in records)
        {
            record.Clear();
            JournalCodec.Write(record, one);
            frames.Append(output, record.Written);
        }

        return output.ToArray();
    }

    private static BundleHash HashOf(ReadOnlyMemory<byte> bundle) =>
        Assert.IsType<BundleReading.Read>(BundleReader.Read(bundle)).Bundle.Hash;
}
