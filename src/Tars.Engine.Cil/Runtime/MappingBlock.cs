using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Tars.Engine.Cil.Runtime;

/// <summary>Reserved ranges of addresses, one or some of the same size side by side, each given back alone.</summary>
/// <remarks>
/// All of it is readable and writable from the start, so that neighbours join into one mapping of the system (which
/// allows about 65,000); what a guest may touch is the range check's business. Growing moves nothing.
///
/// What nobody gave back the system gets when nobody holds any of the block; to finalize each range alone would cost
/// the garbage collector more than all else of an instance.
/// </remarks>
internal sealed partial class MappingBlock
{
    /// <summary>A bit for each of them.</summary>
    public const int CountMax = 32;

    private const int ReadWrite = 1 | 2;
    private const int Private = 0x02;
    private const int AnonymousLinux = 0x20;
    private const int NoReserveLinux = 0x4000;
    private const int AnonymousMac = 0x1000;
    private const int NoReserveMac = 0x40;
    private const int DontNeed = 4;
    private const int NoHugePage = 15;
    private const int CommitOnReserve = 0x1000 | 0x2000;
    private const int PageReadWrite = 0x04;
    private const int ReleaseAll = 0x8000;

    private readonly nint _address;
    private readonly nint _size;
    private uint _held;

    private MappingBlock(nint address, nint size, int count)
    {
        _address = address;
        _size = size;
        _held = uint.MaxValue >> (CountMax - count);
    }

    ~MappingBlock()
    {
        for (int index = 0; index < CountMax; index++)
        {
            if ((_held & (1u << index)) != 0)
            {
                ReleaseRange(index);
            }
        }
    }

    public long Size => _size;

    public nint AddressOf(int index) => _address + (index * _size);

    /// <summary>Null when the system has no such range left, or cannot give back a part of it alone.</summary>
    /// <param name="size">Of each.</param>
    public static MappingBlock? Reserve(long size, int count)
    {
        // Elsewhere a range is given back as it was reserved, or not at all.
        bool canSplit = OperatingSystem.IsLinux() && size % Environment.SystemPageSize == 0;
        if (1 < count && !canSplit)
        {
            return null;
        }

        nuint all = (nuint)size * (nuint)count;
        nint address =
            OperatingSystem.IsWindows() ? VirtualAlloc(0, all, CommitOnReserve, PageReadWrite)
            : OperatingSystem.IsMacOS() ? Map(0, all, ReadWrite, Private | AnonymousMac | NoReserveMac, -1, 0)
            : Map(0, all, ReadWrite, Private | AnonymousLinux | NoReserveLinux, -1, 0);
        if (address is 0 or -1)
        {
            return null;
        }

        // A huge page for the first octet that is touched would make an idle instance cost megabytes.
        _ = OperatingSystem.IsLinux() ? Advise(address, all, NoHugePage) : 0;
        return new MappingBlock(address, (nint)size, count);
    }

    /// <summary>Nobody uses the range any more. It is given back once, whoever asks.</summary>
    public void Release(int index)
    {
        uint bit = 1u << index;
        if ((Interlocked.And(ref _held, ~bit) & bit) != 0)
        {
            ReleaseRange(index);
        }
    }

    /// <summary>Whole pages become zero and go back to the system; false where it does not take them.</summary>
    public static bool Forget(nint address, nint size) =>
        OperatingSystem.IsLinux() && Advise(address, (nuint)size, DontNeed) == 0;

    private void ReleaseRange(int index) => _ = OperatingSystem.IsWindows()
        ? VirtualFree(AddressOf(index), 0, ReleaseAll)
        : Unmap(AddressOf(index), (nuint)_size);

    // SAFETY: all arguments are words or ints as in POSIX on 64-bit systems; the offset is always zero. The system
    // picks the address, so nothing that is mapped already is touched.
    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int file, nint offset);

    // SAFETY: called once for each range that Map gave, or part of one, as _held says.
    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint size);

    // SAFETY: only ever for pages of one mapping. DontNeed makes private anonymous pages zero; the other is a hint.
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint size, int advice);

    // SAFETY: the Windows counterpart of Map, with the same promise; pages get memory when they are touched.
    [LibraryImport("kernel32")]
    private static partial nint VirtualAlloc(nint address, nuint size, int kind, int protection);

    // SAFETY: the Windows counterpart of Unmap; the size must be zero when all is released.
    [LibraryImport("kernel32")]
    private static partial int VirtualFree(nint address, nuint size, int kind);
}
