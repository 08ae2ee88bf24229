using System.Diagnostics.CodeAnalysis;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Runtime;

/// <summary>Carries a fault out of generated code to the call that entered it. It never leaves the engine.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Made by generated code, with a fault and nothing else.")]
[SuppressMessage("Design", "CA1064", Justification = "It never leaves the engine.")]
internal sealed class TrapException(GuestFault fault) : Exception
{
    public GuestFault Fault { get; } = fault;

    /// <summary>Called by generated code, which throws what it answers.</summary>
    public static TrapException At(int kind, int function, int offset) =>
        new(new GuestFault((FaultKind)kind, function, offset));

    /// <summary>The same for the status of a <see cref="Bulk"/> operation.</summary>
    public static TrapException Status(int status, int function, int offset) => At(status - 1, function, offset);

    /// <summary>The same when a charge left less than the floor.</summary>
    public static TrapException Burnt(long fuel, int function) =>
        new(new GuestFault(fuel < 0 ? FaultKind.OutOfFuel : FaultKind.Deadline, function));
}
