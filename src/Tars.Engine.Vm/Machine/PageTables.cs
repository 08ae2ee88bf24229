using System.Runtime.InteropServices;
using Tars.Base;
using Tars.Engine.Vm.Kvm;

namespace Tars.Engine.Vm.Machine;

/// <summary>The page tables of one machine, written by the host alone (data plane).</summary>
/// <remarks>
/// Invariants:
///   I1  No page is writable and executable.
///   I2  A page that became a table stays the table of the same addresses. A hypervisor that shadows the tables sees no
///       write of ours: it reads an entry when the guest faults, and believes it from then on.
///   I3  So an entry may become present at any time, but one that stops being so takes effect only when the memory
///       behind it is forgotten (<see cref="MappedMemory.Forget"/>), as <see cref="Unmap"/> asks of its caller.
/// </remarks>
internal sealed class PageTables
{
    private const int RootLevel = 3;
    private const int DirectoryLevel = 1;
    private const int PageLevel = 0;
    private const int EntryCount = 512;
    private const int PageBits = 12;
    private const int LevelBits = 9;
    private const long LargePage = (long)EntryCount * GuestMap.PageSize;

    private const ulong Present = 1;
    private const ulong Writable = 1 << 1;
    private const ulong User = 1 << 2;
    private const ulong Large = 1 << 7;
    private const ulong NoExecute = 1UL << 63;
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    // Set from the start, so that the processor has no reason to write into a table.
    private const ulong AccessedAndDirty = (1 << 5) | (1 << 6);

    private readonly MappedMemory _memory;
    private readonly long _physical;
    private readonly int _pageCountMax;
    private int _pageCount = 1;

    /// <param name="memory">Starts with the pages of the tables; the first is the root.</param>
    /// <param name="physical">Where that lies for the guest.</param>
    public PageTables(MappedMemory memory, long physical, int pageCountMax)
    {
        _memory = memory;
        _physical = physical;
        _pageCountMax = pageCountMax;
    }

    /// <summary>Tables that a machine needs at most when so much is mapped, in so many stretches.</summary>
    public static int PageCountMax(long size, int stretchCount)
    {
        const int TablesAtTheEnds = 2 * RootLevel;
        return 1 + (stretchCount * TablesAtTheEnds) + (int)(size / LargePage) + (int)(size / (LargePage * EntryCount));
    }

    /// <summary>Makes addresses reach memory. What is mapped already, in the same way, stays.</summary>
    public void Map(long address, long physical, long size, PageRights rights)
    {
        ulong bits = Present | AccessedAndDirty | Bits(rights);
        long at = 0;
        while (at < size)
        {
            long here = address + at;
            long inLarge = here & (LargePage - 1);
            ref ulong directory = ref Entry(here, DirectoryLevel);
            if ((directory & Large) != 0)
            {
                at += LargePage - inLarge;
                continue;
            }

            if (directory == 0 && inLarge == 0 && ((physical + at) & (LargePage - 1)) == 0 && LargePage <= size - at)
            {
                directory = (ulong)(physical + at) | bits | Large;
                at += LargePage;
                continue;
            }

            long end = Math.Min(size, at + LargePage - inLarge);
            var table = Table(here, PageLevel);
            for (; at < end; at += GuestMap.PageSize)
            {
                table[Index(address + at, PageLevel)] = (ulong)(physical + at) | bits;
            }
        }
    }

    /// <summary>Takes addresses away. The caller forgets the memory behind them before the next run (I3).</summary>
    /// <param name="physical">Where the memory lies for the guest: of a large page a part may have to stay.</param>
    public void Unmap(long address, long physical, long size, PageRights rights)
    {
        long at = 0;
        while (at < size)
        {
            long here = address + at;
            long inLarge = here & (LargePage - 1);
            ref ulong directory = ref Entry(here, DirectoryLevel);
            if ((directory & Large) != 0)
            {
                directory = 0;
                Map(here - inLarge, physical + at - inLarge, inLarge, rights);
                at += LargePage - inLarge;
                continue;
            }

            long end = Math.Min(size, at + LargePage - inLarge);
            if (directory == 0)
            {
                at = end;
                continue;
            }

            var table = Table(here, PageLevel);
            for (; at < end; at += GuestMap.PageSize)
            {
                table[Index(address + at, PageLevel)] = 0;
            }
        }
    }

    /// <summary>Pages that are in use as tables.</summary>
    public int PageCount => _pageCount;

    /// <summary>Every leaf, by ascending address.</summary>
    public IEnumerable<MappedPage> Mapped() => Leaves(page: 0, RootLevel, address: 0);

    private static ulong Bits(PageRights rights) => rights switch
    {
        PageRights.Code => User,
        PageRights.ReadOnly => User | NoExecute,
        PageRights.ReadWrite => User | Writable | NoExecute,
        PageRights.RingZeroCode => 0,
        PageRights.RingZeroReadOnly => NoExecute,
        PageRights.RingZeroReadWrite => Writable | NoExecute,
    }; // I1

    private static int Index(long address, int level) =>
        (int)(address >> (PageBits + (LevelBits * level))) & (EntryCount - 1);

    private ref ulong Entry(long address, int level) => ref Table(address, level)[Index(address, level)];

    // The table of that level on the way to an address; those that are missing are made.
    private Span<ulong> Table(long address, int level)
    {
        int page = 0;
        for (int at = RootLevel; level < at; at--)
        {
            ref ulong entry = ref Page(page)[Index(address, at)];
            if (entry == 0)
            {
                Invariant.Holds(_pageCount < _pageCountMax);
                entry = (ulong)(_physical + ((long)_pageCount * GuestMap.PageSize))
                    | Present | Writable | User | AccessedAndDirty;
                _pageCount++;
            }

            page = (int)(((long)(entry & AddressMask) - _physical) / GuestMap.PageSize);
        }

        return Page(page);
    }

    private IEnumerable<MappedPage> Leaves(int page, int level, long address)
    {
        for (int index = 0; index < EntryCount; index++)
        {
            ulong entry = Page(page)[index];
            long here = address | ((long)index << (PageBits + (LevelBits * level)));
            if ((entry & Present) == 0)
            {
                continue;
            }

            if (level == PageLevel || (entry & Large) != 0)
            {
                yield return new MappedPage(
                    here, (entry & Writable) != 0, (entry & NoExecute) == 0, (entry & User) != 0);
                continue;
            }

            int next = (int)(((long)(entry & AddressMask) - _physical) / GuestMap.PageSize);
            foreach (var leaf in Leaves(next, level - 1, here))
            {
                yield return leaf;
            }
        }
    }

    private Span<ulong> Page(int page) =>
        MemoryMarshal.Cast<byte, ulong>(_memory.Octets((long)page * GuestMap.PageSize, GuestMap.PageSize));
}

/// <summary>Who may do what with a page.</summary>
internal enum PageRights
{
    Code,
    ReadOnly,
    ReadWrite,
    RingZeroCode,
    RingZeroReadOnly,
    RingZeroReadWrite,
}

/// <summary>A page as the processor sees it.</summary>
internal readonly record struct MappedPage(long Address, bool IsWritable, bool IsExecutable, bool IsOfUser);
