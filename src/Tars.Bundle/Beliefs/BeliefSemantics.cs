namespace Tars.Bundle.Beliefs;

/// <summary>How supporters and attackers change the strength of a belief.</summary>
public enum BeliefSemantics
{
    /// <summary>
    /// DF-QuAD (Rago, Toni, Aurisicchio and Baroni, KR 2016): used where no belief leads back to itself.
    /// </summary>
    DfQuad,

    /// <summary>Quadratic energy (Potyka, KR 2018): used where there are cycles.</summary>
    QuadraticEnergy,
}
