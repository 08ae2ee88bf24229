namespace Tars.Evolution.Gates;

/// <summary>What one gate said of a candidate.</summary>
/// <param name="Reason">Why not; empty when it let it through.</param>
public sealed record GateVerdict(string Gate, string Reason)
{
    public bool Passed => Reason.Length == 0;
}
