namespace Tars.Kernel.Ports;

/// <summary>What became of a capability that was narrowed, where it became so.</summary>
/// <param name="Capability">Its number, which is unique in the run.</param>
/// <param name="Process">Who narrowed, got or used it, or ended it; the outside for nobody.</param>
/// <param name="Device">The device that it is for; null where that is not known any more: what a process holds of what
/// ended before a checkpoint, or before it came from another shard, is a number.</param>
public sealed record CapabilityAct(CapabilityActKind Kind, long Capability, ProcessId Process, DeviceId? Device)
{
    /// <summary>Of what was narrowed the number of what it was narrowed from; zero for the grant itself.</summary>
    public long Above { get; init; }

    /// <summary>Of what was lent the shard that was told of it.</summary>
    public int Shard { get; init; }

    /// <summary>What it was narrowed to, why it was refused, or why it has ended; empty where its maker says so.
    /// </summary>
    public string Detail { get; init; } = "";

    /// <summary>Of what has ended how many, with all that was narrowed from it.</summary>
    public int Count { get; init; } = 1;
}

/// <summary>What becomes of a capability.</summary>
/// <remarks>Of what was narrowed the kernel tells as a <see cref="CapabilityAct"/>. What a process begins with, where
/// it goes and what an operator does to its rights are effects of their own; whoever tells the story of capabilities
/// calls them by the same words.</remarks>
public enum CapabilityActKind
{
    /// <summary>A process made it of what it holds.</summary>
    Narrowed,

    /// <summary>Another shard was told of it.</summary>
    Lent,

    /// <summary>A process that was sent it holds it.</summary>
    Taken,

    /// <summary>A use was counted, of it and of all above it that live on the same shard.</summary>
    Used,

    /// <summary>A use was not allowed. What is refused for another reason is told as <see cref="IOutside.Audited"/>.
    /// </summary>
    Refused,

    /// <summary>It has ended, and all that was narrowed from it.</summary>
    Ended,

    /// <summary>A process is born, with its rights. Told as <see cref="IOutside.Started"/>.</summary>
    Begins,

    /// <summary>A process has come from another shard with what it holds. The same.</summary>
    Moves,

    /// <summary>An operator gave back what he had taken away. Told as <see cref="IOutside.Operated"/>.</summary>
    Granted,

    /// <summary>An operator took a right away. The same.</summary>
    Revoked,
}
