namespace Tars.Devices.Udp;

/// <summary>A device of kind `udp` as a guest sees it: datagrams, each whole or not at all, in any order.</summary>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "udp";

    /// <summary>The number of `send` among the asks of the kind.</summary>
    public const int Send = 0;
}
