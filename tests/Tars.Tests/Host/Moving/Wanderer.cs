using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Tests.Engine;

namespace Tars.Tests.Host.Moving;

/// <summary>A guest that changes, by the argument of a call, everything that a guest can be.</summary>
internal static class Wanderer
{
    /// <summary>Ways to change; the argument's low bits choose one, the rest says how.</summary>
    public const int Ways = 8;

    public static WasmModule Module()
    {
        var builder = new ModuleBuilder();
        var entry = builder.Type([ValType.I32], []);
        var plain = builder.Type([], []);
        builder.Memory(new WasmRange(1, 4));
        var table = builder.Table(new TableType(ValType.FuncRef, new WasmRange(4, 40)));
        var control = builder.Global(new GlobalType(ValType.I32, Mutable: false), EchoGuest.Constant(0));
        var number = builder.Global(
            new GlobalType(ValType.I64, Mutable: true), new CodeWriter().I64Const(1).End());
        var lanes = builder.Global(
            new GlobalType(ValType.V128, Mutable: true), new CodeWriter().V128Const(new byte[16]).End());
        var kept = builder.Global(
            new GlobalType(ValType.FuncRef, Mutable: true), new CodeWriter().RefNull(ValType.FuncRef).End());
        var one = builder.Func(plain, [], Counts(number, 3));
        var other = builder.Func(plain, [], Counts(number, 5));
        var elements = builder.Elements(new ElementSegment(
            ValType.FuncRef, new ElementItems.Functions([one, other]), new SegmentMode.Passive()));
        var data = builder.Data(new DataSegment(new SegmentMode.Passive(), "wanderer"u8.ToArray()));
        var given = new LocalIndex(0);
        var rest = new LocalIndex(1);
        var code = new CodeWriter().LocalGet(given).I32Const(3).Op(Opcode.I32ShrU).LocalSet(rest);
        Way(0, way => way
            .GlobalGet(number).I64Const(31).Op(Opcode.I64Mul).LocalGet(given).Op(Opcode.I64ExtendI32U)
            .Op(Opcode.I64Add).GlobalSet(number));
        Way(1, way => way
            .LocalGet(rest).I32Const(97).Op(Opcode.I32Mul).I32Const(0x3FFFC).Op(Opcode.I32And)
            .LocalGet(given).Store(Opcode.I32Store)); // Beyond the memory while it has not grown.
        Way(2, way => way.I32Const(8).I32Const(1).MemoryGrow().Store(Opcode.I32Store));
        Way(3, way => way
            .LocalGet(rest).I32Const(7).Op(Opcode.I32And).RefFunc(one).RefFunc(other).LocalGet(rest).I32Const(1)
            .Op(Opcode.I32And).SelectTyped(ValType.FuncRef).TableSet(table));
        Way(4, way => way.GlobalGet(kept).I32Const(1).TableGrow(table).Op(Opcode.Drop));
        Way(5, way => way.LocalGet(rest).I32Const(15).Op(Opcode.I32And).CallIndirect(plain));
        Way(6, way => way
            .LocalGet(rest).I32Const(255).Op(Opcode.I32And).I32Const(0).I32Const(8).MemoryInit(data)
            .I32Const(2).I32Const(0).I32Const(2).TableInit(table, elements));
        Way(7, way => way
            .LocalGet(rest).I32Const(63).Op(Opcode.I32And).Op(Opcode.I32Eqz).If(BlockType.Empty)
            .DataDrop(data).ElemDrop(elements).End()
            .RefFunc(one).GlobalSet(kept)
            .LocalGet(given).Op(Opcode.I32x4Splat).GlobalGet(lanes).Op(Opcode.I32x4Add).GlobalSet(lanes));
        builder.Export(GuestExports.Memory, new MemoryIndex(0));
        builder.Export(ControlBlock.AddressExport, control);
        builder.Export(GuestExports.Reserve, builder.Func(entry, [], new CodeWriter().End()));
        builder.Export(GuestExports.Run, builder.Func(entry, [ValType.I32], code.End()));
        return builder.Build();

        void Way(int which, Func<CodeWriter, CodeWriter> does) => code = does(code
            .LocalGet(given).I32Const(Ways - 1).Op(Opcode.I32And).I32Const(which).Op(Opcode.I32Eq)
            .If(BlockType.Empty)).End();
    }

    private static CodeWriter Counts(GlobalIndex number, int by) =>
        new CodeWriter().GlobalGet(number).I64Const(by).Op(Opcode.I64Add).GlobalSet(number).End();
}
