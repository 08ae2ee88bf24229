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

    /// <summary>Follows who waits for whom, and gathers it.</summary>
    Probe = 6,

    /// <summary>A wait closes a cycle, and is refused.</summary>
    RefuseWait = 7,

    /// <summary>An ask was refused after it was sent.</summary>
    Withdraw = 8,

    /// <summary>The largest serial of a wait that the shard knows of.</summary>
    Serial = 9,

    /// <summary>Numbers of processes and asks that have moved and are over.</summary>
    Over = 10,

    /// <summary>The octets of a blob that records behind it name, as far as the mail goes.</summary>
    Blob = 11,

    /// <summary>A narrowed capability that records behind it name.</summary>
    Capability = 12,

    /// <summary>A narrowed capability has ended, and all below it.</summary>
    Revoked = 13,

    /// <summary>A use of a narrowed capability, for the shard where it lives.</summary>
    Use = 14,

    /// <summary>A use is allowed: the device is asked or told.</summary>
    Allowed = 15,
}
