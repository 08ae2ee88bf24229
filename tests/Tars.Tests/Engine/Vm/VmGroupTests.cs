using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Host;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Engine.Vm;

/// <summary>A module that is compiled in several groups of functions is the same module: calls, tables, segments and
/// the places of traps over the borders of groups.</summary>
public sealed class VmGroupTests
{
    private const int Groups = 3;

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_module_of_several_groups_does_what_the_oracle_does(int argument)
    {
        var module = Guests.Module(Large);
        var valid = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(module)).Module;
        Assert.InRange(ModuleEmitter.GroupCount(valid), Groups, int.MaxValue);
        var (oracle, expected) = Run("oracle", valid, argument);
        var (result, memory) = Run("microvm", valid, argument);
        Assert.Equal(oracle, result);
        Assert.Equal(expected, memory);
        Assert.Equal(argument == 0 ? FaultKind.IntegerDivideByZero : null, result.Fault?.Kind);
    }

    private static (GuestResult Result, byte[] Memory) Run(string name, ValidatedModule valid, int argument)
    {
        var engine = Compose.Engine(name, TestContext.Current.CancellationToken);
        Assert.SkipWhen(engine is null, engine is null ? Compose.WhyNot(name) : "");
        using var code = Assert.IsType<EngineLoad.Loaded>(engine!.Load(valid)).Code; // Else it was skipped.
        using var guest = code.Instantiate(Guests.Limits, out var fault);
        Assert.Null(fault);
        var result = Guests.Run(guest!, argument, fuel: 1L << 40); // No fault is a guest.
        return (result, guest!.Memory[..64].ToArray());
    }

    // Each function is a group of its own, by a megabyte of nothing behind its end: the first calls the second, that
    // one the third by a table; the third copies a segment, divides by the argument, and stores what comes.
    private static CodeWriter Large(ModuleBuilder builder)
    {
        var type = builder.Type([ValType.I32], [ValType.I32]);
        var table = builder.Table(new TableType(ValType.FuncRef, new WasmRange(1, 1)));
        var (first, second, third) = (builder.Declare(type), builder.Declare(type), builder.Declare(type));
        var segment = builder.Data(new DataSegment(new SegmentMode.Passive(), new byte[] { 1, 2, 3, 4 }));
        builder.Elements(table, 0, [third]);
        Define(first, new CodeWriter().LocalGet(default).I32Const(1).Op(Opcode.I32Shl).Call(second));
        Define(second, new CodeWriter().LocalGet(default).I32Const(0).CallIndirect(type, table));
        Define(third, new CodeWriter()
            .I32Const(16).I32Const(0).I32Const(4).MemoryInit(segment)
            .I32Const(20).I32Const(1_000).LocalGet(default).Op(Opcode.I32DivS).Store(Opcode.I32Store)
            .I32Const(16).Load(Opcode.I32Load));
        return new CodeWriter().I32Const(24).LocalGet(default).Call(first).Store(Opcode.I32Store).End();

        void Define(FuncIndex function, CodeWriter code)
        {
            code.Op(Opcode.Return);
            for (int place = 0; place < Tars.Engine.Vm.Limits.GroupBytesMax; place++)
            {
                code.Op(Opcode.Nop);
            }

            builder.Define(function, [], code.Op(Opcode.Unreachable).End().ToArray());
        }
    }
}
