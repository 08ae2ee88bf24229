using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>How far an input was read; of a store, that it was changed.</summary>
/// <param name="Name">As the run was given it.</param>
/// <param name="Octets">Of its stream that are taken; of a store 1.</param>
/// <param name="IsOver">True when its end was taken too.</param>
public readonly record struct InputPlace(string Name, long Octets, bool IsOver)
{
    /// <summary>XXH64 of the octets before, of which the host says how many; null for what can be read once only.
    /// </summary>
    public ulong? Sum { get; init; }
}

/// <summary>Mail for another shard that its journal may not have yet.</summary>
/// <param name="Shard">Whose it is to be.</param>
/// <param name="Sequence">As <see cref="IOutside.ToShard"/> gave it.</param>
public readonly record struct KeptMail(int Shard, long Sequence, ReadOnlyMemory<byte> Records);

/// <summary>One record of a journal; docs/journal.md has the octets.</summary>
public abstract record JournalRecord
{
    private JournalRecord()
    {
    }

    /// <summary>The first record.</summary>
    public sealed record Begin(JournalHeader Header) : JournalRecord;

    /// <summary>A bundle that the header names.</summary>
    public sealed record Module(ReadOnlyMemory<byte> Bundle) : JournalRecord;

    /// <summary>An event, written before the kernel is stepped with it.</summary>
    /// <param name="Before">What the events before it did.</param>
    public sealed record Happened(KernelEvent Event, JournalDigests Before) : JournalRecord;

    /// <summary>Calls that the wall clock ended while the event before this record was handled.</summary>
    public sealed record Aborted(ImmutableArray<AbortedCall> Calls) : JournalRecord;

    /// <summary>The state of all processes was looked at.</summary>
    public sealed record Point(JournalPoint At) : JournalRecord;

    /// <summary>The last record of a journal that was closed.</summary>
    public sealed record End(JournalPoint At) : JournalRecord;

    /// <summary>What the kernel was; behind the bundles, where the events before are in another file.</summary>
    /// <param name="Inputs">How far each input had been read.</param>
    public sealed record Checkpoint(
        JournalPoint At,
        ImmutableArray<InputPlace> Inputs,
        ReadOnlyMemory<byte> Kernel) : JournalRecord
    {
        /// <summary>Mail that had left, and of which no other shard had said that it is kept there.</summary>
        public ImmutableArray<KeptMail> Mail { get; init; } = [];
    }

    /// <summary>How far an input had been read with the lines of the next event.</summary>
    public sealed record Place(InputPlace Input) : JournalRecord;

    /// <summary>What begins each group of records that was written, and synced, at once.</summary>
    /// <param name="Released">Events whose effects had left.</param>
    /// <param name="Synced">Octets of the file that had been synced.</param>
    public sealed record Mark(long Released, long Synced) : JournalRecord;
}
