using Tars.Bundle.Wasm;
using Xunit;

namespace Tars.Tests.Bundle.Wasm;

/// <summary>What counts costs nothing where that is asked for, and what only looks like it costs what it did.</summary>
public sealed class MemoryCounterTests
{
    private const int At = 1_024;

    // In a region of its own, at the end of one that is left in its middle, behind a call, and where nobody comes.
    [Fact]
    public void Code_that_counts_is_charged_as_code_that_does_not()
    {
        Assert.Equal(6, MemoryCounter.Fuel);
        Assert.Equal(Costs(Code(counts: false), uncharged: false), Costs(Code(counts: true), uncharged: true));
        Assert.NotEqual(Costs(Code(counts: false), uncharged: false), Costs(Code(counts: true), uncharged: false));

        static CodeWriter Code(bool counts)
        {
            var code = new CodeWriter();
            Count(At);
            code.Loop(BlockType.Empty).LocalGet(new LocalIndex(0)).BrIf(0);
            Count(At + 4);
            code.I32Const(At).I32Const(At).Load(Opcode.I32Load).Op(Opcode.Drop).Op(Opcode.Drop);
            code.LocalGet(new LocalIndex(0)).If(BlockType.Empty).Else();
            Count(At + 8);
            code.End().LocalGet(new LocalIndex(0)).Call(new FuncIndex(0));
            Count(At);
            Count(At);
            code.End().Op(Opcode.Unreachable);
            Count(At + 4);
            return code.End();

            void Count(int address)
            {
                if (counts)
                {
                    MemoryCounter.Write(code, address);
                }
            }
        }
    }

    [Theory]
    [InlineData(At, At, 0, 1, true)]
    [InlineData(At + 12, At + 12, 0, 1, true)]
    [InlineData(At + 16, At + 16, 0, 1, false)]
    [InlineData(At - 4, At - 4, 0, 1, false)]
    [InlineData(At, At + 4, 0, 1, false)]
    [InlineData(At, At, 4, 1, false)]
    [InlineData(At, At, 0, 2, false)]
    public void Only_what_counts_is_free(int to, int from, uint offset, int step, bool isFree)
    {
        var code = new CodeWriter().I32Const(to).I32Const(from).Load(Opcode.I32Load, offset).I32Const(step)
            .Op(Opcode.I32Add).Store(Opcode.I32Store).End();
        Assert.Equal(isFree ? [] : [MemoryCounter.Fuel], Costs(code, uncharged: true));
    }

    // The first address is another's; the rest of what lies on the stack is dropped.
    [Fact]
    public void Of_addresses_in_a_row_the_last_two_begin_it()
    {
        var code = new CodeWriter().I32Const(At).I32Const(At + 4).I32Const(At);
        MemoryCounter.Write(code, At);
        code.Op(Opcode.Drop).Op(Opcode.Drop).Op(Opcode.Drop).End();
        Assert.Equal([3], Costs(code, uncharged: true));
    }

    private static IEnumerable<int> Costs(CodeWriter code, bool uncharged)
    {
        var builder = new ModuleBuilder();
        builder.Memory(new WasmRange(1, null));
        builder.Func(builder.Type([ValType.I32], []), [], code);
        var module = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(builder.Build())).Module;
        var charged = uncharged ? MemoryCounter.Uncharged(module, At, size: 16) : module;
        return charged.Functions[0].Regions.Select(one => one.Cost);
    }
}
