namespace Tars.Kernel.Ports;

/// <summary>What an engine says to a module: code, or why not.</summary>
public abstract record EngineLoad
{
    private EngineLoad()
    {
    }

    public sealed record Loaded(IGuestCode Code) : EngineLoad;

    public sealed record Refused(string Reason) : EngineLoad;
}
