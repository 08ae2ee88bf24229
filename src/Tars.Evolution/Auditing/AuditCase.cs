using System.Collections.Immutable;

namespace Tars.Evolution.Auditing;

/// <summary>A version of a subject that the gates have to refuse, or to let through.</summary>
/// <param name="Subject">packing or warmth.</param>
/// <param name="Gate">Of a cheater the gate that has to refuse it; empty for an honest improvement.</param>
/// <param name="Changes">Parts of the subject's text, and what stands in their place; each is there once.</param>
public sealed record AuditCase(
    string Subject, string Name, string Gate, ImmutableArray<(string Old, string New)> Changes)
{
    public bool IsHonest => Gate.Length == 0;
}
