using Tars.Bundle.Interfaces;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Caps;

/// <summary>A capability for a device that was narrowed from another: where it comes from and what it leaves.</summary>
/// <remarks>
/// Of several shards, each that was told of one has the same: who made it says where it lives, and what counts is how
/// often it may be used there.
///
/// Invariants:
///   I1  Once revoked it stays so, and so is all that was derived from it.
///   I2  It allows what its own bounds and those of all above it allow, and nothing else.
/// </remarks>
internal sealed class Derivation(
    long id, Derivation? parent, DeviceId device, string kind, ProcessId by, Bound[] bounds)
{
    /// <summary>What stands in a value while no process holds it; none has had it before.</summary>
    public long Id { get; } = id;

    /// <summary>Null for what was narrowed from the grant itself.</summary>
    public Derivation? Parent { get; } = parent;

    public DeviceId Device { get; } = device;

    /// <summary>The name of the device's kind.</summary>
    public string Kind { get; } = kind;

    /// <summary>Who narrowed it and may revoke it.</summary>
    public ProcessId By { get; } = by;

    public Bound[] Bounds { get; } = bounds;

    /// <summary>How many there are above it.</summary>
    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    public List<Derivation> Children { get; } = [];

    public bool IsRevoked { get; set; }

    /// <summary>True when nothing but its number is known: it ended before a checkpoint or a move.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>The shards that know of it from this one, a bit for each.</summary>
    public ulong Told { get; set; }
}

/// <summary>One restriction with its value: a number for uses, sectors and yes or no, else a text.</summary>
/// <param name="Number">Of uses: what it was narrowed to, whatever is left of them.</param>
internal record struct Bound(RestrictionRule Rule, long Number, string Text)
{
    /// <summary>Uses that are left; on a shard where it does not live, no fewer than are.</summary>
    public long Left { get; set; } = Rule == RestrictionRule.Uses ? Number : 0;
}
