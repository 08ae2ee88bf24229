using Tars.Kernel.Blobs;
using Tars.Kernel.Ports;
using Tars.Kernel.Timers;

namespace Tars.Kernel.Ipc;

/// <summary>One entry of a mailbox; its payload lies in the mailbox's own buffer.</summary>
/// <remarks>
/// References to processes in a payload are the kernel's ids; they become slots when it is delivered.
/// </remarks>
internal struct Mail
{
    public MailKind Kind;

    /// <summary>Index into the handlers of the receiving agent.</summary>
    public int Handler;

    /// <summary>Zero for the outside.</summary>
    public ProcessId Sender;

    /// <summary>The number of the ask that waits for the answer; zero when nobody does.</summary>
    public long Ask;

    public int PayloadSize;

    /// <summary>For refusals: how many of the same.</summary>
    public int Turns;

    /// <summary>What `now()` answers: fixed when the mail came in.</summary>
    public long Instant;

    /// <summary>The monotonic clock when it came in.</summary>
    public long Arrived;

    /// <summary>For a tick: its timer.</summary>
    public TimerEntry? Timer;

    /// <summary>For lines: the batch that they lie in.</summary>
    public LineBatch? Lines;

    /// <summary>For lines: the next one to deliver.</summary>
    public int NextLine;

    /// <summary>The blobs that the payload names, or null. The mailbox holds them while the entry is in it.</summary>
    public BlobHold? Blobs;

    /// <summary>In an outbox: where it is going.</summary>
    public ProcessId Target;
}

/// <summary>What stands in a mailbox.</summary>
internal enum MailKind
{
    /// <summary>A message, ask, device event or the like: one event.</summary>
    Message,

    /// <summary>A turn of a timer.</summary>
    Tick,

    /// <summary>A batch of lines: one event each.</summary>
    Lines,

    /// <summary>In an outbox: a record for another shard. Without a target the handler is the index of a module.
    /// </summary>
    Elsewhere,

    /// <summary>A tick that was cancelled; nobody will see it.</summary>
    Withdrawn,
}
