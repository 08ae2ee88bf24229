namespace Tars.Kernel;

/// <summary>Mistakes that the simulator may put into a kernel, to see that its checkers find them.</summary>
/// <remarks>
/// Nobody but the simulator and the tests can plant one. Each is asked about where the kernel is off its fast path.
/// </remarks>
internal enum Planted
{
    None,

    /// <summary>A mailbox takes one message more than its agent says.</summary>
    MailboxBoundOffByOne,

    /// <summary>A timer that is set is forgotten when its module is swapped.</summary>
    TimerLostInSwap,

    /// <summary>What waits in a mailbox is turned round when its module is swapped.</summary>
    OrderLostInSwap,

    /// <summary>All processes of an agent draw from one seed.</summary>
    GeneratorShared,

    /// <summary>After a trap the guest's allocator keeps what the event did to it.</summary>
    AllocatorNotUndone,

    /// <summary>A frame at the end of a journal is believed though its hash does not fit.</summary>
    TornTailAccepted,

    /// <summary>A message that waited for room is put into the mailbox twice.</summary>
    MovedMessageTwice,

    /// <summary>A blocked sender is forgotten when its receiver has room again.</summary>
    BlockedSenderForgotten,

    /// <summary>An ask that is dropped from a full mailbox is not answered.</summary>
    DroppedAskUnanswered,

    /// <summary>One restart more than the supervision allows.</summary>
    RestartTooMany,

    /// <summary>Only the oldest child is stopped when its parent begins anew.</summary>
    ChildOutlivesParent,

    /// <summary>An `exit` is told twice.</summary>
    ExitTwice,

    /// <summary>A dead letter that was delivered again stays in the box.</summary>
    DeadLetterTwice,

    /// <summary>What was narrowed from what was narrowed from a capability outlives it.</summary>
    GrandchildrenNotRevoked,

    /// <summary>However long a process waits, its priority stays what it was.</summary>
    WaitingDoesNotAge,

    /// <summary>Who is ready when a module that decides is replaced is not told to who takes over.</summary>
    ReadyLostWithPolicy,

    /// <summary>What a durable agent sent leaves before the disk has its event. The journal's mistake.</summary>
    AcknowledgedBeforeSync,

    /// <summary>An event counts as left while the outside has put by what it made. The journal's mistake.</summary>
    LeftBeforeHandOn,

    /// <summary>What was kept and not acknowledged before a crash comes again. The journal's mistake.</summary>
    CommittedComesAgain,

    /// <summary>What waits in the mailbox of a process is lost when it moves to another shard.</summary>
    MailLostInMove,

    /// <summary>A cycle of which one waits for an answer and another for room is not found.</summary>
    WaitsLookedAtApart,

    /// <summary>What waits for another shard keeps its numbers when the module there is swapped.</summary>
    LinkMailKeptInSwap,

    /// <summary>A capability that lives on another shard is used where it is held, and nobody is asked.</summary>
    UsedWhereHeld,

    /// <summary>The shards that were told of a capability are not told of its end.</summary>
    EndNotTold,

    /// <summary>A version is tried from a moment on at which mail is under way. Of who tries it.</summary>
    TriedBeforeRest,

    /// <summary>What was narrowed from a device stays when the new version does not name it.</summary>
    RouteKeptInSwap,

    /// <summary>A message goes to another shard without its blobs.</summary>
    BlobNotBrought,

    /// <summary>Mail for another shard leaves before the disk has the event that sent it. The journal's mistake, as
    /// those below.</summary>
    MailLeavesBeforeSync,

    /// <summary>A shard says that it has mail before its disk has the event that took it.</summary>
    ReceiptBeforeSync,

    /// <summary>After a crash a shard sends again what its receiver has.</summary>
    KeptMailSentAgain,

    /// <summary>A shard forgets at a checkpoint what it has sent and its receiver may lose.</summary>
    UnkeptMailForgotten,

    /// <summary>After a crash a shard numbers its mail from one on.</summary>
    MailNumberedAnew,

    /// <summary>After a crash devices have the numbers that a start gives. Of who loads what a segment names.</summary>
    DevicesNumberedAnew,
}
