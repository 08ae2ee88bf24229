using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;

namespace Tars.Tests.Engine;

/// <summary>
/// A guest of ABI v1 in hand-written wasm that does to its host, by the number of the handler, what a guest should not.
/// </summary>
/// <remarks>
/// To add a crime: a member of <see cref="Crime"/>, its arm in <see cref="Commit"/>, and the answer in the golden file.
/// </remarks>
internal static class RogueGuest
{
    private const int Count = 512;
    private const int Scratch = 528;

    private static readonly FuncIndex _spawn = new(0);
    private static readonly FuncIndex _send = new(1);
    private static readonly FuncIndex _reply = new(2);

    /// <summary>Its handlers, in order; all are asked with nothing and ought to answer an int.</summary>
    public enum Crime
    {
        /// <summary>None: it counts, and answers how far it has come.</summary>
        Count,

        /// <summary>Counts, and traps.</summary>
        Trap,
        Loop,

        /// <summary>Answers three octets.</summary>
        Lie,

        /// <summary>Answers from outside its memory.</summary>
        ReachOut,
        SayNothing,

        /// <summary>Spawns, and sends to slots, that its interface does not have; then answers.</summary>
        Overstep,

        /// <summary>Says that a thousand events are committed.</summary>
        Forge,

        /// <summary>Asks for a gibibyte, and answers whether it got it: -1 when not.</summary>
        Grow,

        /// <summary>Moves its effect ring to the end of the memory.</summary>
        MoveRing,
    }

    public static byte[] Bytes()
    {
        var builder = new ModuleBuilder();
        Import(builder, HostCall.Spawn);
        Import(builder, HostCall.Send);
        Import(builder, HostCall.Reply);
        var entry = builder.Type([ValType.I32], []);
        builder.Memory(new WasmRange(1, null));
        var control = builder.Global(
            new GlobalType(ValType.I32, Mutable: false), EchoGuest.Constant(EchoGuest.Control));
        var run = builder.Func(entry, [], Run());
        builder.Export(GuestExports.Memory, new MemoryIndex(0));
        builder.Export(ControlBlock.AddressExport, control);
        builder.Export(GuestExports.Run, run);
        builder.Export(GuestExports.Reserve, builder.Func(entry, [], new CodeWriter().End()));
        builder.Data(EchoGuest.Control, EchoGuest.Block());
        return ModuleEncoder.Encode(builder.Build());
    }

    private static void Import(ModuleBuilder builder, HostCall call)
    {
        var row = HostCalls.Find((int)call)!;
        ValType[] types = [.. row.Arguments.SelectMany(argument => argument.Kind switch
        {
            HostArgumentKind.I32 => [ValType.I32],
            HostArgumentKind.I64 => [ValType.I64],
            HostArgumentKind.F64 => [ValType.F64],
            HostArgumentKind.Bytes => (ValType[])[ValType.I32, ValType.I32],
        })];
        builder.ImportFunc(HostCalls.ModuleName, row.Name, builder.Type(types, []));
    }

    // One event at a time is all that a guest without an undo log gets.
    private static CodeWriter Run()
    {
        var code = new CodeWriter();
        foreach (var crime in Enum.GetValues<Crime>())
        {
            code.I32Const(EchoGuest.EventsBase).Load(Opcode.I32Load16U, EventRecord.Kind)
                .I32Const((int)EventKind.Handler).Op(Opcode.I32Eq)
                .I32Const(EchoGuest.EventsBase).Load(Opcode.I32Load16U, EventRecord.Handler)
                .I32Const((int)crime).Op(Opcode.I32Eq).Op(Opcode.I32And)
                .If(BlockType.Empty);
            Commit(crime, code);
            code.End();
        }

        return code
            .I32Const(EchoGuest.Control)
            .I32Const(EchoGuest.Control).Load(Opcode.I64Load32U, ControlBlock.EffectsUsed)
            .I64Const(1L << 32).Op(Opcode.I64Or).Store(Opcode.I64Store, ControlBlock.EffectsCommitted)
            .End();
    }

    private static void Commit(Crime crime, CodeWriter code)
    {
        switch (crime)
        {
            case Crime.Count:
                Add(code);
                Reply(code, Count, 8);
                break;
            case Crime.Trap:
                Add(code);
                code.Op(Opcode.Unreachable);
                break;
            case Crime.Loop:
                Add(code);
                code.Loop(BlockType.Empty).Br(0).End();
                break;
            case Crime.Lie:
                Reply(code, Count, 3);
                break;
            case Crime.ReachOut:
                Reply(code, -8, 8);
                break;
            case Crime.SayNothing:
                break;
            case Crime.Overstep:
                code.I32Const(0).I64Const(1L << 62).I32Const(0).I32Const(0).Call(_spawn);
                code.I64Const(1).I32Const(0).I32Const(0).I32Const(0).Call(_send);
                code.I64Const(-1).I32Const(-1).I32Const(0).I32Const(8).Call(_send);
                Reply(code, Count, 8);
                break;
            case Crime.Forge:
                code.I32Const(EchoGuest.Control).I64Const(1000L << 32)
                    .Store(Opcode.I64Store, ControlBlock.EffectsCommitted).Op(Opcode.Return);
                break;
            case Crime.Grow:
                code.I32Const(Scratch).I32Const(1 << 14).MemoryGrow().Op(Opcode.I64ExtendI32S)
                    .Store(Opcode.I64Store);
                Reply(code, Scratch, 8);
                break;
            case Crime.MoveRing:
                code.I32Const(EchoGuest.Control).I32Const(WasmLimits.PageSize - 8)
                    .Store(Opcode.I32Store, ControlBlock.EffectsBase);
                Reply(code, Count, 8);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static void Add(CodeWriter code) => code
        .I32Const(Count).I32Const(Count).Load(Opcode.I64Load).I64Const(1).Op(Opcode.I64Add).Store(Opcode.I64Store);

    private static void Reply(CodeWriter code, int address, int size) =>
        code.I32Const(0).I32Const(address).I32Const(size).Call(_reply);
}
