using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Tars.Engine.Vm.Loading;

/// <summary>An object file for x86-64, read as a stranger's: every offset and size is checked.</summary>
internal sealed class ElfObject
{
    private const int HeaderSize = 64;
    private const int SectionSize = 64;
    private const int SymbolSize = 24;
    private const int RelocationSize = 24;
    private const int SymbolTable = 2;
    private const int RelocationTable = 4;
    private const int NoBits = 8;
    private const ushort FirstReserved = 0xFF00;

    private ElfObject(
        ImmutableArray<ElfSection> sections,
        ImmutableArray<ElfSymbol> symbols,
        ImmutableArray<ElfRelocation> relocations)
    {
        Sections = sections;
        Symbols = symbols;
        Relocations = relocations;
    }

    public ImmutableArray<ElfSection> Sections { get; }

    public ImmutableArray<ElfSymbol> Symbols { get; }

    public ImmutableArray<ElfRelocation> Relocations { get; }

    /// <returns>Null, and what is wrong, when it is no such object.</returns>
    public static ElfObject? Read(ReadOnlyMemory<byte> octets, out string refusal)
    {
        refusal = "";
        var header = octets.Span;
        if (header.Length < HeaderSize || !header[..6].SequenceEqual("\u007FELF\u0002\u0001"u8)
            || U16(header, 16) != 1 || U16(header, 18) != 62 || U16(header, 58) != SectionSize)
        {
            refusal = "it is no relocatable object for x86-64";
            return null;
        }

        int count = U16(header, 60);
        if (Slice(octets, U64(header, 40), (ulong)count * SectionSize) is not { } table
            || count == 0 || count <= U16(header, 62))
        {
            refusal = "its table of sections lies outside of it";
            return null;
        }

        return Read(octets, table, U16(header, 62), out refusal);
    }

    private static ElfObject? Read(
        ReadOnlyMemory<byte> octets, ReadOnlyMemory<byte> table, int names, out string refusal)
    {
        int count = table.Length / SectionSize;
        var raw = new RawSection[count];
        for (int index = 0; index < count; index++)
        {
            var head = table.Span.Slice(index * SectionSize, SectionSize);
            int type = (int)U32(head, 4);
            var bytes = type == NoBits ? default(ReadOnlyMemory<byte>) : Slice(octets, U64(head, 24), U64(head, 32));
            if (bytes is null)
            {
                refusal = $"section {index} lies outside of it";
                return null;
            }

            raw[index] = new RawSection(
                U32(head, 0),
                type,
                U64(head, 8),
                bytes.Value,
                U64(head, 32),
                U32(head, 40),
                U32(head, 44),
                U64(head, 48));
        }

        var sections = ImmutableArray.CreateBuilder<ElfSection>();
        int room = Limits.NameBytesMax;
        foreach (var section in raw)
        {
            if (Name(raw[names].Bytes.Span, section.Name, ref room) is not { } name)
            {
                refusal = "the names of its sections are damaged";
                return null;
            }

            sections.Add(new ElfSection(
                name, (ElfFlags)section.Flags, section.Type == NoBits, section.Bytes, section.Size, section.Alignment));
        }

        return ReadTables(raw, sections.DrainToImmutable(), out refusal);
    }

    private static ElfObject? ReadTables(
        RawSection[] raw, ImmutableArray<ElfSection> sections, out string refusal)
    {
        refusal = "";
        var symbols = ImmutableArray<ElfSymbol>.Empty;
        int symbolTable = Array.FindIndex(raw, section => section.Type == SymbolTable);
        if (0 <= symbolTable)
        {
            var section = raw[symbolTable];
            if ((uint)raw.Length <= section.Link || ReadSymbols(section, raw[section.Link], raw.Length) is not { } read)
            {
                refusal = "its symbols are damaged";
                return null;
            }

            symbols = read;
        }

        var relocations = ImmutableArray.CreateBuilder<ElfRelocation>();
        int room = Limits.ObjectBytesMax;
        foreach (var section in raw.Where(section => section.Type == RelocationTable))
        {
            room -= section.Bytes.Length; // Two sections do not share their octets.
            if (room < 0 || raw.Length <= section.Info || section.Link != symbolTable
                || !ReadRelocations(section, raw[section.Info].Size, symbols.Length, relocations))
            {
                refusal = "its relocations are damaged";
                return null;
            }
        }

        return new ElfObject(sections, symbols, relocations.DrainToImmutable());
    }

    private static ImmutableArray<ElfSymbol>? ReadSymbols(RawSection table, RawSection names, int sectionCount)
    {
        var symbols = ImmutableArray.CreateBuilder<ElfSymbol>();
        var bytes = table.Bytes.Span;
        int room = Limits.NameBytesMax;
        for (int at = 0; at + SymbolSize <= bytes.Length; at += SymbolSize)
        {
            var entry = bytes.Slice(at, SymbolSize);
            int section = U16(entry, 6);
            bool isReserved = FirstReserved <= section;
            if (Name(names.Bytes.Span, U32(entry, 0), ref room) is not { } name
                || (sectionCount <= section && !isReserved))
            {
                return null;
            }

            symbols.Add(new ElfSymbol(name, isReserved ? -1 : section, U64(entry, 8), IsLocal: entry[4] >> 4 == 0));
        }

        return symbols.DrainToImmutable();
    }

    private static bool ReadRelocations(
        RawSection table, ulong targetSize, int symbolCount, ImmutableArray<ElfRelocation>.Builder relocations)
    {
        var bytes = table.Bytes.Span;
        for (int at = 0; at + RelocationSize <= bytes.Length; at += RelocationSize)
        {
            var entry = bytes.Slice(at, RelocationSize);
            ulong offset = U64(entry, 0);
            uint symbol = U32(entry, 12);
            if (targetSize <= offset || Limits.ImageBytesMax < offset || (uint)symbolCount <= symbol)
            {
                return false;
            }

            relocations.Add(new ElfRelocation(
                (int)table.Info, (long)offset, (ElfRelocationType)U32(entry, 8), (int)symbol, (long)U64(entry, 16)));
        }

        return true;
    }

    // Any number of names can share their octets: room is for all of them together.
    private static string? Name(ReadOnlySpan<byte> names, uint at, ref int room)
    {
        if (names.Length <= at)
        {
            return at == 0 ? "" : null;
        }

        var rest = names[(int)at..];
        int end = rest[..Math.Min(rest.Length, room)].IndexOf((byte)0);
        if (end < 0)
        {
            return null;
        }

        room -= end;
        return Encoding.UTF8.GetString(rest[..end]);
    }

    private static ReadOnlyMemory<byte>? Slice(ReadOnlyMemory<byte> octets, ulong offset, ulong size)
    {
        bool isInside = offset <= (ulong)octets.Length && size <= (ulong)octets.Length - offset;

        // Not by `?:`, in which null would become empty memory.
        if (!isInside)
        {
            return null;
        }

        return octets.Slice((int)offset, (int)size);
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private readonly record struct RawSection(
        uint Name,
        int Type,
        ulong Flags,
        ReadOnlyMemory<byte> Bytes,
        ulong Size,
        uint Link,
        uint Info,
        ulong Alignment);
}

/// <summary>What is allowed of a section.</summary>
[Flags]
internal enum ElfFlags : ulong
{
    None = 0,
    Write = 1,
    Alloc = 2,
    Execute = 4,
    ThreadLocal = 0x400,
}

/// <summary>How an address is put into an octet string.</summary>
internal enum ElfRelocationType : uint
{
    Absolute64 = 1,
    Relative32 = 2,
    Call32 = 4,
    Absolute32 = 10,
}

/// <summary>A section.</summary>
/// <param name="IsEmpty">It has a size and no octets: they are zero.</param>
internal sealed record ElfSection(
    string Name, ElfFlags Flags, bool IsEmpty, ReadOnlyMemory<byte> Bytes, ulong Size, ulong Alignment);

/// <summary>A symbol.</summary>
/// <param name="Section">Where it is defined; 0 when it is not, -1 when it is in none.</param>
internal sealed record ElfSymbol(string Name, int Section, ulong Value, bool IsLocal);

/// <summary>A place that holds an address.</summary>
internal sealed record ElfRelocation(int Section, long Offset, ElfRelocationType Type, int Symbol, long Addend);
