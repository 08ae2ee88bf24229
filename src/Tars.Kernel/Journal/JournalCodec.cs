using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>The octets of journal records; docs/journal.md lists them. Reading believes nothing and never
/// throws.</summary>
public static class JournalCodec
{
    /// <summary>The version of the format; a reader refuses every other but <see cref="VersionNumbered"/>.</summary>
    public const ushort Version = 4;

    /// <summary>The version of a journal that also names the numbers of devices.</summary>
    public const ushort VersionNumbered = 5;

    private const byte PlaceIsOver = 1;
    private const byte PlaceHasSum = 2;

    private enum RecordTag : byte
    {
        Begin = 1,
        Module = 2,
        Happened = 3,
        Aborted = 4,
        Point = 5,
        End = 6,
        Checkpoint = 7,
        Place = 8,
        Mark = 9,
    }

    public static void Write(ByteWriter output, JournalRecord record)
    {
        switch (record)
        {
            case JournalRecord.Begin begin:
                output.U8((byte)RecordTag.Begin);
                Write(output, begin.Header);
                break;
            case JournalRecord.Module module:
                output.U8((byte)RecordTag.Module);
                output.Bytes(module.Bundle.Span);
                break;
            case JournalRecord.Happened happened:
                WriteEvent(output, happened.Event, happened.Before);
                break;
            case JournalRecord.Aborted aborted:
                output.U8((byte)RecordTag.Aborted);
                Write(output, aborted.Calls);
                break;
            case JournalRecord.Point point:
                output.U8((byte)RecordTag.Point);
                Write(output, point.At);
                break;
            case JournalRecord.End end:
                output.U8((byte)RecordTag.End);
                Write(output, end.At);
                break;
            case JournalRecord.Checkpoint checkpoint:
                output.U8((byte)RecordTag.Checkpoint);
                Write(output, checkpoint);
                break;
            case JournalRecord.Place place:
                output.U8((byte)RecordTag.Place);
                Write(output, place.Input);
                break;
            case JournalRecord.Mark mark:
                output.U8((byte)RecordTag.Mark);
                output.I64(mark.Released);
                output.I64(mark.Synced);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>What Write does for <see cref="JournalRecord.Happened"/>, without making one.</summary>
    public static void WriteEvent(ByteWriter output, KernelEvent happened, JournalDigests before)
    {
        WriteHead(output, before);
        EventCodec.Write(output, happened);
    }

    /// <summary>As WriteEvent of a <see cref="KernelEvent.Turn"/>, without one.</summary>
    public static void WriteTurn(ByteWriter output, Moment at, JournalDigests before)
    {
        WriteHead(output, before);
        EventCodec.WriteTurn(output, at);
    }

    /// <summary>The record that the octets are, or null.</summary>
    public static JournalRecord? Read(ReadOnlySpan<byte> octets)
    {
        var input = new ByteReader(octets);
        JournalRecord? record = (RecordTag)input.U8() switch
        {
            RecordTag.Begin => ReadHeader(ref input) is { } header ? new JournalRecord.Begin(header) : null,
            RecordTag.Module => new JournalRecord.Module(input.Bytes(input.Remaining).ToArray()),
            RecordTag.Happened => ReadEvent(ref input),
            RecordTag.Aborted => new JournalRecord.Aborted(ReadAborted(ref input)),
            RecordTag.Point => new JournalRecord.Point(ReadPoint(ref input)),
            RecordTag.End => new JournalRecord.End(ReadPoint(ref input)),
            RecordTag.Checkpoint => ReadCheckpoint(ref input),
            RecordTag.Place => new JournalRecord.Place(ReadPlace(ref input)),
            RecordTag.Mark => ReadMark(ref input),
            _ => null, // A number from outside.
        };
        return input.Failed || !input.AtEnd ? null : record;
    }

    /// <summary>The version that a first record gives; null when it is none.</summary>
    public static ushort? VersionOf(ReadOnlySpan<byte> octets)
    {
        var input = new ByteReader(octets);
        bool begins = input.U8() == (byte)RecordTag.Begin;
        ushort version = input.U16();
        return begins && !input.Failed ? version : null;
    }

    /// <summary>Whether a journal of a version can be read.</summary>
    public static bool IsKnown(ushort version) => version is Version or VersionNumbered;

    private static void WriteHead(ByteWriter output, JournalDigests before)
    {
        output.U8((byte)RecordTag.Happened);
        output.U64(before.Trace);
        output.U64(before.Effects);
    }

    private static void Write(ByteWriter output, JournalHeader header)
    {
        output.U16(header.Numbered.IsEmpty ? Version : VersionNumbered);
        output.U32((uint)header.Modules.Length);
        foreach (var hash in header.Modules)
        {
            Write(output, hash);
        }

        Write(output, header.Params);
        Write(output, header.Inputs);

        output.U8((byte)header.Policy.Kind);
        output.U8(header.Policy.Module is null ? (byte)0 : (byte)1);
        if (header.Policy.Module is { } module)
        {
            Write(output, module);
        }

        Write(output, header.Narrowings);
        Write(output, header.StandIns);
        Write(output, header.Isolated);
        output.U32((uint)header.Imported.Length);
        foreach (bool isImported in header.Imported)
        {
            output.U8(isImported ? (byte)1 : (byte)0);
        }

        output.U32((uint)(header.Shard?.Count ?? 1));
        output.U32((uint)(header.Shard?.Number ?? 0));
        if (!header.Numbered.IsEmpty)
        {
            Write(output, header.Numbered);
        }
    }

    private static void Write(ByteWriter output, ImmutableArray<NumberedDevice> devices)
    {
        output.U32((uint)devices.Length);
        foreach (var one in devices)
        {
            output.Text(one.Module);
            output.Text(one.Name);
            output.Text(one.Kind);
            output.Text(one.Value);
        }
    }

    // Null where there is none: then its version would be another.
    private static ImmutableArray<NumberedDevice>? ReadNumbered(ref ByteReader input)
    {
        var devices = ImmutableArray.CreateBuilder<NumberedDevice>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            devices.Add(new NumberedDevice(input.Text(), input.Text(), input.Text(), input.Text()));
        }

        return devices.Count == 0 ? null : devices.DrainToImmutable();
    }

    private static void Write(ByteWriter output, BundleHash hash)
    {
        output.U64(hash.A);
        output.U64(hash.B);
        output.U64(hash.C);
        output.U64(hash.D);
    }

    private static void Write(ByteWriter output, ImmutableArray<Narrowing> narrowings)
    {
        output.U32((uint)narrowings.Length);
        foreach (var one in narrowings)
        {
            output.Text(one.Module);
            output.Text(one.Agent);
            output.U8((byte)one.Kind);
            output.Text(one.Name);
            Write(output, one.Only);
        }
    }

    // Null for a kind that there is not.
    private static ImmutableArray<Narrowing>? ReadNarrowings(ref ByteReader input)
    {
        var narrowings = ImmutableArray.CreateBuilder<Narrowing>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            string module = input.Text();
            string agent = input.Text();
            var kind = (NarrowingKind)input.U8();
            string name = input.Text();
            var only = ReadNames(ref input);

            if (!Enum.IsDefined(kind))
            {
                return null;
            }

            narrowings.Add(new Narrowing(module, agent, kind, name, only));
        }

        return narrowings.DrainToImmutable();
    }

    private static void Write(ByteWriter output, ImmutableArray<string> names)
    {
        output.U32((uint)names.Length);
        foreach (string name in names)
        {
            output.Text(name);
        }
    }

    private static ImmutableArray<string> ReadNames(ref ByteReader input)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            names.Add(input.Text());
        }

        return names.DrainToImmutable();
    }

    private static void Write(ByteWriter output, ImmutableArray<KeyValuePair<string, string>> pairs)
    {
        output.U32((uint)pairs.Length);
        foreach (var (name, value) in pairs)
        {
            output.Text(name);
            output.Text(value);
        }
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadPairs(ref ByteReader input)
    {
        var pairs = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            pairs.Add(KeyValuePair.Create(input.Text(), input.Text()));
        }

        return pairs.DrainToImmutable();
    }

    private static JournalHeader? ReadHeader(ref ByteReader input)
    {
        ushort version = input.U16();
        if (!IsKnown(version))
        {
            return null;
        }

        var modules = ImmutableArray.CreateBuilder<BundleHash>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            modules.Add(ReadHash(ref input));
        }

        var settings = ReadPairs(ref input);
        var inputs = ReadNames(ref input);
        var policy = ReadPolicy(ref input);
        if (ReadNarrowings(ref input) is not { } narrowings)
        {
            return null;
        }

        var standIns = ReadPairs(ref input);
        var isolated = ReadNames(ref input);
        var imported = ImmutableArray.CreateBuilder<bool>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            imported.Add(ReadFlag(ref input));
        }

        uint shards = input.U32();
        uint shard = input.U32();
        if (shards <= shard || ShardPlan.CountMax < shards)
        {
            return null;
        }

        ImmutableArray<NumberedDevice> none = [];
        if ((version == VersionNumbered ? ReadNumbered(ref input) : none) is not { } numbered)
        {
            return null;
        }

        return new JournalHeader(modules.DrainToImmutable(), settings, inputs)
        {
            Policy = policy,
            Narrowings = narrowings,
            StandIns = standIns,
            Isolated = isolated,
            Imported = imported.DrainToImmutable(),
            Shard = shards == 1 ? null : new JournalShard((int)shard, (int)shards),
            Numbered = numbered,
        };
    }

    private static JournalPolicy ReadPolicy(ref ByteReader input)
    {
        var kind = (PolicyKind)input.U8();
        byte module = input.U8();
        if (!Enum.IsDefined(kind) || 1 < module)
        {
            input.Fail();
        }

        return new JournalPolicy(kind, module == 0 ? null : ReadHash(ref input));
    }

    private static BundleHash ReadHash(ref ByteReader input) =>
        new(input.U64(), input.U64(), input.U64(), input.U64());

    private static JournalRecord.Happened? ReadEvent(ref ByteReader input)
    {
        var before = new JournalDigests(input.U64(), input.U64());
        return EventCodec.Read(ref input) is { } happened ? new JournalRecord.Happened(happened, before) : null;
    }

    private static void Write(ByteWriter output, ImmutableArray<AbortedCall> calls)
    {
        output.U32((uint)calls.Length);
        foreach (var call in calls)
        {
            output.I64(call.Call);
            output.U32((uint)call.Committed);
            output.I64(call.FuelUsed);
            output.U32(call.Site);
            output.U8((byte)call.End);
        }
    }

    private static ImmutableArray<AbortedCall> ReadAborted(ref ByteReader input)
    {
        var calls = ImmutableArray.CreateBuilder<AbortedCall>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var call = new AbortedCall(
                input.I64(), (int)input.U32(), input.I64(), input.U32(), (AbortEnd)input.U8());
            if (call.Committed < 0 || call.FuelUsed < 0 || !Enum.IsDefined(call.End))
            {
                input.Fail();
            }

            calls.Add(call);
        }

        return calls.DrainToImmutable();
    }

    private static void Write(ByteWriter output, JournalRecord.Checkpoint checkpoint)
    {
        Write(output, checkpoint.At);
        output.U32((uint)checkpoint.Inputs.Length);
        foreach (var input in checkpoint.Inputs)
        {
            Write(output, input);
        }

        output.U32((uint)checkpoint.Mail.Length);
        foreach (var mail in checkpoint.Mail)
        {
            output.U32((uint)mail.Shard);
            output.I64(mail.Sequence);
            output.U32((uint)mail.Records.Length);
            output.Bytes(mail.Records.Span);
        }

        output.Bytes(checkpoint.Kernel.Span);
    }

    private static JournalRecord.Checkpoint ReadCheckpoint(ref ByteReader input)
    {
        var at = ReadPoint(ref input);
        var inputs = ImmutableArray.CreateBuilder<InputPlace>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            inputs.Add(ReadPlace(ref input));
        }

        var mail = ReadMail(ref input);
        return new JournalRecord.Checkpoint(
            at, inputs.DrainToImmutable(), input.Bytes(input.Remaining).ToArray()) { Mail = mail };
    }

    private static ImmutableArray<KeptMail> ReadMail(ref ByteReader input)
    {
        var mail = ImmutableArray.CreateBuilder<KeptMail>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            uint shard = input.U32();
            long sequence = input.I64();
            mail.Add(new KeptMail((int)shard, sequence, input.Bytes(input.U32()).ToArray()));
            if (ShardPlan.CountMax <= shard || sequence < 1)
            {
                input.Fail();
            }
        }

        return mail.DrainToImmutable();
    }

    private static void Write(ByteWriter output, InputPlace place)
    {
        output.Text(place.Name);
        output.I64(place.Octets);
        output.U8((byte)((place.IsOver ? PlaceIsOver : 0) | (place.Sum is null ? 0 : PlaceHasSum)));
        if (place.Sum is { } sum)
        {
            output.U64(sum);
        }
    }

    private static InputPlace ReadPlace(ref ByteReader input)
    {
        var (name, octets, flags) = (input.Text(), input.I64(), input.U8());
        if (octets < 0 || (PlaceIsOver | PlaceHasSum) < flags)
        {
            input.Fail();
        }

        return new InputPlace(name, octets, (flags & PlaceIsOver) != 0)
        {
            Sum = (flags & PlaceHasSum) == 0 ? null : input.U64(),
        };
    }

    private static JournalRecord.Mark ReadMark(ref ByteReader input)
    {
        var mark = new JournalRecord.Mark(input.I64(), input.I64());
        if (mark.Released < 0 || mark.Synced < 0)
        {
            input.Fail();
        }

        return mark;
    }

    internal static bool ReadFlag(ref ByteReader input)
    {
        byte flag = input.U8();
        if (1 < flag)
        {
            input.Fail();
        }

        return flag == 1;
    }

    private static void Write(ByteWriter output, JournalPoint point)
    {
        output.I64(point.Events);
        output.I64(point.Transactions);
        output.U64(point.Digests.Trace);
        output.U64(point.Digests.Effects);
        output.U64(point.State);
    }

    private static JournalPoint ReadPoint(ref ByteReader input) => new(
        input.I64(), input.I64(), new JournalDigests(input.U64(), input.U64()), input.U64());
}
