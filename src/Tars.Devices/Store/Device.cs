namespace Tars.Devices.Store;

/// <summary>A device of kind `store` as a guest sees it: values by key, each change whole or not at all.</summary>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "store";

    /// <summary>The numbers of its asks.</summary>
    public const int Get = 0;

    public const int Put = 1;

    public const int PutNew = 2;

    public const int Delete = 3;
}
