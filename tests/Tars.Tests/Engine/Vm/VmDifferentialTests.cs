using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Llvm;
using Tars.Sim;
using Tars.Sim.Fuzz;
using Xunit;

namespace Tars.Tests.Engine.Vm;

/// <summary>
/// The micro-VM engine and the oracle agree on results, traps and their places, fuel and memory, at traps too. Each row
/// is a generator's seed; `./dev.cs modules 1000 1 --microvm` runs more.
/// </summary>
public sealed class VmDifferentialTests
{
    private const int ModuleCount = 12;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Generated_modules_do_what_the_oracle_does(int level)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        for (ulong seed = 1; seed <= ModuleCount; seed++)
        {
            var module = (seed % 3) switch
            {
                0 => WasmGenerator.Module(seed),
                1 => LoopGenerator.Module(seed),
                _ => FaultGenerator.Module(seed),
            };
            Assert.Null(VmDifferential.Run(host, seed, module, (CodeTier)level));
            Assert.Null(VmDifferential.RunUnrolled(host, seed, (CodeTier)level));
            Assert.Null(VmDifferential.RunMixed(host, seed, (CodeTier)level));
        }
    }

    // Of single modules few are for micro-VMs, and these by their number.
    [Fact]
    public void The_command_that_repeats_a_difference_runs_the_module_where_it_differs()
    {
        Assert.Equal("./dev.cs modules 1 1234 --microvm", EngineCampaigns.RepeatOf(1234, isOnMicroVm: true));
        Assert.Equal("./dev.cs modules 1 1234", EngineCampaigns.RepeatOf(1234, isOnMicroVm: false));
    }

    // An access that is made one instruction with its use, or one with another access, must not have another's place.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_accesses_side_by_side_each_faults_at_its_own_place(int level)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        for (ulong seed = 1; seed <= ModuleCount; seed++)
        {
            Assert.Null(VmDifferential.RunPlaces(host, seed, (CodeTier)level, needsPlaces: true));
        }
    }

    // An octet that was loaded anew for a shift; a product that was stored where one of its factors came from.
    [Theory]
    [InlineData(10_058)]
    [InlineData(10_066)]
    public void An_access_that_had_no_place_once_has_one(int seed)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        Assert.Null(VmDifferential.RunPlaces(host, (ulong)seed, CodeTier.O2, needsPlaces: true));
    }

    // In it functions with vectors on the stack end in calls of each other.
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_mixed_module_that_was_compiled_wrongly_once_is_not_any_more(int level)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        Assert.Null(VmDifferential.RunMixed(host, seed: 500_010, (CodeTier)level));
    }

    // Whatever this processor has, so that what older ones run is run too.
    [Fact]
    public void Generated_modules_do_the_same_on_a_processor_of_the_second_level()
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        for (ulong seed = 1; seed <= ModuleCount; seed++)
        {
            Assert.Null(VmDifferential.RunUnrolled(host, seed, CodeTier.O2, ProcessorLevel.V2));
            Assert.Null(VmDifferential.RunPlaces(host, seed, CodeTier.O2, ProcessorLevel.V2, needsPlaces: true));
        }
    }

    // Rolled up, the second part would load as the first does: on the other side of its own store.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_part_that_loads_on_the_other_side_of_its_own_store_is_no_repetition(bool isFirstBehind)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        Assert.Null(VmDifferential.Run(host, 1, TwoParts([isFirstBehind, !isFirstBehind]), CodeTier.O2));
        Assert.Null(VmDifferential.Run(host, 1, TwoParts([isFirstBehind, isFirstBehind]), CodeTier.O2));
    }

    // Of two parts the later one writes half of what the earlier one wrote, or the other way round.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stores_that_meet_stay_in_their_order(bool isSecondFirst)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        Assert.Null(VmDifferential.Run(host, 1, PartsThatMeet(isSecondFirst ? [1, 0] : [0, 1]), CodeTier.O2));
    }

    // What makes the NaN canonical behind the inner loop must leave what the outer loop keeps in wide registers.
    [Theory]
    [InlineData(Opcode.F64Load, Opcode.F64Store, sizeof(double))]
    [InlineData(Opcode.F32Load, Opcode.F32Store, sizeof(float))]
    public void Making_a_NaN_canonical_changes_nothing_else(Opcode load, Opcode store, int size)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        Assert.Null(VmDifferential.Run(host, 1, NaNInAnInnerLoop(load, store, size), CodeTier.O2));
    }

    // Again and again each datum becomes itself times a number and that number; the first is a NaN.
    private static WasmModule NaNInAnInnerLoop(Opcode load, Opcode store, int size)
    {
        var module = new ModuleBuilder();
        _ = module.Memory(new WasmRange(1, 1));
        var type = module.Type([ValType.I32], [ValType.I32]);
        bool isDouble = size == sizeof(double);
        var (value, to, left, rounds, by) =
            (new LocalIndex(0), new LocalIndex(1), new LocalIndex(2), new LocalIndex(3), new LocalIndex(4));
        for (int run = 0; run < 3; run++)
        {
            var code = new CodeWriter().I32Const(0).F64Const(double.NaN).Store(Opcode.F64Store);
            code.I32Const(0).I32Const(0x7FC0_0000).Store(Opcode.I32Store);
            code.LocalGet(value).I32Const(7).Op(Opcode.I32Or);
            code.Op(isDouble ? Opcode.F64ConvertI32S : Opcode.F32ConvertI32S).LocalSet(by);
            code.I32Const(3).LocalSet(rounds).Loop(BlockType.Empty);
            code.I32Const(0).LocalSet(to).I32Const(67).LocalSet(left).Loop(BlockType.Empty);
            code.LocalGet(to).LocalGet(to).Load(load);
            code.LocalGet(by).Op(isDouble ? Opcode.F64Mul : Opcode.F32Mul);
            code.LocalGet(by).Op(isDouble ? Opcode.F64Add : Opcode.F32Add).Store(store);
            code.LocalGet(to).I32Const(size).Op(Opcode.I32Add).LocalSet(to);
            code.LocalGet(left).I32Const(1).Op(Opcode.I32Sub).LocalTee(left).BrIf(0).End();
            code.LocalGet(rounds).I32Const(1).Op(Opcode.I32Sub).LocalTee(rounds).BrIf(0).End();
            code.I32Const(0).Load(Opcode.I32Load, (uint)(3 * size)).End();
            ValType[] locals = [ValType.I32, ValType.I32, ValType.I32, isDouble ? ValType.F64 : ValType.F32];
            module.Export($"run{run}", module.Func(type, locals, code));
        }

        return module.Build();
    }

    // As floats, all would be added to the first lane of what the loop does not change.
    [Fact]
    public void A_vector_whose_lanes_differ_stays_one_in_a_loop()
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        Assert.Null(VmDifferential.Run(host, 1, VectorAddedInALoop(), CodeTier.O2));
    }

    private static WasmModule VectorAddedInALoop()
    {
        var module = new ModuleBuilder();
        _ = module.Memory(new WasmRange(1, 1));
        var type = module.Type([ValType.I32], [ValType.I32]);
        var (to, left, vector) = (new LocalIndex(1), new LocalIndex(2), new LocalIndex(3));
        for (int run = 0; run < 3; run++)
        {
            var code = new CodeWriter().I32Const(4096).F64Const(1.5).Store(Opcode.F64Store);
            code.I32Const(4104).F64Const(2.5).Store(Opcode.F64Store);
            code.I32Const(4096).Load(Opcode.V128Load, 0).LocalSet(vector).I32Const(20).LocalSet(left);
            code.Loop(BlockType.Empty).LocalGet(to).LocalGet(to).Load(Opcode.V128Load, 0);
            code.LocalGet(vector).Op(Opcode.F64x2Add).Store(Opcode.V128Store, 0);
            code.LocalGet(to).I32Const(16).Op(Opcode.I32Add).LocalSet(to);
            code.LocalGet(left).I32Const(1).Op(Opcode.I32Sub).LocalTee(left).BrIf(0).End();
            code.I32Const(12).Load(Opcode.I32Load, 0).End();
            module.Export($"run{run}", module.Func(type, [ValType.I32, ValType.I32, ValType.V128], code));
        }

        return module.Build();
    }

    private static WasmModule PartsThatMeet(int[] order)
    {
        var module = new ModuleBuilder();
        _ = module.Memory(new WasmRange(1, 1));
        var type = module.Type([ValType.I32], [ValType.I32]);
        var (value, to, left) = (new LocalIndex(0), new LocalIndex(1), new LocalIndex(2));
        for (int run = 0; run < 3; run++)
        {
            var code = new CodeWriter().I32Const(64).LocalSet(to).I32Const(20).LocalSet(left).Loop(BlockType.Empty);
            foreach (int part in order)
            {
                uint offset = (uint)(part * sizeof(int));
                code.LocalGet(to).I32Const(0x01020304).Store(Opcode.I32Store, offset);
                code.LocalGet(to).LocalGet(value).Store(Opcode.I32Store16, offset + 6);
            }

            code.LocalGet(to).I32Const(order.Length * sizeof(int)).Op(Opcode.I32Add).LocalSet(to);
            code.LocalGet(left).I32Const(1).Op(Opcode.I32Sub).LocalTee(left).BrIf(0).End();
            code.I32Const(0).Load(Opcode.I32Load, 70).End();
            module.Export($"run{run}", module.Func(type, [ValType.I32, ValType.I32], code));
        }

        return module.Build();
    }

    // Each part puts 77 in one place and copies, before that or behind it, what is there to another.
    private static WasmModule TwoParts(bool[] isBehind)
    {
        var module = new ModuleBuilder();
        _ = module.Memory(new WasmRange(1, 1));
        var type = module.Type([ValType.I32], [ValType.I32]);
        var (from, to, left, kept) = (new LocalIndex(1), new LocalIndex(2), new LocalIndex(3), new LocalIndex(4));
        for (int run = 0; run < 3; run++)
        {
            var code = new CodeWriter();
            for (int place = 0; place < 64; place++)
            {
                code.I32Const(place * sizeof(int)).I32Const(place + run + 1).Store(Opcode.I32Store);
            }

            code.I32Const(4096).LocalSet(to).I32Const(20).LocalSet(left).Loop(BlockType.Empty);
            for (int part = 0; part < isBehind.Length; part++)
            {
                uint offset = (uint)(part * sizeof(int));
                if (!isBehind[part])
                {
                    code.LocalGet(from).Load(Opcode.I32Load, offset).LocalSet(kept);
                }

                code.LocalGet(from).I32Const(77).Store(Opcode.I32Store, offset);
                code.LocalGet(to);
                code = isBehind[part] ? code.LocalGet(from).Load(Opcode.I32Load, offset) : code.LocalGet(kept);
                code.Store(Opcode.I32Store, offset);
            }

            foreach (var way in (LocalIndex[])[from, to])
            {
                code.LocalGet(way).I32Const(isBehind.Length * sizeof(int)).Op(Opcode.I32Add).LocalSet(way);
            }

            code.LocalGet(left).I32Const(1).Op(Opcode.I32Sub).LocalTee(left).BrIf(0).End();
            code.I32Const(0).Load(Opcode.I32Load, 4100).End();
            module.Export($"run{run}", module.Func(type, [.. Enumerable.Repeat(ValType.I32, 4)], code));
        }

        return module.Build();
    }
}
