using Tars.Bundle.Container;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal.Durable;

/// <summary>Does again what the records of a journal say, and holds against them what comes of it.</summary>
internal sealed class RecordRepeat(
    Kernel.Kernel kernel,
    EffectTrace effects,
    EffectHold hold,
    EventAdmission admission,
    Func<ReadOnlyMemory<byte>, ModuleImage?> load,
    JournalFolder folder)
{
    private readonly Dictionary<BundleHash, ReadOnlyMemory<byte>> _swapped = [];

    // A look at what is swapped elsewhere comes before it is.
    private ModuleImage? _elsewhere;

    /// <returns>Null, or why the records cannot be done again.</returns>
    public string? Run(List<JournalRecord> records)
    {
        for (int index = 0; index < records.Count; index++)
        {
            string? why = records[index] switch
            {
                JournalRecord.Happened happened => Step(happened, records.ElementAtOrDefault(index + 1)),
                JournalRecord.Module { Bundle: var bundle } => Take(bundle),
                JournalRecord.Aborted or JournalRecord.Mark or JournalRecord.Place => null,
                _ => "a record stands where it does not belong",
            };
            if (why is not null)
            {
                return why;
            }
        }

        return null;
    }

    private string? Step(JournalRecord.Happened record, JournalRecord? next)
    {
        if (record.Before != new JournalDigests(kernel.Trace, effects.Digest))
        {
            return $"event {folder.Events} does something else than it did: another program wrote the journal. Let "
                + "that one leave the run once more, by an interrupt: it writes a checkpoint that any can go on from";
        }

        var happened = record.Event switch
        {
            KernelEvent.Swap swap when _swapped.TryGetValue(swap.Hash, out var bundle) =>
                swap with { Image = load(bundle) },
            KernelEvent.SwapElsewhere swap when _swapped.TryGetValue(swap.Hash, out var bundle) =>
                swap with { Image = _elsewhere = _elsewhere?.Hash == swap.Hash ? _elsewhere : load(bundle) },
            var other => other,
        };

        if (admission.WhyNot(happened) is { } reason)
        {
            return $"event {folder.Events + 1} cannot be done again: {reason}";
        }

        folder.Count();
        hold.Event = folder.Events;
        long common = kernel.ShardView?.Common ?? 0;
        kernel.Step(next is JournalRecord.Aborted { Calls: var calls } ? happened with { Aborted = calls } : happened);
        admission.System = kernel.System;
        folder.LastCommon = common < (kernel.ShardView?.Common ?? 0) ? happened : folder.LastCommon;
        return null;
    }

    private string? Take(ReadOnlyMemory<byte> octets)
    {
        if (BundleReader.Read(octets) is BundleReading.Read { Bundle.Hash: var hash })
        {
            _swapped[hash] = octets;
            folder.Bundles[hash] = octets;
        }

        return null;
    }
}
