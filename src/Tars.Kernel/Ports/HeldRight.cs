namespace Tars.Kernel.Ports;

/// <summary>A right that a process has from its birth, or was narrowed and handed to it, and whether an operator has
/// taken it away.</summary>
/// <param name="Detail">Of a device its kind; else empty.</param>
public sealed record HeldRight(
    ProcessId Process, string Module, string Agent, Right Right, string Detail, bool IsRevoked)
{
    /// <summary>What it was narrowed to and by whom; null for what it has from birth.</summary>
    public NarrowedRight? Narrowed { get; init; }
}

/// <summary>How a right was narrowed.</summary>
/// <param name="Capability">Its number, which is unique in the run.</param>
/// <param name="Above">The number of what it was narrowed from; zero for the grant itself.</param>
/// <param name="Of">The module whose device it is for.</param>
/// <param name="By">The process that narrowed it and may revoke it.</param>
/// <param name="To">Its bounds, as `narrow` names them; empty where it has none.</param>
/// <param name="UsesLeft">Of a number of uses what is left; null without one, and where another shard counts.</param>
/// <param name="Shard">The shard that counts its uses, where whoever narrowed it lives; null for the only kernel.
/// </param>
public sealed record NarrowedRight(
    long Capability, long Above, string Of, ProcessId By, string To, long? UsesLeft, int? Shard)
{
    /// <summary>Of the last that is shown of a process: how many it holds besides.</summary>
    public int Hidden { get; init; }
}
