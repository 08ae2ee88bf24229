using System.Runtime.InteropServices;

namespace Tars.Engine.Cil.Runtime;

/// <summary>Mappings that were given back, zero again, for the next instance of their size.</summary>
/// <remarks>
/// A page that was touched before costs no page fault, and most of what a short life costs is page faults.
///
/// Invariants:
///   I1  Every octet of a mapping in the pool is zero. Which pages can be anything else the system says: see
///       <see cref="PageTable"/>. Where it does not say, nothing is kept.
///   I2  The pool holds at most as many mappings, and as much memory, as the limits say; those that are still to be
///       made zero hold no more.
/// </remarks>
internal static class MappingPool
{
    private static readonly Lock _gate = new();
    private static readonly Dictionary<long, Stack<FreeMapping>> _free = [];
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
        int count = (int)((used + PageTable.PageSize - 1) / PageTable.PageSize);
        Span<ulong> entries = stackalloc ulong[count];
        if (!PageTable.TryRead(mapping.Address, entries))
        {
            return null;
        }

        long touched = 0;
        for (int page = 0; page < count; page++)
        {
            if (PageTable.IsTouched(entries[page]))
            {
                mapping.Octets((long)page * PageTable.PageSize, PageTable.PageSize).Clear();
                touched += PageTable.PageSize;
            }
        }

        return touched;
    }

    /// <param name="Touched">Octets of memory that it keeps while it waits.</param>
    private readonly record struct FreeMapping(MemoryMapping Mapping, long Touched);
}
