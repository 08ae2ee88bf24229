using System.Buffers.Binary;
using System.Text;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;
using Tars.Sim.Fuzz;
using Xunit;

namespace Tars.Tests.Engine.Vm;

/// <summary>Objects that no compiler made: each is refused by name, and costs little.</summary>
public sealed class HostileObjectTests
{
    private static readonly Section _code = new(".text", Type: 1, Flags: 6, [0xC3]);

    [Fact]
    public void A_relocation_beyond_every_section_is_refused()
    {
        byte[] relocation = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(relocation, ulong.MaxValue - 99);
        BinaryPrimitives.WriteUInt32LittleEndian(relocation.AsSpan(8), 1);
        byte[] octets = ObjectOf(
            _code,
            new Section(".debug_line", Type: 8, Flags: 0, []) { Size = ulong.MaxValue },
            new Section(".strtab", Type: 3, Flags: 0, [0]),
            new Section(".symtab", Type: 2, Flags: 0, new byte[24]) { Link = 3 },
            new Section(".rela", Type: 4, Flags: 0, relocation) { Link = 4, Info = 2 });
        Assert.Equal("its relocations are damaged", RefusalOf(octets));
    }

    [Fact]
    public void An_object_without_code_is_refused() =>
        Assert.Equal(
            "the object is refused: it has no code for i0.e0",
            RefusalOf(ObjectOf(new Section(".rodata", Type: 1, Flags: 2, new byte[64]))));

    [Fact]
    public void Symbols_that_share_a_long_name_are_refused()
    {
        byte[] names = new byte[500_001];
        names.AsSpan(0, 500_000).Fill((byte)'a');
        byte[] octets = ObjectOf(
            _code,
            new Section(".strtab", Type: 3, Flags: 0, names),
            new Section(".symtab", Type: 2, Flags: 0, new byte[24 * 2_000]) { Link = 2 });
        Assert.Equal("its symbols are damaged", RefusalOf(octets));
    }

    [Theory]
    [InlineData(-16, 5)]
    [InlineData(1 << 30, 5)]
    [InlineData(0, -2)]
    [InlineData(0, int.MaxValue)]
    public void A_place_that_cannot_be_is_none(int function, int offset) =>
        Assert.Equal(new GuestFault(FaultKind.Unreachable), FaultAt(function, offset));

    [Fact]
    public void A_place_that_can_be_is_told() =>
        Assert.Equal(new GuestFault(FaultKind.Unreachable, Function: 0, Offset: 9), FaultAt(function: 0, offset: 9));

    private static GuestFault? FaultAt(int function, int offset) =>
        new GuestImage(Facts(), default, default, new Dictionary<string, long>(), LineTable.Empty, default)
            .ExplicitFault((int)FaultKind.Unreachable + 1, ((long)function << 32) | (uint)offset);

    private static string RefusalOf(byte[] octets)
    {
        byte[] framed = FramedObject.Write(new Dictionary<string, long>(), octets);
        Assert.Null(ImageLinker.Link(
            Facts(), [framed], new Dictionary<string, long>(), ImagePlace.Alone, out string refusal));
        return refusal;
    }

    private static ModuleFacts Facts()
    {
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(WasmGenerator.Module(seed: 3))).Module;
        return new ModuleFacts(ModulePlan.OfCommand(valid, [], GuestMap.Control.Module, tableElementsMax: 100));
    }

    // The header, what the sections hold, and their table; section 0 is none, the last one has the names.
    private static byte[] ObjectOf(params Section[] given)
    {
        byte[] names = Encoding.ASCII.GetBytes($"\0{string.Concat(given.Select(section => $"{section.Name}\0"))}");
        Section[] all = [new("", Type: 0, Flags: 0, []), .. given, new("", Type: 3, Flags: 0, names)];
        var octets = new List<byte>(new byte[64]);
        var table = new List<byte>();
        int name = 1;
        foreach (var section in all)
        {
            byte[] head = new byte[64];
            BinaryPrimitives.WriteInt32LittleEndian(head, section.Name == "" ? 0 : name);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), section.Type);
            BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(8), section.Flags);
            BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(24), octets.Count);
            BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(32), section.Size ?? (ulong)section.Octets.Length);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(40), section.Link);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(44), section.Info);
            name += section.Name == "" ? 0 : section.Name.Length + 1;
            octets.AddRange(section.Octets);
            table.AddRange(head);
        }

        byte[] made = [.. octets, .. table];
        "\u007FELF\u0002\u0001"u8.CopyTo(made);
        BinaryPrimitives.WriteUInt16LittleEndian(made.AsSpan(16), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(made.AsSpan(18), 62);
        BinaryPrimitives.WriteInt64LittleEndian(made.AsSpan(40), octets.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(made.AsSpan(58), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(made.AsSpan(60), (ushort)all.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(made.AsSpan(62), (ushort)(all.Length - 1));
        return made;
    }

    private sealed record Section(string Name, int Type, ulong Flags, byte[] Octets)
    {
        public ulong? Size { get; init; }

        public int Link { get; init; }

        public int Info { get; init; }
    }
}
