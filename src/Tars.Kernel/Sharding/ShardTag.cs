namespace Tars.Kernel.Sharding;

/// <summary>What one record of the mail between shards is.</summary>
internal enum ShardTag : byte
{
    /// <summary>A tell or an ask for a process.</summary>
    Message = 1,

    /// <summary>A message of a channel for the processes of one module.</summary>
    Publish = 2,

    /// <summary>The answer to an ask.</summary>
    Answer = 3,

    /// <summary>A message was not taken; its sender is told.</summary>
    Refused = 4,

    /// <summary>Messages of a sender stand in their mailboxes, or were refused: it may send as many more.</summary>
    Taken = 5,

    /// <summary>Follows who waits for whose answer, to where it began.</summary>
    AskProbe = 6,

    /// <summary>Follows who waits for whose mailbox, to where it began.</summary>
    RoomProbe = 7,
}
