namespace Tars.Kernel.Ports;

/// <summary>What loading a command gave. The family is closed.</summary>
public abstract record CommandLoad
{
    private CommandLoad()
    {
    }

    public sealed record Ready(ICommand Command) : CommandLoad;

    /// <summary>An import is not given, or the module is more than the engine or the limits take.</summary>
    public sealed record Refused(string Reason) : CommandLoad;

    /// <summary>A segment did not fit.</summary>
    public sealed record Faulted(GuestFault Fault) : CommandLoad;
}
