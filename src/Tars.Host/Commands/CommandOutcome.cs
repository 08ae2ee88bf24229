using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Host.Commands;

/// <summary>How a command ended, or why it did not begin. The family is closed.</summary>
public abstract record CommandOutcome
{
    private CommandOutcome()
    {
    }

    /// <summary>Its own end.</summary>
    /// <param name="Status">What it gave to <c>proc_exit</c>; 0 when it simply returned.</param>
    public sealed record Exited(uint Status, CommandCosts Costs) : CommandOutcome;

    /// <summary>The function that was to be called has returned.</summary>
    public sealed record Returned(ImmutableArray<string> Results, CommandCosts Costs) : CommandOutcome;

    /// <param name="Function">The faulty function's name, or its number; "" when the engine does not know.</param>
    public sealed record Faulted(GuestFault Fault, string Function, CommandCosts Costs) : CommandOutcome;

    /// <summary>The module is at fault: malformed, invalid, or not to be linked or run here.</summary>
    public sealed record Refused(string Reason) : CommandOutcome;

    /// <summary>What was asked for does not fit the module or the machine.</summary>
    public sealed record Unusable(string Reason) : CommandOutcome;
}

/// <summary>What a command took.</summary>
/// <param name="Calls">Of functions that it imports.</param>
/// <param name="Refused">Those that asked for more than was granted.</param>
public readonly record struct CommandCosts(long Fuel, long Calls, long Refused);
