namespace Tars.Bundle.Beliefs;

/// <summary>How many relations must go; an upper bound when the graph was too large to try every way.</summary>
public readonly record struct FrustrationIndex(int Value, bool IsExact);
