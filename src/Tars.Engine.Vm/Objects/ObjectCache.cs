using System.Security.Cryptography;
using Tars.Engine.Vm.Objects.Linux;

namespace Tars.Engine.Vm.Objects;

/// <summary>A folder of objects by what decided them, so that a module is compiled once.</summary>
/// <remarks>
/// A file is a head, the key, the hash of the object, and the object. What is damaged or cut is as if it were not
/// there. Files come to be by renaming, so several runs of a user may share the folder. Whoever can write to it decides
/// what runs in a guest's machine, without the fuel and the checks of what we compile: so nothing is taken from where
/// anybody but this user and root can.
/// </remarks>
/// <param name="onDistrust">Hears once why nothing is taken from the folder, or why something in it is not.</param>
internal sealed class ObjectCache(string folder, long bytesMax, Action<string>? onDistrust = null)
{
    private const int HashSize = 32;
    private const int HeadSize = 8 + HashSize + HashSize;

    private int _isTold;

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

    /// <summary>Why nothing can be kept in a folder, and the mend; null when it can. It comes to be where it was not.
    /// </summary>
    public static (string Why, string Mend)? WhyNotKept(string folder)
    {
        try
        {
            using var own = OwnFolder.Open(folder, isMade: true);
            string made = Path.Combine(folder, $"{Guid.NewGuid():N}.new");
            try
            {
                using var file = Create(made);
                file.Write(new byte[Limits.CacheTrialBytes]); // A full disk still takes a name.
            }
            finally
            {
                File.Delete(made);
            }

            return null;
        }
        catch (DistrustException why)
        {
            return (why.Message, why.Mend);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return (failed.Message, "make it a folder that this user can write to, or set XDG_CACHE_HOME");
        }
    }

    /// <summary>An object that was kept; null when there is none that is whole.</summary>
    public byte[]? Find(ObjectKey key)
    {
        try
        {
            using var own = OwnFolder.Open(folder, isMade: false);
            if (own.Read(NameOf(key), HeadSize, Limits.ObjectBytesMax + HeadSize) is not { } octets)
            {
                return null;
            }

            if (!IsWhole(octets, key))
            {
                File.Delete(PathOf(key));
                return null;
            }

            return octets[HeadSize..];
        }
        catch (DistrustException why)
        {
            Tell(why);
            return null;
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
            using var own = OwnFolder.Open(folder, isMade: true); // While it is open its path leads to it.
            if (MakeRoom(octets.Length + HeadSize))
            {
                Write(key, octets);
            }
        }
        catch (DistrustException why)
        {
            Tell(why);
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
            using (var file = Create(made))
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

    // Whatever the mask of the user is: who can write to it decides what runs.
    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
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

    private static string NameOf(ObjectKey key) => $"{key.Hex}.object";

    private string PathOf(ObjectKey key) => Path.Combine(folder, NameOf(key));

    private void Tell(DistrustException why)
    {
        if (onDistrust is not null && Interlocked.Exchange(ref _isTold, 1) == 0)
        {
            onDistrust($"compiled code that was kept is not used: {why.Message}; {why.Mend}");
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
