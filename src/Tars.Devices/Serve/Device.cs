namespace Tars.Devices.Serve;

/// <summary>HTTP as a module that serves sees it: a Request comes in, and the handler returns the Response.</summary>
/// <remarks>
/// No device of the table of kinds: a module says `serve` and has handlers `http METHOD /path`. Its twin are the steps
/// `http` of a scenario, which come to the kernel as the same event.
/// </remarks>
public static class Device
{
    /// <summary>The word under `capabilities`.</summary>
    public const string Kind = "serve";
}
