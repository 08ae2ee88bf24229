using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;

namespace Tars.Tests.Engine;

/// <summary>
/// A guest of ABI v1 in hand-written wasm: it sends back the payload of every event, and commits each.
/// </summary>
internal static class EchoGuest
{
    public const int Control = 64;
    public const int EventsBase = 1024;
    public const int EventsSize = 4096;
    public const int EffectsBase = 8192;
    public const int EffectsSize = 4096;

    /// <summary>What it sends to, and as what.</summary>
    public const long Slot = 7;
    public const int Operation = 3;

    public static WasmModule Module()
    {
        var builder = new ModuleBuilder();
        var send = builder.ImportFunc(
            HostCalls.ModuleName,
            "send",
            builder.Type([ValType.I64, ValType.I32, ValType.I32, ValType.I32], []));
        var entry = builder.Type([ValType.I32], []);
        builder.Memory(new WasmRange(1, 4));
        var control = builder.Global(new GlobalType(ValType.I32, Mutable: false), Constant(Control));
        var run = builder.Func(entry, [ValType.I32, ValType.I32], Run(send));
        var reserve = builder.Func(entry, [], new CodeWriter().End());
        builder.Export(GuestExports.Memory, new MemoryIndex(0));
        builder.Export(ControlBlock.AddressExport, control);
        builder.Export(GuestExports.Run, run);
        builder.Export(GuestExports.Reserve, reserve);
        builder.Data(Control, Block());
        return builder.Build();
    }

    public static CodeWriter Constant(int value) => new CodeWriter().I32Const(value).End();

    /// <summary>Events of kind Handler with these payloads, as they lie in the event ring.</summary>
    public static byte[] Events(params byte[][] payloads)
    {
        using var ring = new MemoryStream();
        foreach (var payload in payloads)
        {
            int size = (EventRecord.Payload + payload.Length + 7) & ~7;
            var record = new byte[size];
            BitConverter.TryWriteBytes(record.AsSpan(EventRecord.Size), size);
            BitConverter.TryWriteBytes(record.AsSpan(EventRecord.Kind), (ushort)EventKind.Handler);
            BitConverter.TryWriteBytes(record.AsSpan(EventRecord.PayloadSize), payload.Length);
            payload.CopyTo(record, EventRecord.Payload);
            ring.Write(record);
        }

        return ring.ToArray();
    }

    // Local 1 is the address of the event, local 2 the end of all.
    private static CodeWriter Run(FuncIndex send)
    {
        var (events, at, end) = (new LocalIndex(0), new LocalIndex(1), new LocalIndex(2));
        return new CodeWriter()
            .I32Const(EventsBase).LocalTee(at).LocalGet(events).Op(Opcode.I32Add).LocalSet(end)
            .Block(BlockType.Empty)
            .Loop(BlockType.Empty)
            .LocalGet(at).LocalGet(end).Op(Opcode.I32GeU).BrIf(1)
            .I64Const(Slot).I32Const(Operation)
            .LocalGet(at).I32Const(EventRecord.Payload).Op(Opcode.I32Add)
            .LocalGet(at).Load(Opcode.I32Load, EventRecord.PayloadSize)
            .Call(send)
            .I32Const(Control)
            .I32Const(Control).Load(Opcode.I64Load32U, ControlBlock.EffectsUsed)
            .I32Const(Control).Load(Opcode.I64Load32U, ControlBlock.EventsCommitted)
            .I64Const(1).Op(Opcode.I64Add).I64Const(32).Op(Opcode.I64Shl)
            .Op(Opcode.I64Or).Store(Opcode.I64Store, ControlBlock.EffectsCommitted)
            .LocalGet(at).LocalGet(at).Load(Opcode.I32Load, EventRecord.Size).Op(Opcode.I32Add).LocalSet(at)
            .Br(0)
            .End().End().End();
    }

    /// <summary>A control block with these rings.</summary>
    public static byte[] Block()
    {
        var block = new byte[ControlBlock.Size];
        BitConverter.TryWriteBytes(block.AsSpan(ControlBlock.Version), ControlBlock.AbiVersion);
        BitConverter.TryWriteBytes(block.AsSpan(ControlBlock.EventsBase), EventsBase);
        BitConverter.TryWriteBytes(block.AsSpan(ControlBlock.EventsSize), EventsSize);
        BitConverter.TryWriteBytes(block.AsSpan(ControlBlock.EffectsBase), EffectsBase);
        BitConverter.TryWriteBytes(block.AsSpan(ControlBlock.EffectsSize), EffectsSize);
        return block;
    }
}
