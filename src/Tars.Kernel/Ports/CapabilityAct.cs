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

/// <summary>What a <see cref="CapabilityAct"/> is.</summary>
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

    /// <summary>A use was not allowed.</summary>
    Refused,

    /// <summary>It has ended, and all that was narrowed from it.</summary>
    Ended,
}
