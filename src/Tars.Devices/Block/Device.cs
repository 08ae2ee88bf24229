namespace Tars.Devices.Block;

/// <summary>A device of kind `block` as a guest sees it: sectors that are read and written by number.</summary>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "block";

    /// <summary>The numbers of its asks.</summary>
    public const int Info = 0;

    public const int Read = 1;

    public const int Write = 2;

    public const int Flush = 3;
}
