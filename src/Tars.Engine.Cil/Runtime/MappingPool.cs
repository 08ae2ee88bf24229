using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Cil.Runtime;

/// <summary>Mappings that were given back, zero again, for the next instance of their size.</summary>
/// <remarks>
/// A page that was touched before costs no page fault, and most of what a short life costs is page faults.
///
/// Invariants:
///   I1  Every octet of a mapping in the pool is zero. Which pages can be anything else the system says: those that
///       are present or swapped out. Where it does not say, nothing is kept.
///   I2  The pool holds at most as many mappings, and as much memory, as the limits say; those that are still to be
///       made zero hold no more.
/// </remarks>
internal static class MappingPool
{
    private const ulong PresentOrSwapped = 3UL << 62; // docs of Linux: admin-guide/mm/pagemap
    private const int PageSize = 4096;

    private static readonly Lock _gate = new();
    private static readonly Dictionary<long, Stack<FreeMapping>> _free = [];
    private static readonly SafeFileHandle? _pages = OpenPages();
    private static long _freeBytes;
    private static long _usedBytes; // Of those that are to be made zero.
    private static int _freeCount;
    private static int _reserved;

    /// <summary>Null when the system has no such range left.</summary>
    public static MemoryMapping? Rent(long size)
    {
        long rounded = (size + Limits.MappingGrain - 1) / Limits.MappingGrain * Limits.MappingGrain;
        lock (_gate)
        {
            if (_free.TryGetValue(rounded, out var mappings) && mappings.TryPop(out var free))
            {
                _freeCount--;
                _freeBytes -= free.Touched;
                return free.Mapping;
            }

            return ReserveSome(rounded);
        }
    }

    // Who has made many instances makes many more: their ranges are asked of the system a few at a time. Half of the
    // room stays for mappings that are given back. // I1, I2
    private static MemoryMapping? ReserveSome(long size)
    {
        bool areMany = Limits.MappingsReservedAlone <= _reserved++
            && _freeCount + Limits.MappingsReservedAtOnce <= Limits.MappingsKeptMax / 2;
        if (!areMany || MemoryMapping.Reserve(size, Limits.MappingsReservedAtOnce) is not { } some)
        {
            return MemoryMapping.Reserve(size);
        }

        foreach (var one in some.AsSpan(1))
        {
            _freeCount++;
            Push(new FreeMapping(one, Touched: 0));
        }

        return some[0];
    }

    private static void Push(FreeMapping free)
    {
        ref var mappings = ref CollectionsMarshal.GetValueRefOrAddDefault(_free, free.Mapping.Size, out _);
        (mappings ??= new Stack<FreeMapping>()).Push(free);
    }

    /// <summary>The caller is done with it: it is kept, or the system gets it back.</summary>
    /// <param name="used">Octets from its beginning that may have been written.</param>
    public static void Return(MemoryMapping mapping, long used)
    {
        if (Limits.MappingKeptBytesMax < used || !IsRoom(used))
        {
            mapping.Dispose();
        }
        else if (used <= Limits.MappingClearedAtOnceMax)
        {
            Keep(mapping, used);
        }
        else if (Limits.MappingPoolBytesMax < Interlocked.Add(ref _usedBytes, used))
        {
            Interlocked.Add(ref _usedBytes, -used);
            mapping.Dispose();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(KeepLater, (Mapping: mapping, Used: used), preferLocal: false);
        }
    }

    private static void KeepLater((MemoryMapping Mapping, long Used) one)
    {
        Keep(one.Mapping, one.Used);
        Interlocked.Add(ref _usedBytes, -one.Used);
    }

    private static void Keep(MemoryMapping mapping, long used)
    {
        if (Clear(mapping, used) is not { } touched)
        {
            mapping.Dispose();
            return;
        }

        lock (_gate)
        {
            if (IsRoom(touched))
            {
                _freeCount++;
                _freeBytes += touched;
                Push(new FreeMapping(mapping, touched));
                return;
            }
        }

        mapping.Dispose();
    }

    private static bool IsRoom(long bytes) =>
        _freeCount < Limits.MappingsKeptMax && _freeBytes + bytes <= Limits.MappingPoolBytesMax; // I2

    // How many octets of memory it has; null when nobody can say. // I1
    private static long? Clear(MemoryMapping mapping, long used)
    {
        int count = (int)((used + PageSize - 1) / PageSize);
        Span<ulong> flags = stackalloc ulong[count];
        var octets = MemoryMarshal.AsBytes(flags);
        if (_pages is null || Environment.SystemPageSize != PageSize
            || RandomAccess.Read(_pages, octets, mapping.Address / PageSize * sizeof(ulong)) != octets.Length)
        {
            return null;
        }

        long touched = 0;
        for (int page = 0; page < count; page++)
        {
            if ((flags[page] & PresentOrSwapped) != 0)
            {
                mapping.Octets((long)page * PageSize, PageSize).Clear();
                touched += PageSize;
            }
        }

        return touched;
    }

    private static SafeFileHandle? OpenPages()
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.OpenHandle("/proc/self/pagemap") : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="Touched">Octets of memory that it keeps while it waits.</param>
    private readonly record struct FreeMapping(MemoryMapping Mapping, long Touched);
}
