using System.Collections.Immutable;

namespace Tars.Evolution.Gates;

/// <summary>What one gate said of a candidate.</summary>
/// <param name="Reason">Why not; empty when it let it through.</param>
public sealed record GateVerdict(string Gate, string Reason)
{
    public bool Passed => Reason.Length == 0;

    /// <summary>What else there is to know, in lines for a person; mostly none.</summary>
    public ImmutableArray<string> Told { get; init; } = [];
}
