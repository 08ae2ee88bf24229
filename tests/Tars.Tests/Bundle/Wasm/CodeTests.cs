using Tars.Bundle.Wasm;
using Xunit;

namespace Tars.Tests.Bundle.Wasm;

/// <summary>
/// The opcode table is whole; what <see cref="CodeWriter"/> writes <see cref="InstructionReader"/> reads.
/// </summary>
public sealed class CodeTests
{
    [Fact]
    public void Every_opcode_has_exactly_one_row()
    {
        Assert.Equal(Enum.GetValues<Opcode>().Order(), Opcodes.All.Select(row => row.Opcode).Order());
    }

    [Fact]
    public void An_enum_member_is_named_like_the_instruction()
    {
        foreach (var row in Opcodes.All.Where(row => row.Opcode is not Opcode.SelectTyped))
        {
            Assert.Equal(row.Name.Replace(".", "").Replace("_", ""), row.Opcode.ToString(), ignoreCase: true);
        }
    }

    [Fact]
    public void Immediates_come_back_as_they_were_written()
    {
        var code = new CodeWriter()
            .Block(BlockType.Of(ValType.F64)).Loop(BlockType.Of(new TypeIndex(300))).If(BlockType.Empty)
            .I32Const(int.MinValue).I64Const(long.MinValue).F32Const(1.5f).F64Const(-0.0)
            .BrTable([3, 200, 70_000], otherwise: 1)
            .CallIndirect(new TypeIndex(5), new TableIndex(6)).TableCopy(to: new TableIndex(1), from: new TableIndex(2))
            .Load(Opcode.I64Load32S, offset: uint.MaxValue).MemoryLane(Opcode.V128Load64Lane, 9, align: 3, lane: 1)
            .RefNull(ValType.ExternRef).SelectTyped(ValType.V128).MemoryCopy()
            .Shuffle([.. Enumerable.Range(0, 16).Select(lane => (byte)lane)])
            .End().End().End().End();

        Assert.Equal(-1, code.Depth);
        Assert.Equal(
            "Block F64; Loop 300; If; I32Const -2147483648; I64Const -9223372036854775808; F32Const 3FC00000; "
            + "F64Const 8000000000000000; BrTable 3 200 70000 1; CallIndirect 5 6; TableCopy 1 2; "
            + "I64Load32S 2 4294967295; V128Load64Lane 3 9 1; RefNull ExternRef; SelectTyped 7B; MemoryCopy; "
            + "I8x16Shuffle 000102030405060708090A0B0C0D0E0F; End; End; End; End",
            Listing(code.ToArray()));
    }

    [Theory]
    [InlineData("41", "unexpected end")]
    [InlineData("418080808080", "integer representation too long")]
    [InlineData("41FFFFFFFF0F", "integer too large")]
    [InlineData("20808080808000", "integer representation too long")]
    [InlineData("208080808010", "integer too large")]
    [InlineData("27", "illegal opcode")]
    [InlineData("FC12", "illegal opcode")]
    [InlineData("FDFF0F", "illegal opcode")]
    [InlineData("0EFFFFFFFF0F00", "unexpected end")]
    [InlineData("3F01", "zero byte expected")]
    [InlineData("D07F", "malformed reference type")]
    [InlineData("286000", "malformed memop flags")]
    [InlineData("0241", "malformed block type")]
    public void Malformed_code_is_told_in_the_words_of_the_specification(string hex, string error)
    {
        var reader = new InstructionReader(Convert.FromHexString(hex));
        while (reader.Next())
        {
        }

        Assert.Equal(error, reader.Error);
    }

    private static string Listing(byte[] code)
    {
        var parts = new List<string>();
        var reader = new InstructionReader(code);
        while (reader.Next())
        {
            parts.Add(Show(ref reader));
        }

        Assert.Null(reader.Error);
        return string.Join("; ", parts);
    }

    private static string Show(ref InstructionReader at)
    {
        string immediates = at.Info.Immediate switch
        {
            Immediate.None or Immediate.MemoryIndex or Immediate.MemoryPair => "",
            Immediate.Block => at.BlockType.Index?.Value.ToString() ?? at.BlockType.Result?.ToString() ?? "",
            Immediate.Label or Immediate.Func or Immediate.Local or Immediate.Global or Immediate.Table
                or Immediate.Elem or Immediate.Data or Immediate.DataMemory => $"{at.Index}",
            Immediate.LabelTable => Labels(at.Labels),
            Immediate.CallIndirect or Immediate.TablePair or Immediate.ElemTable => $"{at.Index} {at.SecondIndex}",
            Immediate.Memory => $"{at.Align} {at.Offset}",
            Immediate.MemoryLane => $"{at.Align} {at.Offset} {at.Lane}",
            Immediate.I32 => $"{at.I32}",
            Immediate.I64 => $"{at.I64}",
            Immediate.F32 => $"{at.F32Bits:X}",
            Immediate.F64 => $"{at.F64Bits:X}",
            Immediate.V128 or Immediate.Lanes or Immediate.SelectTypes => Convert.ToHexString(at.Bytes),
            Immediate.Lane => $"{at.Lane}",
            Immediate.RefType => $"{at.RefType}",
        };
        return $"{at.Opcode} {immediates}".TrimEnd();
    }

    private static string Labels(LabelTable labels)
    {
        var shown = new List<int>();
        foreach (int label in labels)
        {
            shown.Add(label);
        }

        Assert.Equal(labels.Count, shown.Count);
        return string.Join(' ', shown);
    }
}
