using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Tests.Kernel;

/// <summary>How a scripted handler traps.</summary>
internal sealed class ScriptedTrap(FaultKind kind, GuestTrap code = GuestTrap.None) : Exception
{
    public FaultKind Kind { get; } = kind;

    public GuestTrap Code { get; } = code;
}
