using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Llvm;
using Tars.Sim.Fuzz;
using Xunit;

namespace Tars.Tests.Engine.Vm;

/// <summary>
/// Straight loops that look as if they were made of equal parts and are not, each in one respect, and such as are:
/// the micro-VM engine does with them what the oracle does. To add a case write what a turn does.
/// </summary>
public sealed class RolledLoopTests
{
    private const int TurnCount = 20;
    private const int WordCount = 160;
    private const int OtherAddress = 1024;
    private const int ToAddress = 4096;
    private const int LocalsAddress = 2048;

    private static readonly LocalIndex _from = new(1);
    private static readonly LocalIndex _other = new(2);
    private static readonly LocalIndex _to = new(3);
    private static readonly LocalIndex _left = new(4);
    private static readonly LocalIndex _first = new(5);
    private static readonly LocalIndex _second = new(6);
    private static readonly LocalIndex _fixed = new(7);

    [Fact]
    public void Equal_parts_leave_in_each_local_what_turns_would() => Check(pace: 8, code => Copy(code, 0, 4));

    [Fact]
    public void Equal_parts_subtract_what_turns_would() => Check(pace: 8, code =>
    {
        foreach (uint at in (uint[])[0, 4])
        {
            code.LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, at).LocalGet(_other).Load(Opcode.I32Load, at)
                .Op(Opcode.I32Sub).Store(Opcode.I32Store, at);
        }
    });

    [Fact]
    public void What_is_summed_up_beside_the_parts_has_all_turns() => Check(pace: 8, code => Copy(code, 0, 4)
        .LocalGet(_first).LocalGet(_from).Load(Opcode.I32Load).Op(Opcode.I32Add).LocalSet(_first));

    [Fact]
    public void What_a_turn_makes_of_another_local_is_no_counter() => Check(pace: 8, code => Copy(code, 0, 4)
        .LocalGet(_first).LocalSet(_second).LocalGet(_fixed).I32Const(4).Op(Opcode.I32Add).LocalSet(_first));

    [Fact]
    public void A_counter_that_a_datum_is_made_of_counts_on() => Check(pace: 8, code => Copy(code, 0, 4)
        .LocalGet(_to).I32Const(1).Op(Opcode.I32Add).LocalSet(_first));

    [Fact]
    public void A_turn_of_thirteen_octets_has_no_two_halves() => Check(pace: 13, code =>
    {
        foreach (uint at in (uint[])[0, 6])
        {
            code.LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load8U, at).Store(Opcode.I32Store8, at);
        }
    });

    [Fact]
    public void Turns_that_reach_into_the_next_do_all_their_parts() => Check(pace: 8, code =>
    {
        foreach (uint at in (uint[])[0, 4, 8, 12])
        {
            code.LocalGet(_from).LocalGet(_from).Load(Opcode.I32Load, at).I32Const(1).Op(Opcode.I32Add)
                .Store(Opcode.I32Store, at);
        }
    });

    [Theory]
    [InlineData(Opcode.I32Add, 1, Opcode.I32Add, 2)]
    [InlineData(Opcode.I32Add, 3, Opcode.I32Sub, 3)]
    public void Parts_that_compute_something_else_are_not_equal(
        Opcode operation, int number, Opcode otherOperation, int otherNumber) => Check(pace: 8, code => code
            .LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load).I32Const(number).Op(operation)
            .Store(Opcode.I32Store)
            .LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, 4).I32Const(otherNumber).Op(otherOperation)
            .Store(Opcode.I32Store, 4));

    [Fact]
    public void A_counter_that_is_stored_is_another_number_in_each_turn() => Check(pace: 8, code => code
        .LocalGet(_to).LocalGet(_left).Store(Opcode.I32Store)
        .LocalGet(_to).LocalGet(_left).Store(Opcode.I32Store, 4));

    [Fact]
    public void Parts_that_load_further_apart_than_they_store_are_not_equal() => Check(pace: 8, code => code
        .LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load).Store(Opcode.I32Store)
        .LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, 8).Store(Opcode.I32Store, 4));

    [Fact]
    public void Parts_that_load_from_another_way_are_not_equal() => Check(pace: 8, code => code
        .LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load).LocalGet(_other).Load(Opcode.I32Load).Op(Opcode.I32Sub)
        .Store(Opcode.I32Store)
        .LocalGet(_to).LocalGet(_other).Load(Opcode.I32Load, 4).LocalGet(_from).Load(Opcode.I32Load, 4)
        .Op(Opcode.I32Sub).Store(Opcode.I32Store, 4));

    [Fact]
    public void What_was_loaded_before_an_earlier_part_stored_there_is_what_was_there() => Check(pace: 8, code => code
        .LocalGet(_from).Load(Opcode.I32Load).LocalSet(_first)
        .LocalGet(_from).Load(Opcode.I32Load, 4).LocalSet(_second)
        .LocalGet(_from).LocalGet(_first).I32Const(1).Op(Opcode.I32Add).Store(Opcode.I32Store, 4)
        .LocalGet(_from).LocalGet(_second).I32Const(1).Op(Opcode.I32Add).Store(Opcode.I32Store, 8));

    [Fact]
    public void What_is_loaded_after_a_later_part_stored_there_is_what_that_stored() => Check(pace: 8, code => code
        .LocalGet(_from).LocalGet(_from).Load(Opcode.I32Load, 8).I32Const(1).Op(Opcode.I32Add)
        .Store(Opcode.I32Store, 4)
        .LocalGet(_from).LocalGet(_from).Load(Opcode.I32Load, 4).I32Const(1).Op(Opcode.I32Add)
        .Store(Opcode.I32Store));

    // What is different is the other half of a constant, or a lane of a half.
    [Theory]
    [InlineData(Opcode.F64x2Add, 0x3FF8000000000000, 0x4004000000000000)]
    [InlineData(Opcode.F32x4Add, 0x400000003F800000, 0x400000003F800000)]
    public void A_constant_with_different_lanes_stays_one(Opcode add, long low, long high) => Check(pace: 16, code =>
        code.LocalGet(_to).LocalGet(_from).Load(Opcode.V128Load)
            .V128Const([.. BitConverter.GetBytes(low), .. BitConverter.GetBytes(high)]).Op(add)
            .Store(Opcode.V128Store));

    private static CodeWriter Copy(CodeWriter code, params ReadOnlySpan<uint> places)
    {
        foreach (uint at in places)
        {
            code.LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, at).Store(Opcode.I32Store, at);
        }

        return code;
    }

    private static void Check(int pace, Action<CodeWriter> turn)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        Assert.Null(VmDifferential.Run(host, 1, Module(pace, turn), CodeTier.O2));
    }

    // Numbers, the loop, and what it leaves in the locals put where it can be seen.
    private static WasmModule Module(int pace, Action<CodeWriter> turn)
    {
        var module = new ModuleBuilder();
        _ = module.Memory(new WasmRange(1, 1));
        var type = module.Type([ValType.I32], [ValType.I32]);
        for (int run = 0; run < 3; run++)
        {
            var code = new CodeWriter();
            for (int word = 0; word < WordCount; word++)
            {
                code.I32Const(word * sizeof(int)).I32Const((word * 7) + run).Store(Opcode.I32Store);
                code.I32Const(word * sizeof(int)).I32Const((word * 1001) + run)
                    .Store(Opcode.I32Store, OtherAddress);
            }

            code.I32Const(OtherAddress).LocalSet(_other).I32Const(ToAddress).LocalSet(_to);
            code.I32Const(TurnCount).LocalSet(_left).I32Const(5).LocalSet(_first).LocalGet(new LocalIndex(0))
                .LocalSet(_fixed).Loop(BlockType.Empty);
            turn(code);
            foreach (var way in (LocalIndex[])[_from, _other, _to])
            {
                code.LocalGet(way).I32Const(pace).Op(Opcode.I32Add).LocalSet(way);
            }

            code.LocalGet(_left).I32Const(1).Op(Opcode.I32Sub).LocalTee(_left).BrIf(0).End();
            foreach (var local in (LocalIndex[])[_from, _other, _to, _left, _first, _second])
            {
                code.I32Const(LocalsAddress + (local.Value * sizeof(int))).LocalGet(local).Store(Opcode.I32Store);
            }

            ValType[] locals = [.. Enumerable.Repeat(ValType.I32, 7)];
            module.Export($"run{run}", module.Func(type, locals, code.I32Const(0).End()));
        }

        return module.Build();
    }
}
