using System.Buffers.Binary;
using System.Collections.Immutable;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Checkpoints;

/// <summary>The octets of a guest between two calls: its memory page by page, its globals, tables and dropped
/// segments.</summary>
/// <remarks>
/// It is the memory and not the typed state, so that what the guest does next is the same to the last unit of fuel
/// (decision 057). A guest is written only if it holds no function that a fresh one does not: which of the others an
/// engine could make again is not known here.
/// </remarks>
internal static class GuestCodec
{
    private const int PageSize = 4096;

    /// <summary>The functions that a guest's tables hold; a table entry that is empty is among them.</summary>
    public static HashSet<int> FunctionsOf(GuestState fresh) =>
        [.. fresh.Tables.SelectMany(table => table), 0];

    /// <param name="functions">Those of a fresh guest; asked only when there are tables.</param>
    /// <returns>Null, or why it cannot be written.</returns>
    public static string? Save(ByteWriter output, IGuest guest, Func<HashSet<int>> functions)
    {
        var state = guest.Save();
        if (state.MemorySize % PageSize != 0)
        {
            return "its memory does not consist of pages";
        }

        if (state.Tables.Any(table => 0 < table.Length) && !functions().IsSupersetOf(FunctionsOf(state)))
        {
            return "its tables hold functions that they did not begin with";
        }

        output.I64(state.MemorySize);
        int countAt = output.Length;
        output.U32(0);
        uint count = 0;
        foreach (var page in state.Pages)
        {
            for (int at = 0; at < page.Bytes.Length; at += PageSize)
            {
                var octets = page.Bytes.Span.Slice(at, PageSize);
                if (octets.ContainsAnyExcept((byte)0))
                {
                    output.U32((uint)((page.Address + at) / PageSize));
                    output.Bytes(octets);
                    count++;
                }
            }
        }

        output.PatchU32(countAt, count);
        output.U32((uint)state.Globals.Length);
        Span<byte> word = stackalloc byte[16];
        foreach (var global in state.Globals)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(word, global);
            output.Bytes(word);
        }

        output.U32((uint)state.Tables.Length);
        foreach (var table in state.Tables)
        {
            output.U32((uint)table.Length);
            foreach (int element in table)
            {
                output.U32((uint)element);
            }
        }

        Save(output, state.DroppedData);
        Save(output, state.DroppedElements);
        return null;
    }

    /// <summary>What a fresh guest of the same code is to become; null when the octets cannot be that.</summary>
    public static GuestState? Load(ref ByteReader input, GuestState fresh, GuestLimits limits)
    {
        long size = input.I64();
        uint count = input.U32();
        bool fits = fresh.MemorySize <= size && size <= limits.MemoryBytesMax && size % PageSize == 0
            && count <= size / PageSize;
        if (!fits)
        {
            return null;
        }

        var pages = ImmutableArray.CreateBuilder<GuestPage>();
        for (uint left = count; 0 < left && !input.Failed; left--)
        {
            long at = (long)input.U32() * PageSize;
            byte[] octets = input.Bytes(PageSize).ToArray();
            if (size <= at || (0 < pages.Count && at <= pages[^1].Address))
            {
                return null;
            }

            pages.Add(new GuestPage(at, octets));
        }

        return LoadRest(ref input, fresh, size, pages.DrainToImmutable());
    }

    private static GuestState? LoadRest(
        ref ByteReader input, GuestState fresh, long size, ImmutableArray<GuestPage> pages)
    {
        var globals = ImmutableArray.CreateBuilder<UInt128>();
        bool fits = input.U32() == fresh.Globals.Length;
        for (int index = 0; fits && index < fresh.Globals.Length && !input.Failed; index++)
        {
            var word = input.Bytes(16);
            globals.Add(input.Failed ? 0 : BinaryPrimitives.ReadUInt128LittleEndian(word));
        }

        var known = FunctionsOf(fresh);
        var tables = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        fits &= input.U32() == fresh.Tables.Length;
        for (int index = 0; fits && index < fresh.Tables.Length && !input.Failed; index++)
        {
            uint length = input.U32();
            var octets = new ByteReader(input.Bytes(4L * length));
            var elements = ImmutableArray.CreateBuilder<int>();
            fits &= fresh.Tables[index].Length <= length && length <= Limits.TableElementsMax;
            while (fits && !octets.AtEnd)
            {
                int element = (int)octets.U32();
                fits &= known.Contains(element);
                elements.Add(element);
            }

            tables.Add(elements.DrainToImmutable());
        }

        var data = LoadFlags(ref input, fresh.DroppedData.Length);
        var segments = LoadFlags(ref input, fresh.DroppedElements.Length);
        return fits && !input.Failed
            ? new GuestState(
                size, pages, globals.DrainToImmutable(), tables.DrainToImmutable(), data, segments)
            : null;
    }

    private static void Save(ByteWriter output, ImmutableArray<bool> flags)
    {
        output.U32((uint)flags.Length);
        foreach (bool flag in flags)
        {
            output.U8(flag ? (byte)1 : (byte)0);
        }
    }

    private static ImmutableArray<bool> LoadFlags(ref ByteReader input, int count)
    {
        if (input.U32() != count)
        {
            input.Fail();
        }

        var flags = ImmutableArray.CreateBuilder<bool>();
        foreach (byte flag in input.Bytes(input.Failed ? 0 : count))
        {
            flags.Add(flag != 0);
        }

        return flags.DrainToImmutable();
    }
}
