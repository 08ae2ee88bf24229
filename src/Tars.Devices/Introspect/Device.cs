namespace Tars.Devices.Introspect;

/// <summary>A device of kind `introspect` as a guest sees it: the processes of its own system, read only.</summary>
/// <remarks>
/// It shows names and numbers of all modules, and nothing of their state or mail; so it is a capability like any other.
/// </remarks>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "introspect";

    /// <summary>`processes(above)`: those with a higher number, in order of birth, a page of them.</summary>
    public const int Processes = 0;

    /// <summary>`process(id)`: one, or none when it has ended.</summary>
    public const int Process = 1;
}
