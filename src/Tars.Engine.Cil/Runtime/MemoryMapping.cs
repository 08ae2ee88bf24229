using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Tars.Engine.Cil.Runtime;

/// <summary>A reserved range of addresses whose pages are zero and cost nothing until they are touched.</summary>
/// <remarks>
/// All of it is readable and writable from the start, so that neighbours join into one mapping of the system (which
/// allows about 65,000); what a guest may touch is the range check's business. Growing moves nothing.
/// </remarks>
internal sealed partial class MemoryMapping : SafeHandle
{
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
    private const int Release = 0x8000;

    private readonly nuint _size;

    private MemoryMapping(nint address, nuint size)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        _size = size;
        SetHandle(address);
    }

    public override bool IsInvalid => handle is 0 or -1;

    public nint Address => handle;

    public long Size => (long)_size;

    /// <summary>Octets of memory that it keeps while it waits in the pool.</summary>
    public long Touched { get; set; }

    // SAFETY: who asks stays below the size that was reserved.
    public unsafe Span<byte> Octets(long at, int size) => new((void*)(handle + (nint)at), size);

    /// <summary>Octets become zero; pages that hold nothing else go back to the system.</summary>
    public void Forget(long at, int size)
    {
        int page = Environment.SystemPageSize;
        long first = at / page * page;
        long end = (at + size + page - 1) / page * page;
        if (Octets(first, (int)(at - first)).ContainsAnyExcept((byte)0))
        {
            first += page;
            Octets(at, (int)Math.Min(size, first - at)).Clear();
        }

        if (first < end && Octets(at + size, (int)(end - at - size)).ContainsAnyExcept((byte)0))
        {
            end -= page;
            long from = Math.Max(at, end);
            Octets(from, (int)(at + size - from)).Clear();
        }

        if (first < end
            && (!OperatingSystem.IsLinux() || Advise(handle + (nint)first, (nuint)(end - first), DontNeed) != 0))
        {
            Octets(first, (int)(end - first)).Clear();
        }
    }

    /// <summary>Null when the system has no such range left.</summary>
    public static MemoryMapping? Reserve(long size)
    {
        nint address =
            OperatingSystem.IsWindows() ? VirtualAlloc(0, (nuint)size, CommitOnReserve, PageReadWrite)
            : OperatingSystem.IsMacOS() ? Map(0, (nuint)size, ReadWrite, Private | AnonymousMac | NoReserveMac, -1, 0)
            : Map(0, (nuint)size, ReadWrite, Private | AnonymousLinux | NoReserveLinux, -1, 0);
        var mapping = new MemoryMapping(address, (nuint)size);
        if (!mapping.IsInvalid)
        {
            // A huge page for the first octet that is touched would make an idle instance cost megabytes.
            _ = OperatingSystem.IsLinux() ? Advise(address, (nuint)size, NoHugePage) : 0;
            return mapping;
        }

        mapping.Dispose();
        return null;
    }

    /// <summary>So many ranges side by side, each of which is given back alone; null where that cannot be.</summary>
    public static MemoryMapping[]? Reserve(long size, int count)
    {
        // Elsewhere a range is given back as it was reserved, or not at all.
        nint address = OperatingSystem.IsLinux() && size % Environment.SystemPageSize == 0
            ? Map(0, (nuint)size * (nuint)count, ReadWrite, Private | AnonymousLinux | NoReserveLinux, -1, 0)
            : -1;
        if (address is 0 or -1)
        {
            return null;
        }

        _ = Advise(address, (nuint)size * (nuint)count, NoHugePage); // As of one alone.
        var mappings = new MemoryMapping[count];
        for (int index = 0; index < count; index++)
        {
            mappings[index] = new MemoryMapping(address + ((nint)size * index), (nuint)size);
        }

        return mappings;
    }

    protected override bool ReleaseHandle() =>
        OperatingSystem.IsWindows() ? VirtualFree(handle, 0, Release) != 0 : Unmap(handle, _size) == 0;

    // SAFETY: all arguments are words or ints as in POSIX on 64-bit systems; the offset is always zero. The system
    // picks the address, so nothing that is mapped already is touched.
    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int file, nint offset);

    // SAFETY: called once for each handle, by ReleaseHandle, with a range that Map gave, or its own part of one.
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
