using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Cil.Runtime;

/// <summary>What the system says of the pages of this process: which of them can hold anything but zeros.</summary>
/// <remarks>
/// A page of a private mapping that is neither present nor swapped out was never touched. To read it would cost a page
/// fault, and the page would be present from then on.
/// </remarks>
internal static class PageTable
{
    public const int PageSize = 4096;

    private const ulong PresentOrSwapped = 3UL << 62; // docs of Linux: admin-guide/mm/pagemap

    private static readonly SafeFileHandle? _entries = Open();

    /// <summary>The entries of so many pages from that address on.</summary>
    /// <returns>False where the system does not say.</returns>
    public static bool TryRead(nint address, Span<ulong> entries)
    {
        var octets = MemoryMarshal.AsBytes(entries);
        return _entries is not null && Environment.SystemPageSize == PageSize
            && RandomAccess.Read(_entries, octets, address / PageSize * sizeof(ulong)) == octets.Length;
    }

    public static bool IsTouched(ulong entry) => (entry & PresentOrSwapped) != 0;

    private static SafeFileHandle? Open()
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
}
