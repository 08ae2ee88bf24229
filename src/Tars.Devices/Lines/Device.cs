namespace Tars.Devices.Lines;

/// <summary>A device of kind `lines` as a guest sees it: each line is one event, and `none` after the last.</summary>
/// <remarks>There is nothing to ask or tell. A line ends with LF or CR LF; the end is not part of it.</remarks>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "lines";
}
