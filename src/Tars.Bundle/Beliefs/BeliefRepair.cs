using System.Collections.Immutable;

namespace Tars.Bundle.Beliefs;

/// <summary>Relations without which no contradictory cycle is left in a belief graph.</summary>
/// <param name="Relations">By index, upwards.</param>
/// <param name="IsExact">Whether fewer would not do; else fewer may.</param>
public sealed record BeliefRepair(ImmutableArray<int> Relations, bool IsExact);
