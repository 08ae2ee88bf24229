namespace Tars.Kernel.Journal;

/// <summary>Where a run stood between two events: what a replay must come to.</summary>
/// <param name="Events">Of the kernel, so far.</param>
/// <param name="Transactions">Events that processes have handled so far.</param>
/// <param name="Digests">Of what was done until here.</param>
/// <param name="State">Of all processes.</param>
public readonly record struct JournalPoint(long Events, long Transactions, JournalDigests Digests, ulong State);

/// <summary>What was done, as two numbers that differ as soon as two runs do.</summary>
/// <param name="Trace">Of the calls into guests: which process, how many events, what fuel, which fault.</param>
/// <param name="Effects">Of all that left the kernel.</param>
public readonly record struct JournalDigests(ulong Trace, ulong Effects);
