namespace Tars.Devices.Button;

/// <summary>A device of kind `button` as a guest sees it: an event for each time that it is pressed or let go.
/// </summary>
/// <remarks>Its real part is the socket of a run, at which its operator presses it; its twin are steps of a scenario.
/// </remarks>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "button";
}
