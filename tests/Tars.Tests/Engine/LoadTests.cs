using System.Runtime.CompilerServices;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Engine;

/// <summary>What is loaded runs or is refused by name, and goes away when nobody holds it.</summary>
public sealed class LoadTests
{
    [Fact]
    public void Code_that_nobody_holds_is_collected()
    {
        var engine = new CilEngine();
        var method = RunAndForget(engine);
        for (int round = 0; round < 10 && method.IsAlive; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(method.IsAlive);
        GC.KeepAlive(engine);
    }

    [Fact]
    public void A_module_without_an_export_that_the_abi_asks_for_is_refused()
    {
        var refused = Assert.IsType<EngineLoad.Refused>(Guests.Load(new ModuleBuilder().Build()));

        Assert.Equal("it exports no memory 'memory'", refused.Reason);
    }

    [Fact]
    public void A_memory_above_the_limit_is_no_instance()
    {
        var code = Assert.IsType<EngineLoad.Loaded>(Guests.Load(EchoGuest.Module())).Code;

        Assert.Null(code.Instantiate(Guests.Limits with { MemoryBytesMax = 1000 }, out var fault));
        Assert.NotNull(fault);
    }

    [Fact]
    public void The_memory_grows_up_to_the_limit_and_no_further()
    {
        var module = Guests.Module(_ => new CodeWriter()
            .LocalGet(default).I32Const(1).MemoryGrow().Store(Opcode.I32Store).End());
        using var guest = Guests.Start(module, Guests.Limits with { MemoryBytesMax = 2 * WasmLimits.PageSize });

        Guests.Run(guest, argument: 0);
        Guests.Run(guest, argument: 4);

        Assert.Equal(1, BitConverter.ToInt32(guest.Memory));
        Assert.Equal(-1, BitConverter.ToInt32(guest.Memory[4..]));
        Assert.Equal(2 * WasmLimits.PageSize, guest.Memory.Length);
    }

    [Fact]
    public void A_start_function_that_traps_makes_no_instance()
    {
        var module = Guests.Module(builder =>
        {
            builder.Start(builder.Func(builder.Type([], []), [], new CodeWriter().Op(Opcode.Unreachable).End()));
            return new CodeWriter().End();
        });
        var code = Assert.IsType<EngineLoad.Loaded>(Guests.Load(module)).Code;

        Assert.Null(code.Instantiate(Guests.Limits, out var fault));
        Assert.Equal(FaultKind.Unreachable, fault!.Kind);
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(100_000)]
    public void A_function_of_any_size_runs_or_is_refused(int sums)
    {
        var code = new CodeWriter().I64Const(1);
        for (int sum = 0; sum < sums; sum++)
        {
            code.I64Const(sum).Op(Opcode.I64Add);
        }

        code.Op(Opcode.Drop).End();
        if (Guests.Load(Guests.Module(_ => code)) is EngineLoad.Loaded)
        {
            Assert.Null(Guests.Run(_ => code, fuel: 10_000_000).Fault);
        }
    }

    [Fact]
    public void Deep_nests_wide_tables_and_many_locals_run_or_are_refused()
    {
        var nest = new CodeWriter();
        for (int depth = 0; depth < 20_000; depth++)
        {
            nest.Block(BlockType.Empty);
        }

        nest.LocalGet(default).BrTable([.. Enumerable.Range(0, 20_000)], otherwise: 5);
        for (int depth = 0; depth <= 20_000; depth++)
        {
            nest.End();
        }

        var locals = new ValType[49_000];
        Array.Fill(locals, ValType.F64);
        if (Guests.Load(Guests.Module(_ => nest, locals)) is EngineLoad.Loaded)
        {
            using var guest = Guests.Start(Guests.Module(_ => nest, locals));
            Assert.Null(Guests.Run(guest, argument: 17_000).Fault);
        }
    }

    // Not in line, so that no local of the test keeps the code alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference RunAndForget(CilEngine engine)
    {
        var code = Assert.IsType<EngineLoad.Loaded>(Guests.Load(EchoGuest.Module(), engine)).Code;
        using var guest = code.Instantiate(Guests.Limits, out _);
        Assert.Null(Guests.Run(guest!).Fault);
        var method = new WeakReference(((CilCode)code).Run.Method);
        code.Dispose();
        return method;
    }
}
