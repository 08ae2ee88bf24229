using System.Security.Cryptography;

namespace Tars.Engine.Vm.Objects;

/// <summary>A folder of objects by what decided them, so that a module is compiled once.</summary>
/// <remarks>
/// A file is a head, the key, the hash of the object, and the object. What is damaged or cut is as if it were not
/// there. Files come to be by renaming, so several runs may share the folder; whoever can write to it decides what runs
/// in a guest's machine, and no more than that, since an object is never trusted.
/// </remarks>
internal sealed class ObjectCache(string folder, long bytesMax)
{
    private const int HashSize = 32;
    private const int HeadSize = 8 + HashSize + HashSize;

    private static ReadOnlySpan<byte> Magic => "TARSOBJ1"u8;

    /// <summary>Where objects are kept when nobody says otherwise, as the XDG base directory specification has it; null
    /// when the user has no such place.</summary>
    public static string? UsualFolder()
    {
        string? named = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.IsPathFullyQualified(named ?? "") ? Path.Combine(named!, "tars", "objects")
            : home.Length == 0 ? null
            : Path.Combine(home, ".cache", "tars", "objects");
    }

    /// <summary>How many objects a folder holds, and how large they are together.</summary>
    public static (int Count, long Octets) Measure(string folder)
    {
        try
        {
            var files = new DirectoryInfo(folder).GetFiles("*.object");
            return (files.Length, files.Sum(SizeOf));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return (0, 0); // There is none yet, as a rule.
        }
    }

    /// <summary>Why nothing can be kept in a folder; null when it can. It comes to be where it was not.</summary>
    public static string? WhyNotWritable(string folder)
    {
        try
        {
            new ObjectCache(folder, bytesMax: 0).MakeFolder();
            string made = Path.Combine(folder, $"{Guid.NewGuid():N}.new");
            using (new FileStream(made, FileMode.CreateNew, FileAccess.Write))
            {
                // That it is made is all.
            }

            File.Delete(made);
            return null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return failed.Message;
        }
    }

    /// <summary>An object that was kept; null when there is none that is whole.</summary>
    public byte[]? Find(ObjectKey key)
    {
        string path = PathOf(key);
        try
        {
            if (Read(path) is not { } octets)
            {
                return null;
            }

            if (!IsWhole(octets, key))
            {
                File.Delete(path);
                return null;
            }

            Touch(path);
            return octets[HeadSize..];
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return null; // Compiled again.
        }
    }

    /// <summary>Keeps an object, when the disk takes it.</summary>
    public void Keep(ObjectKey key, ReadOnlySpan<byte> octets)
    {
        if (bytesMax < octets.Length + HeadSize)
        {
            return;
        }

        try
        {
            MakeFolder();
            if (!MakeRoom(octets.Length + HeadSize))
            {
                return;
            }

            Write(key, octets);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // It is compiled again the next time.
        }
    }

    private void Write(ObjectKey key, ReadOnlySpan<byte> octets)
    {
        string made = Path.Combine(folder, $"{Guid.NewGuid():N}.new");
        try
        {
            using (var file = new FileStream(made, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(Head(key, octets));
                file.Write(octets);
                file.Flush(flushToDisk: true); // Else a power cut could leave the name and not what it names.
            }

            File.Move(made, PathOf(key), overwrite: true);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            _ = TryDelete(new FileInfo(made)); // The disk may be full, and half an object would keep it so.
            throw;
        }
    }

    // Opening a pipe waits for a writer, and a device may have no end: neither has a size. A link is not ours.
    private static byte[]? Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.LinkTarget is not null
            || file.Length is < HeadSize or > Limits.ObjectBytesMax + HeadSize)
        {
            return null;
        }

        byte[] octets = new byte[file.Length];
        using var stream = file.OpenRead();
        stream.ReadExactly(octets);
        return octets;
    }

    // What is used is dropped last; in a folder that may only be read nothing is dropped.
    private static void Touch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // It was found all the same.
        }
    }

    private static byte[] Head(ObjectKey key, ReadOnlySpan<byte> octets)
    {
        byte[] head = new byte[HeadSize];
        Magic.CopyTo(head);
        Convert.FromHexString(key.Hex).CopyTo(head, Magic.Length);
        SHA256.HashData(octets, head.AsSpan(Magic.Length + HashSize));
        return head;
    }

    private static bool IsWhole(ReadOnlySpan<byte> file, ObjectKey key) =>
        HeadSize <= file.Length && file[..HeadSize].SequenceEqual(Head(key, file[HeadSize..]));

    private string PathOf(ObjectKey key) => Path.Combine(folder, $"{key.Hex}.object");

    private void MakeFolder()
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder, Own);
        }
    }

    // The oldest go first, and what a run that was ended left half-written goes with them. False when what will not go
    // leaves too little.
    private bool MakeRoom(long needed)
    {
        var files = new DirectoryInfo(folder).EnumerateFiles().OrderBy(file => file.LastWriteTimeUtc).ToList();
        long sum = files.Sum(SizeOf) + needed;
        var tooOld = DateTime.UtcNow - TimeSpan.FromHours(1);
        foreach (var file in files)
        {
            bool isLeft = file.Extension == ".new" && file.LastWriteTimeUtc < tooOld;
            if (isLeft || bytesMax < sum)
            {
                long size = SizeOf(file); // Which it is not asked for any more once it is deleted.
                sum -= TryDelete(file) ? size : 0;
            }
        }

        return sum <= bytesMax;
    }

    private static bool TryDelete(FileInfo file)
    {
        try
        {
            file.Delete();
            return true;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // A link to nothing has none, and what another run just dropped has none any more.
    private static long SizeOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
