using System.Collections.Immutable;

namespace Tars.Bundle.Beliefs;

/// <summary>What evaluating a belief graph gives.</summary>
/// <param name="Strengths">One in 0..1 for each belief, in order of declaration.</param>
/// <param name="Iterations">Steps taken; 1 for a graph without cycles.</param>
/// <param name="Residual">The greatest |σ(s) − s| that was left; 0 for a graph without cycles.</param>
/// <param name="Converged">False when the cap on steps was reached first; the strengths then mean nothing.</param>
public sealed record BeliefStrengths(
    ImmutableArray<double> Strengths, int Iterations, double Residual, bool Converged);
