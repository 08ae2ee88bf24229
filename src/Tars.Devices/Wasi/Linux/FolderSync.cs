namespace Tars.Devices.Wasi.Linux;

/// <summary>Makes the names in a folder outlast a power cut, which .NET has no call for.</summary>
public static class FolderSync
{
    /// <summary>Nothing happens where the system, or the file system of the folder, has no such call.</summary>
    /// <exception cref="IOException">A power cut may take the names back, or there is no such folder.</exception>
    public static void Sync(string path)
    {
        using var folder = LinuxFolder.Open(path, out var errno);
        errno = folder?.Sync(dataOnly: false) ?? errno;
        if (errno is not (Errno.Success or Errno.Notsup or Errno.Nosys or Errno.Inval or Errno.Rofs))
        {
            throw new IOException($"the names in {path} are not on the disk for certain: {errno}");
        }
    }
}
