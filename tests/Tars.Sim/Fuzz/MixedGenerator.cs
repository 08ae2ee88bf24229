using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>
/// Makes valid modules in which what a compiler handles one by one meets: functions with many parameters and results
/// of every type, calls through a table and in place of a return, tables and memories that change, every numeric
/// instruction, vectors and their lanes, long tables of branches, loops within loops.
/// </summary>
/// <remarks>
/// The functions <c>run0</c>, <c>run1</c> and <c>run2</c> take an i32, an i64 and an f32. How often something may trap
/// is drawn for each module: with much of it the state after a trap is judged, with little of it what is computed.
/// </remarks>
public sealed partial class MixedGenerator
{
    private const int EntryCount = 3;
    private const int StatementDepth = 3;
    private const int ExpressionDepth = 3;

    private static readonly ValType[] _types = [ValType.I32, ValType.I64, ValType.F32, ValType.F64, ValType.V128];

    // NaNs of every kind, in both halves too, and numbers on which rounding and conversion show.
    private static readonly ulong[] _numbers =
    [
        0x7FF8000000000000, 0xFFF8000000000000, 0x7FF4000000000001, 0xFFF8ABCDEF012345, 0x7FA000017FC00000,
        0xFF8000017F800001, 0x8000000080000000, 0x7FF0000000000000, 0x3FF0000000000000, 0x4330000000000001,
    ];

    private readonly Xoshiro256 _random;
    private readonly ModuleBuilder _module = new();
    private readonly List<Function> _functions = [];
    private readonly GlobalIndex[] _globals = new GlobalIndex[_types.Length];
    private readonly List<LocalIndex> _counters = [];
    private readonly int _pages;
    private readonly int _oddsAgainstTraps;
    private TableIndex _table;
    private ElemIndex _elements;
    private DataIndex _data;
    private CodeWriter _code = new();
    private ValType[] _locals = [];
    private ValType[] _results = [];

    private MixedGenerator(ulong seed)
    {
        _random = new Xoshiro256((seed * 7919) + 13);
        _pages = 1 + Next(2);
        _oddsAgainstTraps = Any([2, 12, 60, 400, 400]);
    }

    private int MemoryBytes => _pages * 65_536;

    public static WasmModule Module(ulong seed) => new MixedGenerator(seed).Make();

    private WasmModule Make()
    {
        _module.Export("memory", _module.Memory(new WasmRange((uint)_pages, (uint)(_pages + Next(3)))));
        _table = _module.Table(new TableType(ValType.FuncRef, new WasmRange(8, 20)));
        for (int place = 0; place < _types.Length; place++)
        {
            _code = new CodeWriter();
            Constant(_types[place]);
            _globals[place] = _module.Global(new GlobalType(_types[place], Mutable: true), _code.End());
        }

        Declare();
        Segments();
        foreach (var function in _functions)
        {
            Define(function);
        }

        return _module.Build();
    }

    // Some have the type of the first, so that one can be called where another is meant, and return for another.
    private void Declare()
    {
        for (int count = 2 + Next(4); _functions.Count < count;)
        {
            bool isFirst = _functions.Count == 0;
            var parameters = !isFirst && Next(3) == 0
                ? _functions[0].Parameters
                : TypesOf(atLeast: 0, atMost: Next(3) == 0 ? 24 : 5);
            var results = !isFirst && Next(2) == 0
                ? _functions[0].Results
                : TypesOf(atLeast: 0, atMost: Next(6) == 0 ? 30 : 4);
            Declare(parameters, results);
        }

        for (int entry = 0; entry < EntryCount; entry++)
        {
            _module.Export(
                $"run{entry}", Declare([_types[entry]], TypesOf(atLeast: 1, atMost: Next(5) == 0 ? 30 : 4)));
        }
    }

    private FuncIndex Declare(ValType[] parameters, ValType[] results)
    {
        var type = _module.Type(parameters, results);
        var index = _module.Declare(type);
        _functions.Add(new Function(index, type, parameters, results));
        return index;
    }

    private void Segments()
    {
        const int InTable = 7;
        FuncIndex[] all = [.. _functions.Select(function => function.Index)];
        _module.Elements(_table, 0, [.. all.Take(InTable)]);
        _elements = _module.Elements(new ElementSegment(
            ValType.FuncRef, new ElementItems.Functions([.. all]), new SegmentMode.Passive()));
        _module.Data(Next(100), Octets(200));
        if (Next(2) == 0)
        {
            _module.Data(MemoryBytes - 64, Octets(64));
        }

        _data = _module.Data(new DataSegment(new SegmentMode.Passive(), Octets(15 + Next(100))));
    }

    private void Define(Function function)
    {
        _code = new CodeWriter();
        _results = function.Results;
        ValType[] further =
        [
            .. _types, .. _types, ValType.I32, ValType.I32, ValType.I32,
            .. TypesOf(atLeast: 0, atMost: Next(5) == 0 ? 200 : 3),
        ];
        _locals = [.. function.Parameters, .. further];
        Statements(StatementDepth);
        foreach (var type in function.Results)
        {
            Expression(type, ExpressionDepth);
        }

        _module.Define(function.Index, further, _code.End().ToArray());
    }

    private void Constant(ValType type)
    {
        ulong bits = Next(2) == 0 ? Any(_numbers) : (ulong)(long)(Next(40) - 8);
        int half = (int)(Any(_numbers) >> (Next(2) * 32));
        _ = type switch
        {
            ValType.I32 => _code.I32Const(Next(4) == 0 ? (int)bits : Next(40) - 4),
            ValType.I64 => _code.I64Const((long)bits),
            ValType.F32 => _code.F32Const(Next(2) == 0 ? BitConverter.Int32BitsToSingle(half) : Next(9) - 4),
            ValType.F64 => _code.F64Const(
                Next(2) == 0 ? BitConverter.UInt64BitsToDouble(Any(_numbers)) : Next(9) - 4),
            _ => _code.V128Const(Octets(16)),
        };
    }

    private byte[] Octets(int count) => [.. Enumerable.Range(0, count).Select(
        at => Next(3) == 0 ? (byte)Next(256) : (byte)(Any(_numbers) >> (8 * (at & 7))))];

    private ValType[] TypesOf(int atLeast, int atMost) =>
        [.. Enumerable.Range(0, atLeast + Next(atMost - atLeast + 1)).Select(_ => Any(_types))];

    private LocalIndex AnyLocal(ValType type) => Any(
        [.. AllLocals().Where(local => _locals[local.Value] == type)]);

    // What counts the turns of a loop is set by nothing else in it, so that it ends.
    private LocalIndex AnySettable(ValType type) => Any(
        [.. AllLocals().Where(local => _locals[local.Value] == type && !_counters.Contains(local))]);

    private LocalIndex[] FreeCounters() =>
        [.. AllLocals().Where(local => _locals[local.Value] == ValType.I32 && !_counters.Contains(local))];

    private IEnumerable<LocalIndex> AllLocals() => Enumerable.Range(0, _locals.Length).Select(at => new LocalIndex(at));

    private GlobalIndex GlobalOf(ValType type) => _globals[Array.IndexOf(_types, type)];

    private bool MayTrap() => Next(_oddsAgainstTraps) == 0;

    private int Next(int below) => _random.Next(below);

    private T Any<T>(IReadOnlyList<T> list) => list[Next(list.Count)];

    private sealed record Function(FuncIndex Index, TypeIndex Type, ValType[] Parameters, ValType[] Results);
}
