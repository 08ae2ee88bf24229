namespace Tars.Devices.Query;

/// <summary>A device of kind `query` as a guest sees it: `ask data.number(query = …)` answers a float.</summary>
/// <remarks>It has a twin and no real part yet, so `run` refuses a module that declares one.</remarks>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "query";
}
