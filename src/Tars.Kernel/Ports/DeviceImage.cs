using Tars.Bundle.Interfaces;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Ports;

/// <summary>A device that a module of the system declares, or declared before a swap.</summary>
/// <param name="Module">The module's name.</param>
/// <param name="Name">Empty where no module declares it any more: then only its number is left.</param>
/// <param name="IsHeard">True when some agent handles its events.</param>
public sealed record DeviceImage(DeviceId Id, string Module, string Name, InterfaceKind Kind, bool IsHeard)
{
    /// <summary>Its name, also where no module declares it any more: one that comes back has its number again.
    /// </summary>
    public string KnownAs { get; init; } = Name;

    /// <summary>What `value: TYPE` says; null where the kind takes none.</summary>
    public SchemaType? Value { get; init; }

    /// <summary>False where no module declares it any more.</summary>
    public bool IsDeclared => Name.Length != 0;

    /// <summary>The place of the agent that stands in its place; null where the device itself is there.</summary>
    internal int? StandIn { get; init; }

    /// <summary>`MODULE.NAME`: no other device of the system has it.</summary>
    public string FullName => $"{Module}.{Name}";

    /// <summary>Whether an operator means it by a name: its own, or the full one.</summary>
    public bool IsCalled(string name) => IsDeclared && (name == Name || name == FullName);
}
