using System.Buffers.Binary;
using System.Globalization;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Machine;

namespace Tars.Engine.Vm.Loading;

/// <summary>Puts the objects of a module into one image: lays out sections and fills in addresses.</summary>
/// <remarks>
/// An object is hostile. It may hold code, constants and line tables; of relocations the few kinds that our compiler
/// makes. Everything else is refused by name, and no octet is written outside of the image.
/// </remarks>
internal sealed class ImageLinker
{
    private const string LineSection = ".debug_line";
    private const ulong AlignmentMax = 4096;
    private const byte Breakpoint = 0xCC;

    private readonly ModuleFacts _facts;
    private readonly IReadOnlyDictionary<string, long> _known;
    private readonly List<ElfObject> _objects = [];
    private readonly List<IReadOnlyDictionary<string, long>> _frames = [];
    private readonly Dictionary<(int Object, int Section), Placed> _placed = [];
    private readonly Dictionary<string, long> _symbols = [];
    private string? _refusal;

    private ImageLinker(ModuleFacts facts, IReadOnlyDictionary<string, long> known)
    {
        _facts = facts;
        _known = known;
    }

    /// <param name="known">Symbols of images that are in the machine already.</param>
    /// <param name="place">Where it may lie.</param>
    /// <returns>Null when the objects are refused, and why.</returns>
    public static GuestImage? Link(
        ModuleFacts facts,
        IReadOnlyList<ReadOnlyMemory<byte>> objects,
        IReadOnlyDictionary<string, long> known,
        ImagePlace place,
        out string refusal)
    {
        var linker = new ImageLinker(facts, known);
        foreach (var octets in objects)
        {
            if (FramedObject.Read(octets) is not var (frames, code))
            {
                refusal = "the object is refused: the sizes of its frames are damaged";
                return null;
            }

            if (ElfObject.Read(code, out refusal) is not { } read)
            {
                return null;
            }

            linker._objects.Add(read);
            linker._frames.Add(frames);
        }

        var image = linker.Link(place);
        refusal = linker._refusal ?? "";
        return linker._refusal is null ? image : null;
    }

    private GuestImage? Link(ImagePlace place)
    {
        byte[] text = LayOut(0, IsText);
        byte[] data = PassiveData();
        byte[] readOnly = LayOut(data.Length, IsReadOnly);
        if (_refusal is not null)
        {
            return null;
        }

        if (Limits.ImageBytesMax < (long)text.Length + readOnly.Length)
        {
            Refuse("it is too large");
            return null;
        }

        if (text.Length == 0 && place == ImagePlace.Alone)
        {
            text = [Breakpoint]; // A module may have no function of its own; a machine has some code.
        }

        long readOnlyBase = place.ReadOnly ?? GuestMap.ReadOnlyBase(text.Length);
        data.CopyTo(readOnly, 0);
        _symbols[_facts.DataSymbol] = readOnlyBase;
        Copy(text, place.Text, isText: true);
        Copy(readOnly, readOnlyBase, isText: false);
        Define();
        CheckEntries();
        byte[][] lines = [.. LineSections()];
        Relocate(text, readOnly, place.Text, readOnlyBase, lines);
        return _refusal is not null
            ? null
            : new GuestImage(_facts, text, readOnly, Merged(), LineTable.Read(lines), StackNeed.Of(_facts, _frames));
    }

    private byte[] PassiveData()
    {
        var segments = _facts.Module.Module.DataSegments;
        var data = new List<byte>();
        for (int index = 0; index < segments.Length; index++)
        {
            if (_facts.IsPassive(index))
            {
                data.AddRange(segments[index].Bytes.Span);
            }
        }

        return [.. data];
    }

    // Gives each section of a kind its offset; answers room for all of them.
    private byte[] LayOut(long start, Func<ElfSection, bool> isOfKind)
    {
        long at = start;
        for (int number = 0; number < _objects.Count; number++)
        {
            var sections = _objects[number].Sections;
            for (int index = 0; index < sections.Length; index++)
            {
                var section = sections[index];
                if (!isOfKind(section))
                {
                    continue;
                }

                if (AlignmentMax < section.Alignment || !ulong.IsPow2(Math.Max(section.Alignment, 1))
                    || section.IsEmpty || Limits.ImageBytesMax < section.Size)
                {
                    Refuse($"section {section.Name} cannot be laid out");
                    return [];
                }

                long alignment = (long)Math.Max(section.Alignment, 1);
                at = (at + alignment - 1) & -alignment;
                _placed[(number, index)] = new Placed((int)at, IsText(section));
                at += (long)section.Size;
                if (Limits.ImageBytesMax < at)
                {
                    Refuse("it is too large");
                    return [];
                }
            }
        }

        return new byte[at];
    }

    private bool IsText(ElfSection section) =>
        IsLoaded(section) && section.Flags.HasFlag(ElfFlags.Execute);

    // Addresses in constants are filled in here: after that nobody writes to .data.rel.ro.
    private bool IsReadOnly(ElfSection section) =>
        IsLoaded(section) && !section.Flags.HasFlag(ElfFlags.Execute);

    private bool IsLoaded(ElfSection section)
    {
        if (!section.Flags.HasFlag(ElfFlags.Alloc) || section.Size == 0 || section.Name == ".eh_frame")
        {
            return false;
        }

        bool isWritable = section.Flags.HasFlag(ElfFlags.Write)
            && !section.Name.StartsWith(".data.rel.ro", StringComparison.Ordinal);
        if (isWritable || section.Flags.HasFlag(ElfFlags.ThreadLocal)
            || (section.Flags.HasFlag(ElfFlags.Write) && section.Flags.HasFlag(ElfFlags.Execute)))
        {
            Refuse($"it has a section {section.Name}, which code could write to");
            return false;
        }

        return true;
    }

    private void Copy(byte[] to, long start, bool isText)
    {
        foreach (var (key, placed) in _placed)
        {
            if (placed.IsText == isText)
            {
                _objects[key.Object].Sections[key.Section].Bytes.Span.CopyTo(to.AsSpan(placed.Offset));
                placed.Address = start + placed.Offset;
            }
        }
    }

    private void Define()
    {
        for (int number = 0; number < _objects.Count; number++)
        {
            foreach (var symbol in _objects[number].Symbols)
            {
                if (!symbol.IsLocal && symbol.Section > 0
                    && AddressOf(number, symbol) is { } address && !_symbols.TryAdd(symbol.Name, address))
                {
                    Refuse($"it defines {symbol.Name} twice");
                }
            }
        }
    }

    // Whoever calls a function from outside may count on it.
    private void CheckEntries()
    {
        foreach (int entry in ModuleEmitter.EntriesOf(_facts.Module))
        {
            if (!_symbols.ContainsKey(_facts.EntryOf(entry)))
            {
                Refuse($"it has no code for {_facts.EntryOf(entry)}");
            }
        }
    }

    private long? AddressOf(int number, ElfSymbol symbol) =>
        _placed.TryGetValue((number, symbol.Section), out var placed) && symbol.Value <= Limits.ImageBytesMax
            ? placed.Address + (long)symbol.Value
            : null;

    private IEnumerable<byte[]> LineSections() =>
        _objects.Select(read => read.Sections.FirstOrDefault(section => section.Name == LineSection)?.Bytes.ToArray()
            ?? []);

    private void Relocate(byte[] text, byte[] readOnly, long textBase, long readOnlyBase, byte[][] lines)
    {
        for (int number = 0; number < _objects.Count && _refusal is null; number++)
        {
            var read = _objects[number];
            foreach (var relocation in read.Relocations)
            {
                if (_placed.TryGetValue((number, relocation.Section), out var placed))
                {
                    var (octets, start) = placed.IsText ? (text, textBase) : (readOnly, readOnlyBase);
                    var target = octets.AsSpan(
                        placed.Offset, read.Sections[relocation.Section].Bytes.Length);
                    Apply(number, relocation, target, start + placed.Offset);
                }
                else if (read.Sections[relocation.Section].Name == LineSection
                    && relocation.Type is ElfRelocationType.Absolute64)
                {
                    Apply(number, relocation, lines[number], start: 0);
                }
            }
        }
    }

    private void Apply(int number, ElfRelocation relocation, Span<byte> octets, long start)
    {
        int size = relocation.Type is ElfRelocationType.Absolute64 ? 8 : 4;
        if (octets.Length - size < relocation.Offset)
        {
            Refuse("a relocation lies outside of its section");
            return;
        }

        var place = octets.Slice((int)relocation.Offset, size);
        if (Resolve(number, relocation.Symbol) is not { } symbol)
        {
            return;
        }

        long value = unchecked(symbol + relocation.Addend);
        switch (relocation.Type)
        {
            case ElfRelocationType.Absolute64:
                BinaryPrimitives.WriteInt64LittleEndian(place, value);
                break;
            case ElfRelocationType.Relative32 or ElfRelocationType.Call32:
                value = unchecked(value - start - relocation.Offset);
                if (value != (int)value)
                {
                    Refuse("an address is out of reach");
                    return;
                }

                BinaryPrimitives.WriteInt32LittleEndian(place, (int)value);
                break;
            default:
                Refuse(string.Create(
                    CultureInfo.InvariantCulture, $"it has a relocation of type {(uint)relocation.Type}"));
                break;
        }
    }

    private long? Resolve(int number, int index)
    {
        var symbol = _objects[number].Symbols[index];
        if (symbol.Section > 0 && AddressOf(number, symbol) is { } own)
        {
            return own;
        }

        if (symbol.Section == 0 && symbol.Name == "tars.control")
        {
            return GuestMap.ControlBase;
        }

        if (symbol.Section == 0
            && (_symbols.TryGetValue(symbol.Name, out long found) || _known.TryGetValue(symbol.Name, out found)))
        {
            return found;
        }

        Refuse($"it needs {(symbol.Name == "" ? "something" : symbol.Name)}, which is not there");
        return null;
    }

    private Dictionary<string, long> Merged()
    {
        var all = new Dictionary<string, long>(_known);
        foreach (var (name, address) in _symbols)
        {
            all[name] = address;
        }

        return all;
    }

    private void Refuse(string why) => _refusal ??= $"the object is refused: {why}";

    private sealed class Placed(int offset, bool isText)
    {
        public int Offset => offset;

        public bool IsText => isText;

        public long Address { get; set; }
    }
}

/// <summary>Where an image goes.</summary>
/// <param name="ReadOnly">Null for: on the page behind the text.</param>
internal readonly record struct ImagePlace(long Text, long? ReadOnly)
{
    /// <summary>For an image that is alone in its machine.</summary>
    public static ImagePlace Alone => new(GuestMap.TextBase, ReadOnly: null);
}
