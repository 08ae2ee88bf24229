using System.Collections.Immutable;
using System.Text;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Tests.Kernel.Journal;

/// <summary>One record of every kind, and one event of every kind.</summary>
internal static class JournalSamples
{
    private static readonly Moment _at = new(1_000_000_000, 5);

    private static readonly JournalDigests _digests = new(0x0102030405060708, 0x1112131415161718);

    public static ImmutableArray<KernelEvent> Events { get; } =
    [
        new KernelEvent.Boot(_at, Seed: 7),
        new KernelEvent.Turn(_at),
        new KernelEvent.DeviceLines(_at, new DeviceId(1), Lines(LineForm.OptionalText, last: true, "one", "", "zwölf")),
        new KernelEvent.ChannelLines(_at, "a/b", Lines(LineForm.Text, last: false, "x")),
        new KernelEvent.DeviceInput(_at, new DeviceId(0), [1, 2, 3]),
        new KernelEvent.Message(_at, "go", [4]),
        new KernelEvent.SetParam(_at, "m", "p", [5, 6]),
        new KernelEvent.GuestDone(_at, new ProcessId(3), new GuestResult(9, Fault: null)),
        new KernelEvent.GuestDone(_at, new ProcessId(3), new GuestResult(9, new GuestFault(FaultKind.OutOfFuel, 2))),
        new KernelEvent.Stop(_at),
        new KernelEvent.Look(_at, new ProcessId(2)),
        new KernelEvent.Answer(_at, 4, new DeviceAnswer.Value([7])),
        new KernelEvent.Answer(_at, 4, new DeviceAnswer.Failed(AskFailure.Denied, "no")),
        new KernelEvent.Ask(_at, 1, "m", "agent", "name", [8]),
        new KernelEvent.Request(_at, 2, "m", [9]),
        new KernelEvent.Crash(_at, "m", "agent"),
        new KernelEvent.SetParam(_at, "m", "p", [5, 6]) { Until = 99 },
        new KernelEvent.Grant(_at, new ProcessId(0), "m", new Right(RightKind.Device, "out")),
        new KernelEvent.Revoke(_at, new ProcessId(4), "", new Right(RightKind.Publish, "a/+")),
        new KernelEvent.DeliverDead(_at, 3),
        new KernelEvent.DropDead(_at, 4),
        new KernelEvent.StopProcess(_at, new ProcessId(5)),
        new KernelEvent.FromShard(_at, Shard: 1, Sequence: 2, [5, 1]),
        new KernelEvent.Pause(_at, Stands: true),
        new KernelEvent.MoveOut(_at, Module: 3),
        new KernelEvent.MoveIn(_at, Module: 3, Shard: 1, [6, 2]),
        new KernelEvent.SwapHere(_at, Ticket: 4, ["mail waits"]),
        new KernelEvent.SwapElsewhere(
            _at, "m", new BundleHash(1, 2, 3, 4), IsDone: true, [new Newcomer(2, new ProcessId(7))]),
        new KernelEvent.Swap(_at, "m", new BundleHash(1, 2, 3, 4), new SwapTerms { Granted = ["a: publish b"] }),
    ];

    public static ImmutableArray<JournalRecord> Records { get; } =
    [
        new JournalRecord.Begin(new JournalHeader(
            [new BundleHash(1, 2, 3, 4)], [KeyValuePair.Create("m.p", "5")], ["input"])
        {
            Policy = new JournalPolicy(PolicyKind.Fair, new BundleHash(5, 6, 7, 8)),
            Narrowings = [new Narrowing("m", "a", NarrowingKind.Publish, "x/+", ["x/1", "x/2"])],
            Isolated = ["m"],
            Shard = new JournalShard(1, 3),
        }),
        new JournalRecord.Begin(new JournalHeader([new BundleHash(1, 2, 3, 4)], [], [])
        {
            Imported = [false],
            Numbered =
            [
                new NumberedDevice("m", "gone", "store", "text"), new NumberedDevice("m", "out", "console", ""),
            ],
        }),
        new JournalRecord.Module("bundle"u8.ToArray()),
        .. Events.Select(happened => new JournalRecord.Happened(happened, _digests)),
        new JournalRecord.Aborted([new AbortedCall(3, 1, 1_000, 17, AbortEnd.RolledBack)]),
        new JournalRecord.Point(new JournalPoint(64, 1_000, _digests, 0x2122232425262728)),
        new JournalRecord.End(new JournalPoint(70, 1_100, _digests, 0x2122232425262728)),
        new JournalRecord.Checkpoint(
            new JournalPoint(70, 1_100, _digests, 0x2122232425262728),
            [new InputPlace("input", 99, IsOver: true)],
            "kernel"u8.ToArray())
        {
            Mail = [new KeptMail(1, 9, "mail"u8.ToArray())],
        },
        new JournalRecord.Place(new InputPlace("input", 12, IsOver: false)),
        new JournalRecord.Place(new InputPlace("input", 12, IsOver: true) { Sum = 77 }),
        new JournalRecord.Mark(3, 77),
    ];

    public static byte[] Encode(JournalRecord record)
    {
        var output = new ByteWriter();
        JournalCodec.Write(output, record);
        return output.ToArray();
    }

    /// <summary>All records in their frames.</summary>
    public static byte[] Whole()
    {
        var output = new ByteWriter();
        output.Bytes(JournalFrames.Begin);
        using var frames = new JournalFrames();
        foreach (var record in Records)
        {
            frames.Append(output, Encode(record));
        }

        return output.ToArray();
    }

    private static LineBatch Lines(LineForm form, bool last, params string[] lines)
    {
        var batch = new LineBatch(64, form) { IsLast = last };
        int start = 0;
        foreach (string line in lines)
        {
            int size = Encoding.UTF8.GetBytes(line, batch.Buffer.AsSpan(start));
            batch.Add(start, size);
            start += size;
        }

        return batch;
    }
}
