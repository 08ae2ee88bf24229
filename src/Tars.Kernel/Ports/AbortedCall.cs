namespace Tars.Kernel.Ports;

/// <summary>A call into a guest that the wall clock ended: what a replay must know to do the same without it.</summary>
/// <param name="Call">Number of the call, counted from one over all calls of the run.</param>
/// <param name="Committed">Events of its batch that were committed by then.</param>
/// <param name="FuelUsed">By the whole call.</param>
/// <param name="Site">Number in the debug map of the statement that it was ended in.</param>
public readonly record struct AbortedCall(long Call, int Committed, long FuelUsed, uint Site, AbortEnd End);

/// <summary>What the guest had left when it was ended.</summary>
public enum AbortEnd
{
    /// <summary>Its event was rolled back.</summary>
    RolledBack,

    /// <summary>A control block or effects that are not sound: the process ended and nothing was carried out.</summary>
    NotSound,

    /// <summary>An undo log that is not sound: the process ended.</summary>
    NotUndone,
}
