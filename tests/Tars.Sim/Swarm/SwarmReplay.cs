using Tars.Base;
using Tars.Kernel;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>The journal of a run: written, torn, read back, and run again to the same hashes.</summary>
internal static class SwarmReplay
{
    private const int CutsCount = 6;

    /// <summary>Null, or what differs.</summary>
    public static string? Check(
        SwarmPlan plan, Planted planted, IReadOnlyList<JournalRecord.Happened> records, JournalPoint end)
    {
        var octets = new ByteWriter(1 << 16);
        var ends = Write(records, octets);
        return CheckTorn(plan, planted, octets.Written, ends) ?? CheckSame(plan, planted, octets.Written, records, end);
    }

    // Where each frame ends.
    private static List<int> Write(IReadOnlyList<JournalRecord.Happened> records, ByteWriter octets)
    {
        using var frames = new JournalFrames();
        var record = new ByteWriter();
        var ends = new List<int>();
        foreach (var happened in records)
        {
            record.Clear();
            JournalCodec.Write(record, happened);
            frames.Append(octets, record.Written);
            ends.Add(octets.Length);
        }

        return ends;
    }

    // Cut anywhere, a journal holds the frames that are whole, and says that the last is torn.
    private static string? CheckTorn(SwarmPlan plan, Planted planted, ReadOnlySpan<byte> octets, List<int> ends)
    {
        var random = new Xoshiro256(plan.Seed ^ 0x544F_524E);
        for (int cuts = 0; cuts < CutsCount; cuts++)
        {
            // Mostly in what the last frames hold behind their records.
            int at = random.Next(ends.Count);
            int cut = Math.Max(0, ends[at] - (random.Next(4) == 0 ? 0 : 1 + random.Next(40)));
            int whole = ends.Count(end => end <= cut);
            var read = Read(octets[..cut], planted, out var last);
            bool isEnd = ends.Contains(cut) || cut == 0;
            if (read.Count != whole || (last != (isEnd ? FrameKind.End : FrameKind.Torn)))
            {
                return $"a journal cut at {cut} gives {read.Count} events and ends as {last}; {whole} are whole";
            }
        }

        return null;
    }

    private static List<JournalRecord?> Read(ReadOnlySpan<byte> octets, Planted planted, out FrameKind last)
    {
        using var frames = new JournalFrames { AcceptsTornTail = planted == Planted.TornTailAccepted };
        var records = new List<JournalRecord?>();
        while (true)
        {
            var frame = frames.Read(octets, atEnd: true);
            last = frame.Kind;
            if (frame.Kind != FrameKind.Whole)
            {
                return records;
            }

            records.Add(JournalCodec.Read(octets[frame.Record]));
            octets = octets[frame.Size..];
        }
    }

    private static string? CheckSame(
        SwarmPlan plan,
        Planted planted,
        ReadOnlySpan<byte> octets,
        IReadOnlyList<JournalRecord.Happened> records,
        JournalPoint end)
    {
        var read = Read(octets, Planted.None, out _);
        var later = new List<(ProcessId Process, GuestResult Result)>();
        ModuleImage Image(int version) => SwarmModules.Of(
            plan,
            version,
            (manifest, code) => new GlassCode(code, manifest, plan.IsRunning ? later : null, (_, _, _, _) => { }));

        var effects = new EffectTrace(new DeafOutside());
        var system = ((LinkResult.Linked)SystemImage.Link([Image(version: 0)])).System;
        var kernel = new Kernel.Kernel(system, effects, planted)
        {
            Faults = plan.Faults,
            Policy = new PolicyChoice(plan.Policy),
        };
        for (int at = 0; at < records.Count; at++)
        {
            if (at == read.Count || read[at] is not JournalRecord.Happened { Event: var happened } record)
            {
                return $"event {at} of the journal cannot be read";
            }

            var now = new JournalDigests(kernel.Trace, effects.Digest);
            if (record.Before != now || records[at].Before != now)
            {
                return $"a replay is another run before event {at}";
            }

            if (happened is KernelEvent.GuestDone done)
            {
                later.RemoveAt(later.FindIndex(one => one.Process == done.Process));
            }

            if (happened is KernelEvent.Swap swap)
            {
                happened = swap with { Image = Image((int)swap.Hash.A - 1) };
            }

            kernel.Step(happened);
        }

        bool isSame = end.Digests == new JournalDigests(kernel.Trace, effects.Digest)
            && end.State == kernel.StateDigest().Value && end.Transactions == kernel.Transactions;
        kernel.LetGoOfGuests();
        return isSame ? null : "a replay comes to another end";
    }
}
