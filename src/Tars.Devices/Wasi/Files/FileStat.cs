namespace Tars.Devices.Wasi.Files;

/// <summary>What is known of a file without opening it. Times are nanoseconds since 1970 UTC.</summary>
internal readonly record struct FileStat(
    ulong Device, ulong Inode, FileType Type, ulong LinkCount, ulong Size, long Atim, long Mtim, long Ctim)
{
    /// <summary>Of a stream, which has nothing but its type.</summary>
    public static FileStat OfStream { get; } = new(0, 0, FileType.Unknown, 1, 0, 0, 0, 0);
}

/// <summary>Times to be set; null leaves one as it is.</summary>
internal readonly record struct NewTimes(long? Atim, long? Mtim);

/// <summary>One name in a folder.</summary>
internal sealed record FolderEntry(byte[] Name, ulong Inode, FileType Type);

/// <summary>How a file is to be opened.</summary>
internal readonly record struct OpenHow(OpenFlags Open, FdFlags Flags, bool Reads, bool Writes);
