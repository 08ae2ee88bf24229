using System.Text;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Linux;

namespace Tars.Devices.Host;

/// <summary>Keeps a folder for one run at a time: a file in it is held open, and goes with the process.</summary>
public static class FolderLock
{
    /// <summary>What the file is called.</summary>
    public const string Name = "lock";

    /// <summary>Takes a folder that is there.</summary>
    /// <returns>The file, made when it was not there; the folder is free again once it is disposed of.</returns>
    /// <exception cref="IOException">Another run has the folder, or it cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be used.</exception>
    /// <exception cref="InvalidDataException">What has the name of the lock is no regular file.</exception>
    public static FileStream Take(string folder)
    {
        var held = new FileStream(
            Path.Combine(folder, Name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (held.CanSeek)
        {
            return held;
        }

        held.Dispose();
        throw new InvalidDataException($"what is called {Name} in it is no regular file");
    }

    /// <summary>Whether the folder is where it was when it was taken: the file is still found there.</summary>
    /// <param name="held">What Take gave.</param>
    public static bool IsStill(FileStream held)
    {
        if (!LibC.IsHere)
        {
            return File.Exists(held.Name);
        }

        byte[] path = [.. Encoding.UTF8.GetBytes(held.Name), 0];
        return LinuxStat.Of(held.SafeFileHandle, out var own) == Errno.Success
            && LinuxStat.Of(held.SafeFileHandle, path, out var there) == Errno.Success // The path is a whole one.
            && (own.Device, own.Inode) == (there.Device, there.Inode);
    }
}
