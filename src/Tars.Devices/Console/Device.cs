namespace Tars.Devices.Console;

/// <summary>A device of kind `console` as a guest sees it: `tell out.print(line = …)` writes one line.</summary>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "console";

    /// <summary>The number of `print` among the tells of the kind.</summary>
    public const int Print = 0;
}
