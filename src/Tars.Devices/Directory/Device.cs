namespace Tars.Devices.Directory;

/// <summary>A device of kind `directory` as a guest sees it: files and folders under one folder, named by paths in it.
/// </summary>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "directory";

    /// <summary>The numbers of its asks.</summary>
    public const int List = 0;

    public const int Info = 1;

    public const int Read = 2;

    public const int Write = 3;

    public const int WriteAt = 4;

    public const int Make = 5;

    public const int Move = 6;

    public const int Delete = 7;
}
