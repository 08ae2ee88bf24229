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
    private static readonly LocalIndex _vector = new(8);
    private static readonly LocalIndex _spare = new(9);
    private static readonly GlobalIndex _counted = new(0);
    private static readonly GlobalIndex _offered = new(1);

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
    public void A_counter_that_is_stored_counts_turns_and_not_parts() => Check(pace: 8, code => code
        .LocalGet(_to).LocalGet(_first).Store(Opcode.I32Store)
        .LocalGet(_to).LocalGet(_first).Store(Opcode.I32Store, 4)
        .LocalGet(_first).I32Const(3).Op(Opcode.I32Add).LocalSet(_first));

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

    // What is different is the other half of a constant, or a lane of a half, or nothing.
    [Theory]
    [InlineData(Opcode.F64x2Add, 0x3FF8000000000000, 0x4004000000000000)]
    [InlineData(Opcode.F32x4Add, 0x400000003F800000, 0x400000003F800000)]
    [InlineData(Opcode.F64x2Add, 0x4004000000000000, 0x4004000000000000)]
    [InlineData(Opcode.F32x4Add, 0x4000000040000000, 0x4000000040000000)]
    public void A_constant_has_the_lanes_that_it_has(Opcode add, long low, long high) => Check(pace: 16, code =>
        code.LocalGet(_to).LocalGet(_from).Load(Opcode.V128Load)
            .V128Const([.. BitConverter.GetBytes(low), .. BitConverter.GetBytes(high)]).Op(add)
            .Store(Opcode.V128Store));

    [Fact]
    public void A_global_that_a_turn_sets_has_all_turns() => Check(pace: 8, code => Copy(code, 0, 4)
        .GlobalGet(_counted).I32Const(1).Op(Opcode.I32Add).GlobalSet(_counted));

    [Fact]
    public void Parts_that_take_other_globals_are_not_equal() => Check(pace: 8, code => code
        .LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load).GlobalGet(_counted).Op(Opcode.I32Add)
        .Store(Opcode.I32Store)
        .LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, 4).GlobalGet(_offered).Op(Opcode.I32Add)
        .Store(Opcode.I32Store, 4));

    [Fact]
    public void Parts_of_what_is_no_arithmetic_stay_as_they_are() => Check(pace: 8, code =>
    {
        foreach (uint at in (uint[])[0, 4])
        {
            code.LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, at).MemorySize().Op(Opcode.I32Add)
                .Store(Opcode.I32Store, at);
        }
    });

    [Fact]
    public void Equal_parts_choose_as_turns_would() => Check(pace: 8, code =>
    {
        foreach (uint at in (uint[])[0, 4])
        {
            code.LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, at).LocalGet(_other).Load(Opcode.I32Load, at)
                .LocalGet(_from).Load(Opcode.I32Load, at).I32Const(1).Op(Opcode.I32And).Op(Opcode.Select)
                .Store(Opcode.I32Store, at);
        }
    });

    // The number of the local stands where a local would.
    [Fact]
    public void What_a_turn_makes_of_a_constant_is_no_counter() => Check(pace: 8, code => Copy(code, 0, 4)
        .LocalGet(_second).LocalSet(_first)
        .I32Const(_second.Value).I32Const(4).Op(Opcode.I32Add).LocalSet(_second));

    [Theory]
    [InlineData(Opcode.I32Mul)]
    [InlineData(Opcode.I32Xor)]
    public void What_a_turn_adds_nothing_to_is_no_counter(Opcode operation) => Check(pace: 8, code => Copy(code, 0, 4)
        .LocalGet(_first).I32Const(3).Op(operation).LocalSet(_first));

    [Fact]
    public void Ways_whose_pace_is_not_known_are_gone_turn_by_turn() => Check(
        code =>
        {
            foreach (uint at in (uint[])[0, 4])
            {
                code.LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, at).Store(Opcode.I32Store, at);
            }
        },
        code => code.LocalGet(_fixed).Op(Opcode.I32Add).I32Const(8).Op(Opcode.I32Add));

    // Each is an i64 whose upper half is the other's lower.
    [Fact]
    public void Parts_that_write_over_each_other_keep_their_order() => Check(pace: 8, code =>
    {
        foreach (uint at in (uint[])[4, 0])
        {
            code.LocalGet(_to).LocalGet(_from).Load(Opcode.I64Load, at).I64Const(1).Op(Opcode.I64Add)
                .Store(Opcode.I64Store, at);
        }
    });

    [Fact]
    public void What_a_part_loads_before_it_stores_there_is_what_was_there() => Check(pace: 8, code => code
        .LocalGet(_from).LocalGet(_other).Load(Opcode.I32Load).Store(Opcode.I32Store)
        .LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load).Store(Opcode.I32Store)
        .LocalGet(_from).Load(Opcode.I32Load, 4).LocalSet(_second)
        .LocalGet(_from).LocalGet(_other).Load(Opcode.I32Load, 4).Store(Opcode.I32Store, 4)
        .LocalGet(_to).LocalGet(_second).Store(Opcode.I32Store, 4));

    [Fact]
    public void What_a_part_loads_behind_its_own_store_is_what_it_stored() => Check(pace: 8, code =>
    {
        foreach (uint at in (uint[])[0, 4])
        {
            code.LocalGet(_from).LocalGet(_other).Load(Opcode.I32Load, at).Store(Opcode.I32Store, at)
                .LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, at).Store(Opcode.I32Store, at);
        }
    });

    [Fact]
    public void Ways_that_meet_are_gone_turn_by_turn() => Check(
        pace: 8, code => Copy(code, 0, 4), before: code => code.I32Const(8).LocalSet(_to));

    // Three that are written and five more: too many to look at whether they meet.
    [Fact]
    public void Many_ways_that_meet_are_gone_turn_by_turn() => Check(
        pace: 8,
        code =>
        {
            foreach (uint at in (uint[])[0, 4])
            {
                code.LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, at);
                foreach (var still in (LocalIndex[])[_first, _second, _fixed, _spare, new LocalIndex(0)])
                {
                    code.LocalGet(still).Load(Opcode.I32Load, OtherAddress + 512).Op(Opcode.I32Add);
                }

                code.Store(Opcode.I32Store, at);
                foreach (var way in (LocalIndex[])[_other, _from])
                {
                    code.LocalGet(way).LocalGet(way).Load(Opcode.I32Load, at).I32Const(1).Op(Opcode.I32Add)
                        .Store(Opcode.I32Store, at);
                }
            }
        },
        before: code => code.I32Const(8).LocalSet(_to));

    [Fact]
    public void Parts_that_store_one_lane_store_that_one() => Check(pace: 8, code =>
    {
        foreach (uint at in (uint[])[0, 4])
        {
            code.LocalGet(_to).LocalGet(_from).Load(Opcode.V128Load, at)
                .MemoryLane(Opcode.V128Store32Lane, at, align: 2, lane: 1);
        }
    });

    [Fact]
    public void Parts_that_load_one_lane_keep_the_others() => Check(pace: 8, code =>
    {
        foreach (uint at in (uint[])[0, 4])
        {
            code.LocalGet(_to)
                .LocalGet(_from).LocalGet(_vector).MemoryLane(Opcode.V128Load32Lane, at, align: 2, lane: 1)
                .Lane(Opcode.I32x4ExtractLane, 2).Store(Opcode.I32Store, at);
        }
    });

    [Theory]
    [InlineData(Opcode.F64x2Add, Opcode.V128Load64Splat)]
    [InlineData(Opcode.F64x2Add, Opcode.V128Load32Splat)]
    [InlineData(Opcode.F32x4Add, Opcode.V128Load32Splat)]
    [InlineData(Opcode.F32x4Add, Opcode.V128Load64Splat)]
    public void One_number_in_all_lanes_is_as_wide_as_it_was_loaded(Opcode add, Opcode load) =>
        Check(pace: 16, code => code.LocalGet(_to).LocalGet(_from).Load(Opcode.V128Load)
            .LocalGet(_fixed).Load(load, OtherAddress + 8).Op(add).Store(Opcode.V128Store));

    [Theory]
    [InlineData(Opcode.F64x2Add, Opcode.F64Load, Opcode.F64x2Splat)]
    [InlineData(Opcode.F64x2Add, Opcode.F32Load, Opcode.F32x4Splat)]
    [InlineData(Opcode.F32x4Add, Opcode.F32Load, Opcode.F32x4Splat)]
    [InlineData(Opcode.F32x4Add, Opcode.F64Load, Opcode.F64x2Splat)]
    public void One_number_in_all_lanes_is_as_wide_as_it_was_made(Opcode add, Opcode load, Opcode splat) =>
        Check(pace: 16, code => code.LocalGet(_to).LocalGet(_from).Load(Opcode.V128Load)
            .LocalGet(_fixed).Load(load, OtherAddress + 8).Op(splat).Op(add).Store(Opcode.V128Store));

    [Theory]
    [InlineData(Opcode.F64x2Add, Opcode.F32x4Mul)]
    [InlineData(Opcode.F32x4Add, Opcode.F64x2Mul)]
    [InlineData(Opcode.F64x2Add, Opcode.I32x4Add)]
    public void Lanes_of_one_width_are_not_made_of_lanes_of_another(Opcode outer, Opcode inner) =>
        Check(pace: 16, code => code.LocalGet(_to).LocalGet(_from).Load(Opcode.V128Load)
            .LocalGet(_from).Load(Opcode.V128Load).LocalGet(_other).Load(Opcode.V128Load).Op(inner).Op(outer)
            .Store(Opcode.V128Store));

    [Theory]
    [InlineData(Opcode.F64x2Add, Opcode.V128Load)]
    [InlineData(Opcode.F64x2Add, Opcode.V128Load64Splat)]
    [InlineData(Opcode.F32x4Add, Opcode.V128Load)]
    [InlineData(Opcode.F32x4Add, Opcode.V128Load64Splat)]
    [InlineData(Opcode.F32x4Add, Opcode.V128Load32Splat)]
    public void A_vector_that_stays_has_the_lanes_that_it_has(Opcode add, Opcode before) => Check(
        pace: 16,
        code => code.LocalGet(_to).LocalGet(_from).Load(Opcode.V128Load).LocalGet(_vector).Op(add)
            .Store(Opcode.V128Store),
        before: code => code.I32Const(8).Load(before).LocalSet(_vector));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20)]
    public void Parts_of_so_many_turns_are_all_done(int turns) => Check(
        pace: 16,
        code =>
        {
            foreach (uint at in (uint[])[0, 8])
            {
                code.LocalGet(_from).LocalGet(_from).Load(Opcode.F64Load, at).LocalGet(_other)
                    .Load(Opcode.F64Load, at).Op(Opcode.F64Add).Store(Opcode.F64Store, at);
            }
        },
        turns: turns);

    private static CodeWriter Copy(CodeWriter code, params ReadOnlySpan<uint> places)
    {
        foreach (uint at in places)
        {
            code.LocalGet(_to).LocalGet(_from).Load(Opcode.I32Load, at).Store(Opcode.I32Store, at);
        }

        return code;
    }

    private static void Check(
        int pace, Action<CodeWriter> turn, Action<CodeWriter>? before = null, int turns = TurnCount) =>
        Check(turn, code => code.I32Const(pace).Op(Opcode.I32Add), before, turns);

    /// <param name="step">Adds to the address on the stack what a turn goes.</param>
    private static void Check(
        Action<CodeWriter> turn, Action<CodeWriter> step, Action<CodeWriter>? before = null, int turns = TurnCount)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        Assert.Null(VmDifferential.Run(host, 1, Module(turn, step, before, turns), CodeTier.O2));
    }

    // Numbers, the loop, and what it leaves in the locals put where it can be seen.
    private static WasmModule Module(
        Action<CodeWriter> turn, Action<CodeWriter> step, Action<CodeWriter>? before, int turns)
    {
        var module = new ModuleBuilder();
        foreach (int number in (int[])[5, 9])
        {
            _ = module.Global(new GlobalType(ValType.I32, Mutable: true), new CodeWriter().I32Const(number).End());
        }

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
            code.I32Const(turns).LocalSet(_left).I32Const(5).LocalSet(_first).LocalGet(new LocalIndex(0))
                .LocalSet(_fixed);
            before?.Invoke(code);
            code.Loop(BlockType.Empty);
            turn(code);
            foreach (var way in (LocalIndex[])[_from, _other, _to])
            {
                step(code.LocalGet(way));
                code.LocalSet(way);
            }

            code.LocalGet(_left).I32Const(1).Op(Opcode.I32Sub).LocalTee(_left).BrIf(0).End();
            foreach (var local in (LocalIndex[])[_from, _other, _to, _left, _first, _second])
            {
                code.I32Const(LocalsAddress + (local.Value * sizeof(int))).LocalGet(local).Store(Opcode.I32Store);
            }

            ValType[] locals = [.. Enumerable.Repeat(ValType.I32, 7), ValType.V128, ValType.I32];
            module.Export($"run{run}", module.Func(type, locals, code.I32Const(0).End()));
        }

        return module.Build();
    }
}
