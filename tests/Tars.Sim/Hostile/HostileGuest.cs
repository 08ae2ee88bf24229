namespace Tars.Sim.Hostile;

/// <summary>Machine code that attacks, and how it has to end.</summary>
/// <param name="Attack">What is attacked, for the table.</param>
/// <param name="Name">What it does.</param>
internal sealed record HostileGuest(string Attack, string Name, HostileEnd End, byte[] Code)
{
    public override string ToString() => $"{Attack}: {Name}";
}

/// <summary>How an attack has to end.</summary>
internal enum HostileEnd
{
    /// <summary>The processor refuses it.</summary>
    Fault,

    /// <summary>It leaves the machine in a way that is none, and the machine is broken for good.</summary>
    Broken,

    /// <summary>It never ends, and is stopped.</summary>
    Stopped,

    /// <summary>
    /// It may be refused or not: it gives the guest nothing of others. What it leaves is looked at as always.
    /// </summary>
    Harmless,
}
