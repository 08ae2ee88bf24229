using Tars.Bundle.Wasm;
using Xunit;

namespace Tars.Tests.Bundle.Wasm;

/// <summary>What the validator refuses, and what it learns about code that is valid.</summary>
public sealed class ValidatorTests
{
    private static readonly LocalIndex _first = new(0);

    [Fact]
    public void Regions_follow_the_control_flow()
    {
        // Offsets:            0            2                     4
        var code = new CodeWriter().Block(BlockType.Empty).Loop(BlockType.Empty).LocalGet(_first)
            // 6            8           10
            .BrIf(1).I32Const(7).Op(Opcode.Drop)
            // 11    13: dead      14: of the loop
            .Br(0).Op(Opcode.Nop).End()
            // 15: of the block; 16
            .End().LocalGet(_first)
            // 18                 20               21      22        24
            .If(BlockType.Empty).Op(Opcode.Return).Else().LocalGet(_first).Op(Opcode.Drop)
            // 25; 26: of the function
            .End().End();
        var function = Validated([ValType.I32], [], code);
        FuelRegion[] regions = [new(4, 4), new(16, 2), new(20, 1), new(22, 1)];
        Assert.Equal(regions, function.Regions);
        Assert.Equal(8 + 1 + 1, function.DepthSlots);
    }

    [Fact]
    public void A_call_ends_its_region_and_dead_code_begins_none()
    {
        var code = new CodeWriter().I32Const(1).Call(new FuncIndex(0)).I32Const(2).Op(Opcode.Return)
            .Block(BlockType.Empty).I32Const(3).Op(Opcode.Drop).End().Op(Opcode.Drop).End();
        var function = Validated([ValType.I32], [], code);
        FuelRegion[] regions = [new(0, 6), new(4, 2)];
        Assert.Equal(regions, function.Regions);
        Assert.Empty(function.Blocks);
    }

    [Fact]
    public void Blocks_know_their_parts_and_their_stack()
    {
        var code = new CodeWriter().LocalGet(_first).I64Const(5).I32Const(1)
            .If(BlockType.Of(new TypeIndex(1))).Op(Opcode.I64Eqz).Else().Op(Opcode.Drop).I32Const(9).End()
            .Op(Opcode.I32Add).End();
        var function = Validated([ValType.I32], [ValType.I32], code);
        var block = Assert.Single(function.Blocks);
        Assert.Equal((6, 1, 9, 13), (block.Offset, block.Height, block.ElseOffset, block.EndOffset));
        Assert.Equal(3, function.MaxStack);
    }

    [Fact]
    public void A_walk_sees_live_code_with_its_operands()
    {
        var code = new CodeWriter().Block(BlockType.Of(ValType.I32)).I32Const(1).I32Const(2).Br(0).Op(Opcode.Drop)
            .End().Op(Opcode.I32Eqz).Op(Opcode.Drop).End();
        var module = Valid([ValType.I32], [], code);
        var walker = module.Walk(module.Functions[0]);
        var seen = new List<string>();
        while (walker.Next())
        {
            string mark = walker.FallsThrough ? "" : "*";
            seen.Add($"{mark}{walker.At.Info.Name}[{string.Join(' ', walker.Stack.ToArray())}]");
        }

        Assert.Equal(
            "block[] i32.const[] i32.const[I32] br[I32 I32] *end[I32] i32.eqz[I32] drop[I32] end[]",
            string.Join(' ', seen));
    }

    [Theory]
    [InlineData("20 01 1A 0B", "unknown local 1")]
    [InlineData("10 07 0B", "unknown function 7")]
    [InlineData("0C 01 0B", "unknown label 1")]
    [InlineData("41 00 0B", "type mismatch: 1 operands are left over at the end of a block")]
    [InlineData("6A 0B", "type mismatch: a value is missing")]
    [InlineData("42 00 45 1A 0B", "type mismatch: expected i32, found i64")]
    [InlineData("41 00 28 02 00 1A 0B", "unknown memory 0")]
    [InlineData("D2 00 1A 0B", "undeclared function reference")]
    [InlineData("05 0B", "END opcode expected")]
    [InlineData("0B 0B", "unexpected end of section or function")]
    [InlineData("02 40 0B", "unexpected end of section or function")]
    [InlineData("FF", "illegal opcode")]
    public void Wrong_code_is_refused(string hex, string message)
    {
        byte[] body = Convert.FromHexString(hex.Replace(" ", ""));
        var builder = new ModuleBuilder();
        builder.Define(builder.Declare(builder.Type([ValType.I32], [])), [], body);
        var result = ModuleValidator.Validate(builder.Build());
        Assert.Equal(message, Assert.IsType<ValidationResult.Invalid>(result).Error.Message);
    }

    [Fact]
    public void A_constant_may_add_to_an_imported_global()
    {
        var builder = new ModuleBuilder();
        var imported = builder.ImportGlobal("env", "base", new GlobalType(ValType.I32, Mutable: false));
        var sum = new CodeWriter().GlobalGet(imported).I32Const(8).Op(Opcode.I32Add).End();
        builder.Global(new GlobalType(ValType.I32, Mutable: false), sum);
        Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(builder.Build()));
    }

    [Fact]
    public void A_tail_call_must_give_what_its_caller_gives()
    {
        var builder = new ModuleBuilder();
        var nothing = builder.Type([], []);
        var number = builder.Type([], [ValType.I32]);
        var callee = builder.Declare(number);
        builder.Define(callee, [], new CodeWriter().ReturnCall(callee).End().ToArray());
        Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(builder.Build()));
        builder.Func(nothing, [], new CodeWriter().ReturnCall(callee).End());
        Assert.IsType<ValidationResult.Invalid>(ModuleValidator.Validate(builder.Build()));
    }

    private static ValidatedFunction Validated(ValType[] parameters, ValType[] results, CodeWriter code) =>
        Valid(parameters, results, code).Functions[0];

    private static ValidatedModule Valid(ValType[] parameters, ValType[] results, CodeWriter code)
    {
        var builder = new ModuleBuilder();
        var type = builder.Type(parameters, results);
        builder.Type([ValType.I64], [ValType.I32]);
        builder.Func(type, [], code);
        var result = ModuleValidator.Validate(builder.Build());
        return Assert.IsType<ValidationResult.Valid>(result).Module;
    }
}
