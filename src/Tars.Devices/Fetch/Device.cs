namespace Tars.Devices.Fetch;

/// <summary>A device of kind `fetch` as a guest sees it: `ask web.get(url = …)` answers a Response.</summary>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "fetch";

    /// <summary>The number of `get` among the asks of the kind.</summary>
    public const int Get = 0;
}
