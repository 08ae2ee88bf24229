using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Host;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Engine;

/// <summary>
/// What a hostile module tries in order to get out of its memory and tables. Every row runs on every engine and ends in
/// the trap that the specification asks for, with the same fuel. To add an attempt write a row.
/// </summary>
public sealed class EscapeTests
{
    private const int Page = WasmLimits.PageSize;
    private const FaultKind Memory = FaultKind.MemoryOutOfBounds;
    private const FaultKind Table = FaultKind.TableOutOfBounds;

    private static readonly GuestLimits _limits = new(4 * Page, DepthSlotsMax: 10_000, TableElementsMax: 100);

    private static readonly ImmutableArray<Attempt> _onMemory =
    [
        // Addresses and offsets near 2^32 and 2^31: nothing wraps, nothing is signed.
        new("a load of the last word", null, _ => Load(Page - 4, 0)),
        new("a load over the end", Memory, _ => Load(Page - 3, 0)),
        new("a load at the end", Memory, _ => Load(Page, 0)),
        new("a load at -1", Memory, _ => Load(-1, 0)),
        new("a load at -4", Memory, _ => Load(-4, 0)),
        new("a load at -4 with offset 4", Memory, _ => Load(-4, 4)),
        new("a load at -1 with offset -1", Memory, _ => Load(-1, uint.MaxValue)),
        new("a load at 0 with offset -1", Memory, _ => Load(0, uint.MaxValue)),
        new("a load at 1 with offset -1", Memory, _ => Load(1, uint.MaxValue)),
        new("a load at 2^31", Memory, _ => Load(int.MinValue, 0)),
        new("a load at 2^31 with offset 2^31", Memory, _ => Load(int.MinValue, 0x80000000)),
        new("a load at 4 with offset 2^32 - 4", Memory, _ => Load(4, uint.MaxValue - 3)),
        new("a wide load over the end", Memory, _ => new CodeWriter()
            .I32Const(Page - 7).Load(Opcode.I64Load).Op(Opcode.Drop)),
        new("a vector over the end", Memory, _ => new CodeWriter()
            .I32Const(Page - 15).Load(Opcode.V128Load).Op(Opcode.Drop)),
        new("a store over the end", Memory, _ => new CodeWriter()
            .I32Const(Page - 3).I32Const(7).Store(Opcode.I32Store)),
        new("a store at -1 with offset 1", Memory, _ => new CodeWriter()
            .I32Const(-1).I32Const(7).Store(Opcode.I32Store8, 1)),
        new("a byte at 2^32 - 1", Memory, _ => new CodeWriter()
            .I32Const(-1).I32Const(7).Store(Opcode.I32Store8)),

        // Growing: the new pages are there at once, no page more, and not beyond the limit.
        new("a load in a page that was just added", null, _ => Load(Page, 0, Grow(1, expected: 1))),
        new("a load behind the page that was just added", Memory, _ => Load((2 * Page) - 3, 0, Grow(1, expected: 1))),
        new("growth by the whole address space", null, _ => Grow(-1, expected: -1)),
        new("growth to one page too many", null, _ => Grow(65_535, expected: -1)),
        new("growth beyond the limit", null, _ => Grow(4, expected: -1)),
        new("a load after a growth that was refused", Memory, _ => Load(Page, 0, Grow(4, expected: -1))),

        // Bulk operations: all or nothing, and counts are unsigned.
        new("a fill to the end", null, _ => Three(Page - 8, 1, 8).MemoryFill()),
        new("a fill over the end", Memory, _ => Three(Page - 8, 1, 9).MemoryFill()),
        new("a fill of nothing at the end", null, _ => Three(Page, 1, 0).MemoryFill()),
        new("a fill of nothing behind the end", Memory, _ => Three(Page + 1, 1, 0).MemoryFill()),
        new("a fill by a count of -1", Memory, _ => Three(1, 1, -1).MemoryFill()),
        new("a fill whose end wraps", Memory, _ => Three(-8, 1, 16).MemoryFill()),
        new("a copy whose source wraps", Memory, _ => Three(0, -8, 16).MemoryCopy()),
        new("a copy whose target wraps", Memory, _ => Three(-8, 0, 16).MemoryCopy()),
        new("a segment read over its end", Memory, parts => Three(0, 4, 5).MemoryInit(parts.Data)),
        new("a segment read at -1", Memory, parts => Three(0, -1, 1).MemoryInit(parts.Data)),
        new("a segment written over the end", Memory, parts => Three(Page - 4, 0, 8).MemoryInit(parts.Data)),
        new("a dropped segment", Memory, parts => new CodeWriter()
            .DataDrop(parts.Data).I32Const(0).I32Const(0).I32Const(1).MemoryInit(parts.Data)),
    ];

    private static readonly ImmutableArray<Attempt> _onTables =
    [
        // Indirect calls: by place, by type, through nothing.
        new("an indirect call of the right type", null, parts =>
            new CodeWriter().I32Const(0).CallIndirect(parts.Plain)),
        new("an indirect call of another type", FaultKind.IndirectCallTypeMismatch, parts => new CodeWriter()
            .I32Const(1).CallIndirect(parts.Plain)),
        new("an indirect call of an equal number and another type", FaultKind.IndirectCallTypeMismatch, parts =>
            new CodeWriter().I64Const(7).I32Const(1).CallIndirect(parts.Long).Op(Opcode.Drop)),
        new("an indirect call of nothing", FaultKind.UninitializedElement, parts => new CodeWriter()
            .I32Const(2).CallIndirect(parts.Plain)),
        new("an indirect call behind the table", Table, parts =>
            new CodeWriter().I32Const(4).CallIndirect(parts.Plain)),
        new("an indirect call at -1", Table, parts => new CodeWriter().I32Const(-1).CallIndirect(parts.Plain)),
        new("an indirect call at 2^31", Table, parts => new CodeWriter()
            .I32Const(int.MinValue).CallIndirect(parts.Plain)),
        new("an indirect tail call of another type", FaultKind.IndirectCallTypeMismatch, parts => new CodeWriter()
            .I32Const(1).ReturnCallIndirect(parts.Plain)),
        new("an indirect call of an import of another type", FaultKind.IndirectCallTypeMismatch, parts =>
            new CodeWriter().I32Const(3).CallIndirect(parts.Plain)),

        // Tables.
        new("a table read behind the end", Table, parts => new CodeWriter()
            .I32Const(4).TableGet(parts.Table).Op(Opcode.Drop)),
        new("a table write at -1", Table, parts => new CodeWriter()
            .I32Const(-1).RefNull(ValType.FuncRef).TableSet(parts.Table)),
        new("a table fill over the end", Table, parts => new CodeWriter()
            .I32Const(3).RefNull(ValType.FuncRef).I32Const(2).TableFill(parts.Table)),
        new("a table copy over the end", Table, parts => Three(3, 0, 2).TableCopy(parts.Table, parts.Table)),
        new("a table copy by a count of -1", Table, parts => Three(0, 0, -1).TableCopy(parts.Table, parts.Table)),
        new("a table segment read over its end", Table, parts => Three(0, 1, 2).TableInit(parts.Table, parts.Elements)),
        new("a dropped table segment", Table, parts => new CodeWriter()
            .ElemDrop(parts.Elements).I32Const(0).I32Const(0).I32Const(1).TableInit(parts.Table, parts.Elements)),
        new("table growth beyond the limit", null, parts => new CodeWriter()
            .RefNull(ValType.FuncRef).I32Const(-1).TableGrow(parts.Table).I32Const(-1).Op(Opcode.I32Ne)
            .If(BlockType.Empty).Op(Opcode.Unreachable).End()),
        new("growth of one table beyond what the limit leaves of two", null, parts => new CodeWriter()
            .RefNull(ValType.FuncRef).I32Const(47).TableGrow(parts.Table).I32Const(-1).Op(Opcode.I32Ne)
            .If(BlockType.Empty).Op(Opcode.Unreachable).End()),
        new("growth of one table to what the limit leaves of two", null, parts => new CodeWriter()
            .RefNull(ValType.FuncRef).I32Const(46).TableGrow(parts.Table).I32Const(4).Op(Opcode.I32Ne)
            .If(BlockType.Empty).Op(Opcode.Unreachable).End()),

        // Without end.
        new("a loop without end", FaultKind.OutOfFuel, _ => new CodeWriter().Loop(BlockType.Empty).Br(0).End()),
        new("a call without end", FaultKind.StackExhausted, parts => new CodeWriter().Call(parts.Self)),
        new("a tail call without end", FaultKind.OutOfFuel, parts => new CodeWriter().ReturnCall(parts.Self)),
    ];

    private static readonly ImmutableArray<Attempt> _attempts = [.. _onMemory, .. _onTables];

    private static readonly string[] _engines = ["cil", "oracle", "microvm"];

    public static IEnumerable<TheoryDataRow<string, string>> Attempts =>
        from engine in _engines
        from attempt in _attempts
        select new TheoryDataRow<string, string>(engine, attempt.Name);

    public static IEnumerable<TheoryDataRow<string, int, int, FaultKind?>> Segments =>
        from engine in _engines
        from segment in new (int Address, int Size, FaultKind? Kind)[]
        {
            (Page, 0, null), (Page, 1, FaultKind.MemoryOutOfBounds), (Page - 4, 4, null),
            (Page - 4, 5, FaultKind.MemoryOutOfBounds), (-1, 1, FaultKind.MemoryOutOfBounds),
            (-1, 0, FaultKind.MemoryOutOfBounds),
        }
        select new TheoryDataRow<string, int, int, FaultKind?>(engine, segment.Address, segment.Size, segment.Kind);

    [Theory]
    [MemberData(nameof(Attempts))]
    public void An_attempt_ends_in_its_trap_on_every_engine(string engine, string name)
    {
        Need(engine);
        var (_, fault, code) = _attempts.Single(attempt => attempt.Name == name);
        var module = Module(code, out var function);
        var end = Run(engine, module, function);

        Assert.Equal(fault, (end as CommandEnd.Faulted)?.Fault.Kind);
        Assert.Equal(Run("oracle", module, function).FuelUsed, end.FuelUsed);
        Assert.Equal(function.Value, (end as CommandEnd.Faulted)?.Fault.Function ?? function.Value);
    }

    [Theory]
    [MemberData(nameof(Segments))]
    public void A_segment_that_does_not_fit_faults_before_anything_runs(
        string engine, int address, int size, FaultKind? kind)
    {
        Need(engine);
        var builder = new ModuleBuilder();
        builder.Memory(new WasmRange(1, 1));
        builder.Data(address, new byte[size]);
        var module = Valid(builder.Build());
        var load = Compose.CommandEngine(engine)!.Load(module, new OneImport(), _limits);
        if (kind is null)
        {
            Assert.IsType<CommandLoad.Ready>(load).Command.Dispose();
        }
        else
        {
            Assert.Equal(kind, Assert.IsType<CommandLoad.Faulted>(load).Fault.Kind);
        }
    }

    private static void Need(string engine) =>
        Assert.SkipWhen(Compose.CommandEngine(engine) is null, Compose.WhyNot(engine));

    private static CodeWriter Load(int address, uint offset, CodeWriter? before = null) =>
        (before ?? new CodeWriter()).I32Const(address).Load(Opcode.I32Load, offset).Op(Opcode.Drop);

    private static CodeWriter Three(int first, int second, int third) =>
        new CodeWriter().I32Const(first).I32Const(second).I32Const(third);

    // Growing must answer as expected, or the attempt ends in another trap than its row says.
    private static CodeWriter Grow(int pages, int expected) =>
        new CodeWriter().I32Const(pages).MemoryGrow().I32Const(expected).Op(Opcode.I32Ne)
            .If(BlockType.Empty).Op(Opcode.Unreachable).End();

    private static ValidatedModule Module(Func<Parts, CodeWriter> code, out FuncIndex function)
    {
        var builder = new ModuleBuilder();
        var plain = builder.Type([], []);
        var word = builder.Type([ValType.I32], [ValType.I32]);
        var wide = builder.Type([ValType.I64], [ValType.I64]);
        var import = builder.ImportFunc("host", "word", word);
        function = builder.Declare(plain);
        var nothing = builder.Func(plain, [], new CodeWriter().End());
        var same = builder.Func(word, [], new CodeWriter().LocalGet(new LocalIndex(0)).End());
        var table = builder.Table(new TableType(ValType.FuncRef, new WasmRange(4, null)));
        builder.Table(new TableType(ValType.FuncRef, new WasmRange(50, null)));
        builder.Memory(new WasmRange(1, null));
        builder.Elements(table, 0, [nothing, same]);
        builder.Elements(table, 3, [import]);
        var elements = builder.Elements(new ElementSegment(
            ValType.FuncRef, new ElementItems.Functions([nothing, same]), new SegmentMode.Passive()));
        var data = builder.Data(new DataSegment(new SegmentMode.Passive(), new byte[8]));
        var body = code(new Parts(plain, wide, table, elements, data, function)).End();
        builder.Define(function, [], body.ToArray());
        builder.Export("attempt", function);
        return Valid(builder.Build());
    }

    private static ValidatedModule Valid(WasmModule module) =>
        Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(module)).Module;

    private static CommandEnd Run(string engine, ValidatedModule module, FuncIndex function)
    {
        var load = Compose.CommandEngine(engine)!.Load(module, new OneImport(), _limits);
        using var command = Assert.IsType<CommandLoad.Ready>(load).Command;
        return command.Call(function, [], fuel: 100_000);
    }

    private sealed record Attempt(string Name, FaultKind? Fault, Func<Parts, CodeWriter> Code);

    private sealed record Parts(
        TypeIndex Plain, TypeIndex Long, TableIndex Table, ElemIndex Elements, DataIndex Data, FuncIndex Self);

    /// <summary>Gives whatever is asked for, and answers zeros.</summary>
    private sealed class OneImport : IHostFunctions
    {
        public int? Find(string module, string name, FuncType type) => 0;

        public bool Call(int function, ReadOnlySpan<ulong> arguments, Span<ulong> results, IGuestMemory memory)
        {
            results.Clear();
            return true;
        }
    }
}
