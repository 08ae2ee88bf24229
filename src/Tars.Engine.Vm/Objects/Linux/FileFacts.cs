using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Vm.Objects.Linux;

/// <summary>What the system knows of a file that is open: whose it is, who may change it, what it is.</summary>
/// <param name="User">The number of its owner.</param>
/// <param name="Mode">Kind and permissions, as the system has them in one number.</param>
internal readonly partial record struct FileFacts(uint User, int Mode, long Size)
{
    public const int OpenRead = 0;
    public const int OpenTakingNoTerminal = 0x100;
    public const int OpenWithoutWaiting = 0x800;
    public const int OpenFollowingNoLink = 0x20000;
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenToLookAt = 0x200000;

    public const int ErrorNothingThere = 2;
    public const int ErrorIsThere = 17;
    public const int ErrorTooManyLinks = 40;

    private const int StatBytes = 256;
    private const int UserAt = 20;
    private const int ModeAt = 28;
    private const int SizeAt = 40;
    private const int OfTheFileItself = 0x1000;
    private const uint Basic = 0x7FF;
    private const int KindMask = 0xF000;
    private const int TargetBytesMax = 4096;
    private const uint Root = 0;
    private const int WrittenByOthers = 0b000_010_010;
    private const int Sticky = 0x200;

    /// <summary>Whether the numbers here are those of this machine.</summary>
    public static bool AreHere =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public bool IsFolder => (Mode & KindMask) == 0x4000;

    public bool IsFile => (Mode & KindMask) == 0x8000;

    public bool IsLink => (Mode & KindMask) == 0xA000;

    /// <summary>Null when nobody but this user and root can change it; else why it cannot be relied on, and the mend.
    /// </summary>
    /// <param name="place">Its path, for the words.</param>
    public (string Why, string Mend)? WhyNotOwn(string place)
    {
        if (User != Root && User != geteuid())
        {
            string whose = string.Create(CultureInfo.InvariantCulture, $"{place} belongs to user {User}");
            return (whose, "set XDG_CACHE_HOME to a folder below folders of this user and root alone");
        }

        // Everybody may change a link by its mode, and nobody can; in a sticky folder what others add is theirs.
        bool isOpen = (Mode & WrittenByOthers) != 0 && !IsLink && !(IsFolder && (Mode & Sticky) != 0);
        return isOpen ? ($"other users can change {place}", $"chmod go-w {place}") : null;
    }

    /// <exception cref="IOException">The system does not say.</exception>
    public static FileFacts Of(SafeFileHandle file)
    {
        Span<byte> found = stackalloc byte[StatBytes];
        return statx(file, [0], OfTheFileItself, Basic, found) == 0
            ? new FileFacts(
                BinaryPrimitives.ReadUInt32LittleEndian(found[UserAt..]),
                BinaryPrimitives.ReadUInt16LittleEndian(found[ModeAt..]),
                BinaryPrimitives.ReadInt64LittleEndian(found[SizeAt..]))
            : throw Failed(Marshal.GetLastPInvokeError(), "statx");
    }

    /// <summary>The root of all paths, to look at.</summary>
    public static SafeFileHandle OpenRoot()
    {
        const int CurrentFolder = -100;
        var root = open(CurrentFolder, Octets("/"), OpenToLookAt | OpenCloseOnExec, mode: 0);
        return root.IsInvalid ? throw Failed(Marshal.GetLastPInvokeError(), "/") : root;
    }

    /// <summary>What has this name in an open folder; null where that failed, and with which error.</summary>
    public static SafeFileHandle? OpenBelow(SafeFileHandle folder, string name, int flags, out int error)
    {
        var file = openat(folder, Octets(name), flags | OpenFollowingNoLink | OpenCloseOnExec, mode: 0);
        error = file.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        return file.IsInvalid ? null : file;
    }

    /// <summary>Makes a folder in an open one that is this user's alone; zero, or with which error that failed.
    /// </summary>
    public static int MakeBelow(SafeFileHandle folder, string name)
    {
        const uint OwnMode = 0b111_000_000;
        return mkdirat(folder, Octets(name), OwnMode) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Where an open link leads.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    public static string TargetOf(SafeFileHandle link)
    {
        byte[] target = new byte[TargetBytesMax];
        nint size = readlinkat(link, [0], target, (nuint)target.Length);
        return 0 <= size
            ? Encoding.UTF8.GetString(target.AsSpan(0, (int)size))
            : throw Failed(Marshal.GetLastPInvokeError(), "readlinkat");
    }

    public static IOException Failed(int error, string place) =>
        new($"{place}: {Marshal.GetPInvokeErrorMessage(error)}");

    private static byte[] Octets(string name) => Encoding.UTF8.GetBytes(name + '\0');

    // SAFETY: openat is variadic in C. On x86-64 Linux a word-sized fourth argument travels in the same register either
    // way, so this fixed signature is exact there. The name ends in NUL; the answer is a descriptor or -1.
    [LibraryImport("libc", SetLastError = true)]
    private static partial SafeFileHandle openat(
        SafeFileHandle folder, ReadOnlySpan<byte> name, int flags, uint mode);

    // SAFETY: as above; the first argument is AT_FDCWD in place of a handle.
    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial SafeFileHandle open(int cwd, ReadOnlySpan<byte> path, int flags, uint mode);

    // SAFETY: the buffer has the 256 octets of struct statx; the name is empty and ends in NUL.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(
        SafeFileHandle file, ReadOnlySpan<byte> name, int flags, uint mask, Span<byte> result);

    // SAFETY: the name is empty and ends in NUL; the size is the buffer's, and at most so much is written.
    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readlinkat(
        SafeFileHandle link, ReadOnlySpan<byte> name, Span<byte> target, nuint size);

    // SAFETY: the name ends in NUL; the rest are plain numbers.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdirat(SafeFileHandle folder, ReadOnlySpan<byte> name, uint mode);

    // SAFETY: takes nothing and cannot fail.
    [LibraryImport("libc")]
    private static partial uint geteuid();
}
