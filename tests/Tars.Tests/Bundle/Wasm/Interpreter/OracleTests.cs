using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Xunit;

namespace Tars.Tests.Bundle.Wasm.Interpreter;

/// <summary>
/// What the official suite does not know: fuel, depth, limits, tail calls, and where a trap happened.
/// </summary>
public sealed class OracleTests
{
    private static readonly LocalIndex _first = new(0);

    [Fact]
    public void Fuel_is_charged_by_region()
    {
        // Counts down: 1 unit to enter, then 6 for each turn, then 1.
        var code = new CodeWriter().Block(BlockType.Empty).Loop(BlockType.Empty)
            .LocalGet(_first).Op(Opcode.I32Eqz).BrIf(1)
            .LocalGet(_first).I32Const(1).Op(Opcode.I32Sub).LocalSet(_first).Br(0).End().End()
            .LocalGet(_first).End();
        var instance = Instance(code, OracleLimits.Wide);
        var result = Assert.IsType<OracleResult.Returned>(instance.Invoke("run", [Value.Of(5)]));
        Assert.Equal(0, Assert.Single(result.Values).I32);
        Assert.Equal((6 * 8) + 1, result.FuelUsed);
    }

    [Fact]
    public void A_trap_tells_its_place_and_the_fuel_of_its_region()
    {
        var code = new CodeWriter().I32Const(1).LocalGet(_first).Op(Opcode.I32DivS).End();
        var trapped = Assert.IsType<OracleResult.Trapped>(
            Instance(code, OracleLimits.Wide).Invoke("run", [Value.Of(0)]));
        Assert.Equal(
            new OracleResult.Trapped(WasmTrap.IntegerDivideByZero, new FuncIndex(0), Offset: 4, FuelUsed: 10), trapped);
    }

    [Fact]
    public void An_endless_loop_runs_out_of_fuel()
    {
        var code = new CodeWriter().Loop(BlockType.Empty).Br(0).End().LocalGet(_first).End();
        var instance = Instance(code, OracleLimits.Wide with { Fuel = 1000 });
        var trapped = Assert.IsType<OracleResult.Trapped>(instance.Invoke("run", [Value.Of(0)]));
        Assert.Equal(WasmTrap.OutOfFuel, trapped.Trap);
        Assert.InRange(trapped.FuelUsed, 1001, 1010);
    }

    [Fact]
    public void Endless_recursion_exhausts_the_depth_and_a_tail_call_does_not()
    {
        var limits = OracleLimits.Wide with { DepthSlots = 100, Fuel = 100_000 };
        var call = new CodeWriter().LocalGet(_first).Call(new FuncIndex(0)).End();
        var trapped = Assert.IsType<OracleResult.Trapped>(Instance(call, limits).Invoke("run", [Value.Of(0)]));
        Assert.Equal(WasmTrap.StackExhausted, trapped.Trap);
        Assert.Equal(10 * 6, trapped.FuelUsed); // Ten calls of ten slots each fit; each paid 6 to make the next.

        var tail = new CodeWriter().LocalGet(_first).ReturnCall(new FuncIndex(0)).End();
        trapped = Assert.IsType<OracleResult.Trapped>(Instance(tail, limits).Invoke("run", [Value.Of(0)]));
        Assert.Equal(WasmTrap.OutOfFuel, trapped.Trap);
    }

    [Fact]
    public void Bulk_instructions_pay_for_what_they_move_once_the_range_is_known_to_be_inside()
    {
        var code = new CodeWriter().I32Const(0).I32Const(7).LocalGet(_first).MemoryFill().I32Const(0).End();
        var instance = Instance(code, OracleLimits.Wide);
        var result = Assert.IsType<OracleResult.Returned>(instance.Invoke("run", [Value.Of(65_536)]));
        Assert.Equal(12 + 1024, result.FuelUsed);
        Assert.Equal(7, instance.Memory!.Bytes[65_535]);

        var trapped = Assert.IsType<OracleResult.Trapped>(instance.Invoke("run", [Value.Of(65_537)]));
        Assert.Equal(WasmTrap.MemoryOutOfBounds, trapped.Trap);
        Assert.Equal(12, trapped.FuelUsed);
    }

    [Fact]
    public void Memory_grows_up_to_the_limit_of_the_host_and_no_further()
    {
        var code = new CodeWriter().LocalGet(_first).MemoryGrow().End();
        var instance = Instance(code, OracleLimits.Wide with { MemoryPages = 3 });
        Assert.Equal(1, Result(instance, 2));
        Assert.Equal(-1, Result(instance, 1));
        Assert.Equal(3, Result(instance, 0));
    }

    [Fact]
    public void A_computed_NaN_is_canonical_and_a_moved_one_keeps_its_bits()
    {
        var computed = new CodeWriter().LocalGet(_first).Op(Opcode.F32ReinterpretI32).F32Const(1).Op(Opcode.F32Add)
            .Op(Opcode.I32ReinterpretF32).End();
        Assert.Equal(0x7FC00000, Result(Instance(computed, OracleLimits.Wide), unchecked((int)0xFFA00001)));

        var moved = new CodeWriter().LocalGet(_first).Op(Opcode.F32ReinterpretI32).Op(Opcode.F32Neg)
            .Op(Opcode.I32ReinterpretF32).End();
        Assert.Equal(0x7FA00001, Result(Instance(moved, OracleLimits.Wide), unchecked((int)0xFFA00001)));
    }

    [Fact]
    public void A_host_function_gets_arguments_gives_results_and_may_trap()
    {
        var builder = new ModuleBuilder();
        var type = builder.Type([ValType.I32], [ValType.I32]);
        var halve = builder.ImportFunc("host", "halve", type);
        builder.Export("run", builder.Func(type, [], new CodeWriter().LocalGet(_first).Call(halve).End()));
        var host = new OracleFunction.Host(new FuncType([ValType.I32], [ValType.I32]), (arguments, results) =>
        {
            results[0] = Value.Of(arguments[0].I32 / 2);
            return arguments[0].I32 % 2 == 0 ? null : WasmTrap.Unreachable;
        });
        var made = OracleInstance.Instantiate(
            Valid(builder.Build()), _ => new OracleExtern.OfFunc(host), OracleLimits.Wide);
        var instance = Assert.IsType<Instantiation.Ready>(made).Instance;
        Assert.Equal(21, Result(instance, 42));
        var trapped = Assert.IsType<OracleResult.Trapped>(instance.Invoke("run", [Value.Of(3)]));
        Assert.Equal((WasmTrap.Unreachable, 2), (trapped.Trap, trapped.Offset));
    }

    [Fact]
    public void Every_instruction_that_only_computes_has_a_meaning()
    {
        var computing = Opcodes.All.Where(row => row.Immediate is Immediate.None or Immediate.Lane)
            .Where(row => row is { Signature: not null, Opcode: not Opcode.Nop });
        Assert.All(computing, row => Assert.NotNull(Operations.Find(row.Opcode)));
    }

    private static int Result(OracleInstance instance, int argument)
    {
        var result = Assert.IsType<OracleResult.Returned>(instance.Invoke("run", [Value.Of(argument)]));
        return Assert.Single(result.Values).I32;
    }

    private static OracleInstance Instance(CodeWriter code, OracleLimits limits)
    {
        var builder = new ModuleBuilder();
        builder.Memory(new WasmRange(1, null));
        builder.Export("run", builder.Func(builder.Type([ValType.I32], [ValType.I32]), [], code));
        var made = OracleInstance.Instantiate(Valid(builder.Build()), _ => null, limits);
        return Assert.IsType<Instantiation.Ready>(made).Instance;
    }

    private static ValidatedModule Valid(WasmModule module) =>
        Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(module)).Module;
}
