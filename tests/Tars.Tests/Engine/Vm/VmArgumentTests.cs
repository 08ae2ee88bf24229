using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Llvm;
using Tars.Sim.Fuzz;
using Xunit;

namespace Tars.Tests.Engine.Vm;

/// <summary>
/// Arguments arrive as they were given, and whoever called goes on behind its call, however many there are. A row is
/// the types of a function's parameters, a letter each: i for i32, l for i64, d for f64, v for v128.
/// </summary>
public sealed class VmArgumentTests
{
    private const int TableSize = 2;

    // A function that may be called in tail position takes its arguments off the stack, where vectors begin at
    // multiples of sixteen: caller and callee must mean the same number of octets.
    [Theory]
    [InlineData("ddddddddv")]
    [InlineData("dddddddddvd")]
    [InlineData("dddddddddv")]
    [InlineData("vvvvvvvvvd")]
    [InlineData("iillliiddddddddvlvi")]
    [InlineData("vddddddddlllllv")]
    public void More_vectors_than_registers_arrive_and_the_caller_goes_on(string types)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        ValType[] parameters = [.. types.Select(TypeOf)];
        Assert.Null(VmDifferential.Run(host, 1, Calls(parameters), CodeTier.O0));
        Assert.Null(VmDifferential.Run(host, 1, Calls(parameters), CodeTier.O2));
    }

    // Each exported function goes another way to one that adds up all that it is given.
    private static WasmModule Calls(ValType[] parameters)
    {
        var module = new ModuleBuilder();
        var table = module.Table(new TableType(ValType.FuncRef, new WasmRange(TableSize, TableSize)));
        module.Export("memory", module.Memory(new WasmRange(1, 1)));
        var type = module.Type(parameters, [ValType.I32]);
        var own = module.Type([ValType.I32], [ValType.I32]);
        var callee = module.Func(type, [], Sum(parameters));
        var last = module.Func(own, [], Given(new CodeWriter(), parameters).ReturnCall(callee).End());
        module.Elements(table, 0, [callee, last]);
        CodeWriter[] ways =
        [
            Given(new CodeWriter(), parameters).Call(callee),
            Given(new CodeWriter(), parameters).LocalGet(new LocalIndex(0)).I32Const(0).Op(Opcode.I32And)
                .CallIndirect(type, table),
            new CodeWriter().LocalGet(new LocalIndex(0)).I32Const(1).CallIndirect(own, table),
        ];
        for (int way = 0; way < ways.Length; way++)
        {
            var code = ways[way].LocalGet(new LocalIndex(0)).Op(Opcode.I32Add).End();
            module.Export($"run{way}", module.Func(own, [], code));
        }

        return module.Build();
    }

    // Numbers that are all different and depend on the argument.
    private static CodeWriter Given(CodeWriter code, ValType[] parameters)
    {
        for (int place = 0; place < parameters.Length; place++)
        {
            code.LocalGet(new LocalIndex(0)).I32Const(0xFFFF).Op(Opcode.I32And).I32Const(place + 3).Op(Opcode.I32Mul);
            _ = parameters[place] switch
            {
                ValType.I64 => code.Op(Opcode.I64ExtendI32U),
                ValType.F64 => code.Op(Opcode.F64ConvertI32U),
                ValType.V128 => code.Op(Opcode.I32x4Splat).I32Const(place).Lane(Opcode.I32x4ReplaceLane, 3),
                _ => code,
            };
        }

        return code;
    }

    private static CodeWriter Sum(ValType[] parameters)
    {
        var code = new CodeWriter().I32Const(0);
        for (int place = 0; place < parameters.Length; place++)
        {
            var parameter = new LocalIndex(place);
            code.I32Const(31).Op(Opcode.I32Mul).LocalGet(parameter);
            _ = parameters[place] switch
            {
                ValType.I64 => code.Op(Opcode.I32WrapI64),
                ValType.F64 => code.Op(Opcode.I32TruncSatF64U),
                ValType.V128 => code.Lane(Opcode.I32x4ExtractLane, 0).LocalGet(parameter)
                    .Lane(Opcode.I32x4ExtractLane, 3).Op(Opcode.I32Sub),
                _ => code,
            };
            code.Op(Opcode.I32Add);
        }

        return code.End();
    }

    private static ValType TypeOf(char letter) => letter switch
    {
        'i' => ValType.I32,
        'l' => ValType.I64,
        'd' => ValType.F64,
        _ => ValType.V128,
    };
}
