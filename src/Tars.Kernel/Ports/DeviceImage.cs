using Tars.Bundle.Interfaces;

namespace Tars.Kernel.Ports;

/// <summary>A device that a module of the system declares.</summary>
/// <param name="Module">The module's name.</param>
/// <param name="IsHeard">True when some agent handles its events.</param>
public sealed record DeviceImage(DeviceId Id, string Module, string Name, InterfaceKind Kind, bool IsHeard)
{
    /// <summary>The place of the agent that stands in its place; null where the device itself is there.</summary>
    internal int? StandIn { get; init; }

    /// <summary>`MODULE.NAME`: no other device of the system has it.</summary>
    public string FullName => $"{Module}.{Name}";

    /// <summary>Whether an operator means it by a name: its own, or the full one.</summary>
    public bool IsCalled(string name) => name == Name || name == FullName;
}
