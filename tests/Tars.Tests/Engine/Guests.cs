using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Engine;

/// <summary>Small guests made of one function: the one place of these tests that knows how a guest is made.</summary>
internal static class Guests
{
    public static readonly GuestLimits Limits = new(1 << 20, DepthSlotsMax: 100_000, TableElementsMax: 1_000);

    /// <summary>A module that does all that ABI v1 asks, with this code in the function that handles events.</summary>
    /// <param name="code">Takes an i32, and has whatever locals it needs.</param>
    public static WasmModule Module(Func<ModuleBuilder, CodeWriter> code, params ReadOnlySpan<ValType> locals)
    {
        var builder = new ModuleBuilder();
        var entry = builder.Type([ValType.I32], []);
        builder.Memory(new WasmRange(1, 4));
        var control = builder.Global(new GlobalType(ValType.I32, Mutable: false), EchoGuest.Constant(0));
        builder.Export(GuestExports.Memory, new MemoryIndex(0));
        builder.Export(ControlBlock.AddressExport, control);
        builder.Export(GuestExports.Reserve, builder.Func(entry, [], new CodeWriter().End()));
        builder.Export(GuestExports.Run, builder.Func(entry, locals, code(builder)));
        return builder.Build();
    }

    public static EngineLoad Load(WasmModule module, IEngine? engine = null) =>
        (engine ?? new CilEngine()).Load(
            Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(module)).Module);

    public static IGuest Start(WasmModule module, GuestLimits? limits = null)
    {
        var code = Assert.IsType<EngineLoad.Loaded>(Load(module)).Code;
        var guest = code.Instantiate(limits ?? Limits, out var fault);
        Assert.Null(fault);
        return guest!;
    }

    public static GuestResult Run(IGuest guest, int argument = 0, long fuel = 1_000_000) =>
        guest.Start(new GuestCall(GuestEntry.Run, argument, fuel)).Result;

    /// <summary>Runs the code once in a guest of its own.</summary>
    public static GuestResult Run(
        Func<ModuleBuilder, CodeWriter> code, long fuel = 1_000_000, params ReadOnlySpan<ValType> locals)
    {
        using var guest = Start(Module(code, locals));
        return Run(guest, argument: 0, fuel);
    }
}
