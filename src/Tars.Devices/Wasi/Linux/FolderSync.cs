namespace Tars.Devices.Wasi.Linux;

/// <summary>Makes the names in a folder outlast a power cut, which .NET has no call for.</summary>
public static class FolderSync
{
    /// <summary>Nothing happens where it cannot be asked for.</summary>
    public static void Sync(string path)
    {
        using var folder = LinuxFolder.Open(path, out _);
        _ = folder?.Sync(dataOnly: false);
    }
}
