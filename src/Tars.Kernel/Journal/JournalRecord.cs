using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

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
}
