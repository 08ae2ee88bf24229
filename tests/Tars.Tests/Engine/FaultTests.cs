using Tars.Bundle.Wasm;
using Tars.Engine.Cil;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Engine;

/// <summary>Whatever a guest does wrong comes back as a fault, with the place where that is known.</summary>
public sealed class FaultTests
{
    private const int Function = 1;

    [Fact]
    public void Unreachable_is_a_fault_at_its_place() => Check(
        new(FaultKind.Unreachable, Function, 1), code => code.Op(Opcode.Nop).Op(Opcode.Unreachable));

    [Fact]
    public void A_division_by_zero_is_a_fault_at_its_place() => Check(
        new(FaultKind.IntegerDivideByZero, Function, 4),
        code => code.I32Const(7).LocalGet(default).Op(Opcode.I32DivS).Op(Opcode.Drop));

    [Fact]
    public void The_one_quotient_that_does_not_fit_is_a_fault() => Check(
        new(FaultKind.IntegerOverflow, Function, 13),
        code => code.I64Const(long.MinValue).I64Const(-1).Op(Opcode.I64DivS).Op(Opcode.Drop));

    [Theory]
    [InlineData(65_532, 0u)]
    [InlineData(65_533, 0u, FaultKind.MemoryOutOfBounds)]
    [InlineData(0, 65_532u)]
    [InlineData(0, 65_533u, FaultKind.MemoryOutOfBounds)]
    [InlineData(-1, 0u, FaultKind.MemoryOutOfBounds)]
    [InlineData(-1, uint.MaxValue, FaultKind.MemoryOutOfBounds)]
    [InlineData(-4, 4u, FaultKind.MemoryOutOfBounds)]
    [InlineData(1, uint.MaxValue, FaultKind.MemoryOutOfBounds)]
    [InlineData(int.MinValue, 0x80000000u, FaultKind.MemoryOutOfBounds)]
    public void An_access_is_inside_or_a_fault(int address, uint offset, FaultKind? kind = null)
    {
        var constant = Guests.Run(_ => new CodeWriter()
            .I32Const(address).Load(Opcode.I32Load, offset).Op(Opcode.Drop).End());
        var computed = Guests.Run(_ => new CodeWriter()
            .LocalGet(new LocalIndex(0)).I32Const(address).Op(Opcode.I32Add).I32Const(5)
            .Store(Opcode.I32Store, offset).End());

        Assert.Equal(kind, constant.Fault?.Kind);
        Assert.Equal(kind, computed.Fault?.Kind);
    }

    [Fact]
    public void A_loop_without_end_burns_its_fuel_and_not_more_than_one_region_of_it()
    {
        var result = Guests.Run(
            _ => new CodeWriter().Loop(BlockType.Empty).Br(0).End().End(), fuel: 100_000);

        Assert.Equal(FaultKind.OutOfFuel, result.Fault!.Kind);
        Assert.Equal(100_001, result.FuelUsed);
    }

    [Fact]
    public void Moving_many_bytes_costs_fuel_for_each_64_of_them()
    {
        long Fill(int count) => Guests.Run(
            _ => new CodeWriter().I32Const(0).I32Const(1).I32Const(count).MemoryFill().End()).FuelUsed;

        Assert.Equal(Fill(0) + 1_000, Fill(64_000));
        Assert.Equal(Fill(0), Fill(63));
    }

    [Fact]
    public void A_table_call_checks_place_null_and_type()
    {
        FaultKind? Call(int place) => Guests.Run(builder =>
        {
            var table = builder.Table(new TableType(ValType.FuncRef, new WasmRange(3, 3)));
            var plain = builder.Type([], []);
            var other = builder.Func(builder.Type([ValType.I64], []), [], new CodeWriter().End());
            builder.Elements(table, 0, [builder.Func(plain, [], new CodeWriter().End()), other]);
            return new CodeWriter().I32Const(place).CallIndirect(plain, table).End();
        }).Fault?.Kind;

        Assert.Null(Call(0));
        Assert.Equal(FaultKind.IndirectCallTypeMismatch, Call(1));
        Assert.Equal(FaultKind.UninitializedElement, Call(2));
        Assert.Equal(FaultKind.TableOutOfBounds, Call(3));
        Assert.Equal(FaultKind.TableOutOfBounds, Call(-1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2_000)]
    public void Recursion_without_end_is_a_fault_whatever_the_frame_holds(int localCount)
    {
        var locals = new ValType[localCount];
        Array.Fill(locals, ValType.I64);
        var limits = Guests.Limits with { DepthSlotsMax = 1_000_000 };
        using var guest = Guests.Start(Guests.Module(builder => Recurse(builder, locals)), limits);

        var first = Guests.Run(guest, argument: 1, fuel: 1L << 40);
        var second = Guests.Run(guest, argument: 1, fuel: 1L << 40);

        Assert.Equal(FaultKind.StackExhausted, first.Fault!.Kind);
        Assert.Equal(first, second);
    }

    [Fact]
    public void A_call_that_another_thread_aborts_ends_with_a_deadline()
    {
        var module = Guests.Module(_ => new CodeWriter()
            .I32Const(8).I32Const(1).Store(Opcode.I32Store).Loop(BlockType.Empty).Br(0).End().End());
        using var guest = (CilGuest)Guests.Start(module);
        var aborter = new Thread(() => AbortWhenRunning(guest));
        aborter.Start();

        var result = Guests.Run(guest, fuel: long.MaxValue / 2);

        aborter.Join();
        Assert.Equal(FaultKind.Deadline, result.Fault!.Kind);
        Assert.Equal(FaultKind.OutOfFuel, Guests.Run(guest, fuel: 1_000).Fault!.Kind);
    }

    // Values that are computed before the call and used after it, so that the frame must hold them.
    private static CodeWriter Recurse(ModuleBuilder builder, ValType[] locals)
    {
        var type = builder.Type([ValType.I64], [ValType.I64]);
        var function = builder.Declare(type);
        var code = new CodeWriter();
        for (int local = 1; local <= locals.Length; local++)
        {
            code.LocalGet(default).I64Const(local).Op(Opcode.I64Mul).LocalSet(new LocalIndex(local));
        }

        code.LocalGet(default).I64Const(1).Op(Opcode.I64Add).Call(function);
        for (int local = 1; local <= locals.Length; local++)
        {
            code.LocalGet(new LocalIndex(local)).Op(Opcode.I64Xor);
        }

        builder.Define(function, locals, code.End().ToArray());
        return new CodeWriter()
            .LocalGet(default).Op(Opcode.I64ExtendI32U).Call(function).Op(Opcode.Drop).End();
    }

    private static void AbortWhenRunning(CilGuest guest)
    {
        while (Volatile.Read(ref guest.Memory[8]) == 0)
        {
            Thread.Yield();
        }

        guest.Abort();
    }

    private static void Check(GuestFault fault, Func<CodeWriter, CodeWriter> code) =>
        Assert.Equal(fault, Guests.Run(_ => code(new CodeWriter()).End()).Fault);
}
