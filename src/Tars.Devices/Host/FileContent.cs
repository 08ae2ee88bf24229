namespace Tars.Devices.Host;

/// <summary>What can be known of a file before it is opened.</summary>
public static class FileContent
{
    /// <summary>
    /// False for an empty file and for what is no regular file, links followed: a pipe has no size, and opening one
    /// waits for a writer that may never come. What is not there is for whoever opens it.
    /// </summary>
    /// <exception cref="IOException">Its links go in a circle.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be looked at.</exception>
    public static bool MayBeRead(string path)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true);
        return new FileInfo(target?.FullName ?? path) is not { Exists: true, Length: 0 };
    }

    /// <summary>Opens a file; one that may not be read has no octets.</summary>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Stream OpenRead(string path) => MayBeRead(path) ? File.OpenRead(path) : Stream.Null;
}
