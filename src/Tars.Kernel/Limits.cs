namespace Tars.Kernel;

/// <summary>Every bound of the kernel. A test asserts how they relate.</summary>
internal static class Limits
{
    /// <summary>Bytes of events that enter a guest at once, unless one event alone is larger.</summary>
    public const int BatchBytesMax = 64 << 10;

    /// <summary>Batches that one Step runs; what is left waits for the next Step.</summary>
    public const int BatchesPerStepMax = 64;

    /// <summary>Bytes of a state or message that a swap converts; new fields of many records add up.</summary>
    public const int ConvertedBytesMax = 256 << 20;

    /// <summary>Bytes of one message, line or answer.</summary>
    public const int PayloadBytesMax = 16 << 20;

    /// <summary>Messages in a mailbox whose agent says nothing of it.</summary>
    public const int MailboxLengthDefault = 1_024;

    /// <summary>
    /// Octets that wait in a mailbox, or with a sender, before it counts as full; one message may exceed it.
    /// </summary>
    public const int MailboxBytesMax = 64 << 20;

    /// <summary>Messages that wait with a sender for receivers whose mailbox is full.</summary>
    public const int OutboxLengthMax = 4_096;

    /// <summary>Fuel of a transaction whose agent says nothing of it.</summary>
    public const long FuelDefault = 2_000_000_000;

    /// <summary>Fuel that an agent may ask for: minutes of work, after which a loop is one without end.</summary>
    public const long FuelMax = 100 * FuelDefault;

    /// <summary>Bytes of linear memory that an agent may ask for.</summary>
    public const long MemoryMax = 1L << 30;

    /// <summary>Bytes of linear memory of a process whose agent says nothing of it.</summary>
    public const long MemoryDefault = 64L << 20;

    public const int DepthSlotsMax = 1 << 18;

    public const int TableElementsMax = 1 << 16;

    /// <summary>Memory up to here is undone by copying it back whole, for guests that keep no undo log.</summary>
    public const int SnapshotBytesMax = 1 << 20;

    /// <summary>Channels of other types that are told of one channel.</summary>
    public const int ContradictionsToldMax = 16;

    /// <summary>What an undo log may hold beyond the size of the state region.</summary>
    public const int UndoSlackMax = 64 << 10;

    /// <summary>Dead letters that are kept; the oldest give way.</summary>
    public const int DeadLettersMax = 1_024;

    /// <summary>Octets of the event that a dead letter keeps.</summary>
    public const int DeadLetterBytesMax = 4_096;

    /// <summary>Octets of an event up to which its dead letter can be delivered again.</summary>
    public const int DeadLetterEventBytesMax = 256 << 10;

    /// <summary>Octets of all events that dead letters keep; the oldest give way.</summary>
    public const int DeadLettersBytesMax = 16 << 20;

    /// <summary>Octets of the guest's own words that a dead letter keeps.</summary>
    public const int TrapTextMax = 1_024;

    /// <summary>Events of one process that are kept in memory.</summary>
    public const int RecentEventsMax = 16;

    /// <summary>Octets of their payloads.</summary>
    public const int RecentOctetsMax = 1_024;

    /// <summary>Octets of a payload up to which it is kept there; of larger ones the size is.</summary>
    public const int RecentEventOctetsMax = 256;

    /// <summary>Octets of a state up to which the buffer that it went through is kept for the next one.</summary>
    public const int BufferKeptMax = 16 << 20;

    /// <summary>Channels whose receivers are remembered; beyond that all are worked out anew.</summary>
    public const int RoutesMax = 4_096;

    /// <summary>Places of one capability table.</summary>
    public const int CapPlacesMax = 1 << 16;

    /// <summary>Of the text of a bound so many characters are shown to a person.</summary>
    public const int BoundTextShownMax = 200;

    /// <summary>Of what a process holds that was narrowed so many are shown.</summary>
    public const int NarrowedShownMax = 256;

    /// <summary>Capabilities that one process has narrowed and that stand.</summary>
    public const int DerivationsMax = 4_096;

    /// <summary>Octets of one blob.</summary>
    public const int BlobBytesMax = 16 << 20;

    /// <summary>Octets of all blobs that one process holds by slots.</summary>
    public const long BlobBytesOfProcessMax = 256 << 20;

    /// <summary>Octets of all blobs of a system.</summary>
    public const long BlobBytesInAllMax = 1L << 30;

    /// <summary>Octets of the buffers of blobs that are gone, kept for others.</summary>
    public const long BlobBytesUnusedMax = 16 << 20;

    /// <summary>Octets of the smallest buffer that is kept; smaller ones cost little to make.</summary>
    public const int BlobBytesKeptMin = 64 << 10;

    /// <summary>Parts of blobs that one event is shown.</summary>
    public const int BlobWindowsMax = 64;

    /// <summary>Octets of them.</summary>
    public const long BlobWindowBytesMax = 32 << 20;

    /// <summary>Octets that an event is shown of a blob at least, where the blob has them.</summary>
    public const int BlobWindowBytesMin = 64 << 10;

    /// <summary>Blobs that a process with blobs in its state may take before its state is looked through.</summary>
    public const int BlobsUnsweptMax = 256;

    /// <summary>Octets of them.</summary>
    public const long BlobBytesUnsweptMax = 8 << 20;

    /// <summary>How often what was narrowed can be narrowed again.</summary>
    public const int DerivationDepthMax = 32;

    /// <summary>Octets of what a capability is narrowed to.</summary>
    public const int RestrictionBytesMax = 4_096;

    /// <summary>Entries of a mailbox beyond which no further `exit` is told.</summary>
    public const int ExitsWaitingMax = 1 << 16;

    /// <summary>Processes that keep their rings while they wait; others get theirs anew.</summary>
    public const int WarmProcessesMax = 16_384;

    /// <summary>Processes besides that keep them while they have only been born and nothing waits for them: so few that
    /// what is let go of is still near to the processor.</summary>
    public const int NewbornWarmProcessesMax = 8;

    /// <summary>Ended processes of which each is still known by itself.</summary>
    public const int EndedKeptMax = 1_024;

    /// <summary>Processes that are alive in one system.</summary>
    public const int ProcessesMax = 1 << 17;

    /// <summary>Processes of one agent that answer a request each; more requests are told to come later.</summary>
    public const int RequestsMax = 1_024;

    /// <summary>Octets of one request, head included.</summary>
    public const int RequestBytesMax = (1 << 20) + (64 << 10);

    /// <summary>How long a message that is drawn to be overtaken may wait, where faults name no delay.</summary>
    public const long OvertakenDelayMin = 1_000_000;

    /// <summary>Different refusals of one event that are told to its process.</summary>
    public const int RefusalsPerBatchMax = 64;

    /// <summary>
    /// Batches that a system may still run after it was told to stop, before waiting mail is dropped.
    /// </summary>
    public const int StopBatchesMax = 100_000;

    /// <summary>Senders whose traps are counted for one process.</summary>
    public const int SendersCountedMax = 1_024;

    /// <summary>Nanoseconds of waiting that count as one step of priority, where priorities age.</summary>
    public const long AgeingStep = 10_000_000;

    /// <summary>Nanoseconds after which an event of an agent is due that names no deadline.</summary>
    public const long DeadlineDefault = 1_000_000_000;

    /// <summary>Events of one turn, where a policy weighs one process against another.</summary>
    public const int TurnEventsMax = 64;

    /// <summary>Processes that a policy module is shown at a time: those that have been ready longest.</summary>
    public const int PolicyWindowMax = 64;

    /// <summary>Fuel of one answer of a policy module.</summary>
    public const long PolicyFuelMax = 10_000_000;

    /// <summary>Turns of a policy module's own process for one answer; it has mail only from itself.</summary>
    public const int PolicyTurnsMax = 4;

    /// <summary>Fuel that one choice of a policy module may give.</summary>
    public const long TurnFuelMax = 50_000_000;

    /// <summary>The process of a policy module has the id behind this one: below all others.</summary>
    public const long PolicyIdsFrom = -1_000_000;

    /// <summary>Nanoseconds that a swap has to find all quiet again, when another shard came between.</summary>
    public const long SwapAgainNanoseconds = 1_000_000_000;

    /// <summary>Nanoseconds after which a policy module is found to starve somebody, or not to answer.</summary>
    public const long WatchdogPeriod = 1_000_000_000;

    /// <summary>Messages of one process for other shards that no mailbox has taken or refused yet.</summary>
    public const int ShardCreditsMax = 256;

    /// <summary>Octets that one Step sends to other shards; what is more is refused to its sender.</summary>
    public const long ShardOutgoingBytesMax = 256 << 20;

    /// <summary>Octets from other shards that wait for room in one mailbox; what is more is refused.</summary>
    public const long ShardHeldBytesMax = 256 << 20;

    /// <summary>Octets of the blobs that go to another shard with a tree of modules, while all stand still.</summary>
    public const long MovedBlobBytesMax = 64 << 20;

    /// <summary>Processes and asks that live on another shard than the one that gave out their numbers.</summary>
    public const int MovedNumbersMax = 1 << 20;

    /// <summary>Shards that a probe comes by which follows who waits for whom.</summary>
    public const int ProbeHopsMax = 1_024;

    /// <summary>Processes that one such probe begins at.</summary>
    public const int ProbeRootsMax = 64;

    /// <summary>Processes that a probe gathers on its way.</summary>
    public const int ProbeProcessesMax = 1_024;

    /// <summary>What they wait for, all together.</summary>
    public const int ProbeWaitsMax = 8 * ProbeProcessesMax;

    /// <summary>Devices of a system, with those that versions of its modules had and have no more: each keeps its
    /// number.</summary>
    public const int DevicesMax = 1 << 16;

    /// <summary>Octets of one record of a journal: a bundle, or the lines of one event.</summary>
    public const int JournalRecordBytesMax = 257 << 20;
}
