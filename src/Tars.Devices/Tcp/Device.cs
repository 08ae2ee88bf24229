namespace Tars.Devices.Tcp;

/// <summary>A device of kind `tcp` as a guest sees it: connections by number, and octets as they come.</summary>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "tcp";

    /// <summary>The numbers of its asks.</summary>
    public const int Connect = 0;

    public const int Send = 1;

    public const int Close = 2;
}
