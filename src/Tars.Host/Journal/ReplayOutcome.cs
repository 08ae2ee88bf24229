using System.Collections.Immutable;

namespace Tars.Host.Journal;

/// <summary>What became of a replay.</summary>
public abstract record ReplayOutcome
{
    private ReplayOutcome()
    {
    }

    public sealed record Ended(ReplayReport Report) : ReplayOutcome;

    /// <summary>It could not begin.</summary>
    public sealed record Refused(ImmutableArray<string> Reasons) : ReplayOutcome;
}

/// <summary>What a replay found.</summary>
/// <param name="Events">Of the kernel, replayed.</param>
/// <param name="Transactions">Events that processes handled; like the others counted from the start of the run.</param>
/// <param name="Points">Places where the state was compared and was the same.</param>
/// <param name="End">How the journal ends; null when the replay stood still before.</param>
/// <param name="Damage">Why a record could not be used; null when all could.</param>
/// <param name="Difference">The first place where the replay did something else; null when there is none.</param>
/// <param name="Last">The newest transaction; null when there was none.</param>
/// <param name="States">Of all processes that live, when they were asked for.</param>
public sealed record ReplayReport(
    long Events,
    long Transactions,
    long Points,
    JournalEnd? End,
    string? Damage,
    ReplayDifference? Difference,
    TransactionView? Last,
    ImmutableArray<ProcessView> States)
{
    /// <summary>How many journals were replayed together, one for each shard.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Of the events, those before the checkpoint that the journal begins with: they were not replayed.
    /// </summary>
    public long EventsBefore { get; init; }

    /// <summary>The same of the transactions.</summary>
    public long TransactionsBefore { get; init; }
}

/// <summary>How a journal ends.</summary>
public enum JournalEnd
{
    /// <summary>With the end of its run.</summary>
    Closed,

    /// <summary>In the middle of its run, with a whole record.</summary>
    Open,

    /// <summary>In the middle of a record, which was left out.</summary>
    Torn,
}

/// <summary>The first place where a replay was not what had been recorded.</summary>
/// <param name="Event">The event that did something else, counted from one.</param>
/// <param name="EventText">What it was.</param>
/// <param name="What">What differs: calls, effects or state.</param>
/// <param name="FirstEvent">The first event that may have done it; earlier than the other when only the state
/// differs.</param>
/// <param name="FirstTransaction">The first of the transactions in question.</param>
/// <param name="LastTransaction">The last of them; less than the first when there was none.</param>
/// <param name="Transaction">The one that differs, where it could be found.</param>
/// <param name="Before">The processes that changed, as they were before.</param>
/// <param name="After">The same afterwards.</param>
public sealed record ReplayDifference(
    long Event,
    string EventText,
    string What,
    long FirstEvent,
    long FirstTransaction,
    long LastTransaction,
    TransactionView? Transaction,
    ImmutableArray<ProcessView> Before,
    ImmutableArray<ProcessView> After)
{
    /// <summary>The shard whose journal it is, by which events and transactions are counted; null for the only one.
    /// </summary>
    public int? Shard { get; init; }
}

/// <summary>A transaction, for a person.</summary>
/// <param name="Handler">As it stands in the source; `birth` for the birth of a process.</param>
/// <param name="File">Of the last statement that ran; empty when it is not known.</param>
/// <param name="Trap">Why it was rolled back; empty when it was committed.</param>
public sealed record TransactionView(
    long Number, long Process, string Agent, string Handler, string File, int Line, int Column, string Trap);

/// <summary>A process and its state, for a person.</summary>
/// <param name="Json">The state fields as one JSON object; null when they cannot be shown.</param>
/// <param name="Waits">The handler that waits for an answer; empty when none does.</param>
/// <param name="Reason">Why there is no JSON; else empty.</param>
public sealed record ProcessView(long Process, string Agent, string? Json, string Waits, string Reason);
