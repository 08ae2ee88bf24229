using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Host;
using Tars.Kernel.Ports;
using Xunit;
using VmLimits = Tars.Engine.Vm.Limits;

namespace Tars.Tests.Engine.Vm;

/// <summary>
/// Recursion without end is the same fault, at the same fuel, on every engine: the machine's stack never ends before
/// the depth does, however large the frames are that LLVM makes. A row is a module; see <see cref="Modules"/>.
/// </summary>
public sealed class VmStackTests
{
    private const long Fuel = 1L << 40;

    private static readonly GuestLimits _deep = Guests.Limits with { DepthSlotsMax = 1 << 20 };

    private static Dictionary<string, Func<ModuleBuilder, CodeWriter>> Modules { get; } = new()
    {
        ["small frames"] = builder => Recurse(builder, liveLocals: 0, callsWide: 0),
        ["frames as large as their locals"] = builder => Recurse(builder, liveLocals: 300, callsWide: 0),
        ["a function with many values in one with few"] = builder => Recurse(builder, liveLocals: 0, callsWide: 150),
        ["by a table"] = RecurseByTable,
        ["two that call each other"] = RecurseInTurns,
        ["more arguments than registers"] = RecurseWithArguments,
        ["tail calls between"] = RecurseWithTailCalls,
    };

    public static TheoryData<string> Names => new(Modules.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Recursion_without_end_is_the_same_on_every_engine(string name)
    {
        var module = Guests.Module(Modules[name]);
        var oracle = Run(Engine("oracle"), module);
        Assert.Equal(FaultKind.StackExhausted, oracle.Fault!.Kind);
        foreach (string engine in new[] { "cil", "microvm" })
        {
            var result = Run(Engine(engine), module);
            Assert.Equal((oracle.Fault.Kind, oracle.FuelUsed), (result.Fault?.Kind, result.FuelUsed));
        }
    }

    [Fact]
    public void A_frame_that_no_stack_has_room_for_is_refused_before_it_runs()
    {
        var module = Guests.Module(builder => Recurse(builder, liveLocals: 0, callsWide: 600));
        var refused = Assert.IsType<EngineLoad.Refused>(Guests.Load(module, Engine("microvm")));
        Assert.Matches(
            $"^a function that calls itself takes [0-9]+ octets of machine stack for each slot of depth; "
            + $"{VmLimits.StackBytesPerSlotMax} are allowed$",
            refused.Reason);
    }

    [Fact]
    public void Chains_that_do_not_come_back_are_counted_once_and_circles_by_their_depth()
    {
        // 5 -> 1 -> 2 -> 3 -> 2, 1 -> 4; 0 and 5 are what every guest exports.
        var facts = Facts(builder =>
        {
            var type = builder.Type([], []);
            var (root, one, other, leaf) =
                (builder.Declare(type), builder.Declare(type), builder.Declare(type), builder.Declare(type));
            builder.Define(root, [], new CodeWriter().Call(one).Call(leaf).End().ToArray());
            builder.Define(one, [], new CodeWriter().Call(other).End().ToArray());
            builder.Define(other, [], new CodeWriter().Call(one).End().ToArray());
            builder.Define(leaf, [], new CodeWriter().End().ToArray());
            return new CodeWriter().Call(root).End();
        });
        int slots = facts.Module.Functions[2].DepthSlots;
        string Name(int function) => facts.NameOf(function);
        var need = StackNeed.Of(facts,
        [
            new Dictionary<string, long>
            {
                [Name(1)] = 1_000,
                [Name(2)] = 792,
                [$"{Name(2)}.specialized.1"] = 992,
                [Name(3)] = 92,
                [Name(4)] = 4_992,
            },
            new Dictionary<string, long> { [facts.EntryOf(5)] = 492 },
        ]);
        Assert.Equal((1_000 + slots - 1) / slots, need.BytesPerSlot);

        // The longest chain is 5 (no frame of its own), 1, 4; then the frame in which depth ends, and two others.
        Assert.Equal(8 + 1_008 + 5_000 + 1_000 + (2 * 500) + VmLimits.StackReserveBytes, need.FixedBytes);
    }

    [Fact]
    public void Sizes_of_frames_that_are_damaged_are_none()
    {
        byte[] whole = FramedObject.Write(new Dictionary<string, long> { ["a"] = 1, ["bc"] = 70_000 }, [1, 2, 3]);
        var (frames, code) = Assert.NotNull(FramedObject.Read(whole));
        Assert.Equal((1, 70_000, 3), (frames["a"], frames["bc"], code.Length));
        for (int size = 0; size < whole.Length - 3; size++)
        {
            Assert.Null(FramedObject.Read(whole.AsMemory(..size)));
        }

        byte[] twice = FramedObject.Write(new Dictionary<string, long> { ["a"] = 1, ["b"] = 1 }, []);
        twice[^1] = (byte)'a';
        Assert.Null(FramedObject.Read(twice));
    }

    private static GuestResult Run(IEngine engine, WasmModule module)
    {
        using var code = Assert.IsType<EngineLoad.Loaded>(Guests.Load(module, engine)).Code;
        using var guest = code.Instantiate(_deep, out var fault);
        Assert.Null(fault);
        return Guests.Run(guest!, argument: 1, Fuel); // No fault is a guest.
    }

    private static IEngine Engine(string name)
    {
        var engine = Compose.Engine(name, TestContext.Current.CancellationToken);
        Assert.SkipWhen(engine is null, engine is null ? Compose.WhyNot(name) : "");
        return engine!; // Else it was skipped.
    }

    private static ModuleFacts Facts(Func<ModuleBuilder, CodeWriter> code)
    {
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(Guests.Module(code))).Module;
        return new ModuleFacts(ModulePlan.OfProcess(valid, GuestMap.Control.Module, tableElementsMax: 0)!);
    }

    // f(x) = f(x + 1), with values that are needed behind the call, and with a call of another that has many at once.
    private static CodeWriter Recurse(ModuleBuilder builder, int liveLocals, int callsWide)
    {
        var type = builder.Type([ValType.I64], [ValType.I64]);
        var wide = callsWide == 0 ? default : Wide(builder, type, callsWide);
        var function = builder.Declare(type);
        var code = new CodeWriter();
        if (callsWide != 0)
        {
            // Never so; but LLVM does not know it.
            code.LocalGet(default).I64Const(1L << 62).Op(Opcode.I64GtU).If(BlockType.Empty)
                .LocalGet(default).Call(wide).Op(Opcode.Return).End();
        }

        Live(code, liveLocals);
        code.LocalGet(default).I64Const(1).Op(Opcode.I64Add).Call(function);
        for (int local = 1; local <= liveLocals; local++)
        {
            code.LocalGet(new LocalIndex(local)).Op(Opcode.I64Xor);
        }

        builder.Define(
            function, Repeated(liveLocals), code.LocalGet(default).Op(Opcode.I64Xor).End().ToArray());
        return Begin(function);
    }

    private static CodeWriter RecurseByTable(ModuleBuilder builder)
    {
        var type = builder.Type([ValType.I64], [ValType.I64]);
        var table = builder.Table(new TableType(ValType.FuncRef, new WasmRange(1, 1)));
        var code = new CodeWriter();
        Live(code, count: 100);
        code.LocalGet(default).I64Const(1).Op(Opcode.I64Add).I32Const(0).CallIndirect(type, table);
        for (int local = 1; local <= 100; local++)
        {
            code.LocalGet(new LocalIndex(local)).Op(Opcode.I64Xor);
        }

        var function = builder.Func(type, Repeated(100), code.End());
        builder.Elements(table, 0, [function]);
        return Begin(function);
    }

    private static CodeWriter RecurseInTurns(ModuleBuilder builder)
    {
        var type = builder.Type([ValType.I64], [ValType.I64]);
        var (one, other) = (builder.Declare(type), builder.Declare(type));
        var code = new CodeWriter();
        Live(code, count: 60);
        code.LocalGet(default).Call(other);
        for (int local = 1; local <= 60; local++)
        {
            code.LocalGet(new LocalIndex(local)).Op(Opcode.I64Xor);
        }

        builder.Define(one, Repeated(60), code.End().ToArray());
        builder.Define(
            other,
            [],
            new CodeWriter().LocalGet(default).I64Const(3).Op(Opcode.I64Mul).Call(one)
                .LocalGet(default).Op(Opcode.I64Xor).End().ToArray());
        return Begin(one);
    }

    private static CodeWriter RecurseWithArguments(ModuleBuilder builder)
    {
        const int Count = 40;
        var type = builder.Type(Repeated(Count), [ValType.I64]);
        var function = builder.Declare(type);
        var code = new CodeWriter();
        for (int place = 0; place < Count; place++)
        {
            code.LocalGet(new LocalIndex((place + 1) % Count)).I64Const(place).Op(Opcode.I64Add);
        }

        builder.Define(function, [], code.Call(function).LocalGet(default).Op(Opcode.I64Xor).End().ToArray());
        var begin = new CodeWriter();
        for (int place = 0; place < Count; place++)
        {
            begin.I64Const(place);
        }

        return begin.Call(function).Op(Opcode.Drop).End();
    }

    // Each frame goes on in a function with more arguments, which calls the first again.
    private static CodeWriter RecurseWithTailCalls(ModuleBuilder builder)
    {
        const int Count = 30;
        var type = builder.Type([ValType.I64], [ValType.I64]);
        var (few, many) = (builder.Declare(type), builder.Declare(builder.Type(Repeated(Count), [ValType.I64])));
        var code = new CodeWriter();
        for (int place = 0; place < Count; place++)
        {
            code.LocalGet(default).I64Const(place).Op(Opcode.I64Mul);
        }

        builder.Define(few, [], code.ReturnCall(many).End().ToArray());
        var sum = new CodeWriter().LocalGet(default).Call(few);
        for (int place = 0; place < Count; place++)
        {
            sum.LocalGet(new LocalIndex(place)).Op(Opcode.I64Xor);
        }

        builder.Define(many, [], sum.End().ToArray());
        return Begin(few);
    }

    // Values that all are needed before any can be let go.
    private static FuncIndex Wide(ModuleBuilder builder, TypeIndex type, int count)
    {
        var code = new CodeWriter();
        Live(code, count);
        code.I64Const(0);
        for (int local = count; 1 <= local; local--)
        {
            code.LocalGet(new LocalIndex(local)).Op(Opcode.I64Add).I64Const(local).Op(Opcode.I64Rotl);
        }

        return builder.Func(type, Repeated(count), code.End());
    }

    private static void Live(CodeWriter code, int count)
    {
        for (int local = 1; local <= count; local++)
        {
            code.LocalGet(new LocalIndex(local - 1)).I64Const((2 * local) + 1).Op(Opcode.I64Mul)
                .LocalGet(default).Op(Opcode.I64Xor).LocalSet(new LocalIndex(local));
        }
    }

    private static ValType[] Repeated(int count)
    {
        var types = new ValType[count];
        Array.Fill(types, ValType.I64);
        return types;
    }

    private static CodeWriter Begin(FuncIndex function) => new CodeWriter()
        .LocalGet(default).Op(Opcode.I64ExtendI32U).Call(function).Op(Opcode.Drop).End();
}
