using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>Makes valid modules from a seed: control flow, and all that the table alone gives a type.</summary>
/// <remarks>
/// Each function is <c>run0</c>, <c>run1</c> … and takes and gives one number. Loops may be endless: run them with a
/// fuel limit. The same seed gives the same module. Made <c>canonical</c>, a module itself brings every NaN to its
/// canonical bits, so that an engine which leaves them open agrees too.
/// </remarks>
public sealed partial class WasmGenerator
{
    private const int FunctionCount = 3;
    private const int LocalCount = 7;
    private const int ExpressionDepth = 4;

    private static readonly ValType[] _types =
    [
        ValType.I32, ValType.I64, ValType.F32, ValType.F64, ValType.V128, ValType.FuncRef, ValType.ExternRef,
    ];

    // What gives a value of each type and needs neither label nor index.
    private static readonly Dictionary<ValType, OpcodeInfo[]> _givers = _types.ToDictionary(
        type => type,
        type => Opcodes.All
            .Where(row => row.Immediate is Immediate.None or Immediate.Memory or Immediate.MemoryLane or Immediate.Lane)
            .Where(row => row.Signature is { Results: [var only] } && only == type)
            .ToArray());

    private static readonly OpcodeInfo[] _stores =
    [
        .. Opcodes.All.Where(row =>
            row.Immediate is Immediate.Memory or Immediate.MemoryLane && row.Signature!.Results.IsEmpty),
    ];

    private readonly Xoshiro256 _random;
    private readonly ModuleBuilder _module = new();
    private readonly FuncIndex[] _functions = new FuncIndex[FunctionCount];
    private readonly GlobalIndex[] _globals = new GlobalIndex[4];
    private readonly List<ValType[]> _labels = [];
    private readonly bool _isCanonical;
    private CodeWriter _code = new();
    private TableIndex _table;
    private ElemIndex _element;
    private DataIndex _bytes;

    // The parameter and result of the function that is being written.
    private ValType _own;

    private WasmGenerator(ulong seed, bool canonical)
    {
        _random = new Xoshiro256(seed);
        _isCanonical = canonical;
    }

    public static WasmModule Module(ulong seed, bool canonical = false) => new WasmGenerator(seed, canonical).Make();

    private WasmModule Make()
    {
        _module.Export("memory", _module.Memory(new WasmRange(1, 2)));
        _table = _module.Table(new TableType(ValType.FuncRef, new WasmRange(4, 8)));
        DefineCanonicals();
        for (int place = 0; place < _globals.Length; place++)
        {
            _code = new CodeWriter();
            Number(_types[place]);
            _globals[place] = _module.Global(new GlobalType(_types[place], Mutable: true), _code.End());
        }

        for (int place = 0; place < FunctionCount; place++)
        {
            var type = _types[place];
            _functions[place] = _module.Declare(_module.Type([type], [type]));
            _module.Export($"run{place}", _functions[place]);
        }

        _module.Elements(_table, 1, _functions);
        _module.Data(_random.Next(1000), Bytes(_random.Next(40)));
        _element = _module.Elements(new ElementSegment(
            ValType.FuncRef, new ElementItems.Functions([.. _functions]), new SegmentMode.Passive()));
        _bytes = _module.Data(new DataSegment(new SegmentMode.Passive(), Bytes(_random.Next(300))));
        _module.Custom("seeded", Bytes(_random.Next(10)));
        for (int place = 0; place < FunctionCount; place++)
        {
            _code = new CodeWriter();
            _own = _types[place];
            _labels.Add([_own]);
            Statements(depth: 3);
            Expression(_own, ExpressionDepth);
            _labels.Clear();
            _module.Define(_functions[place], _types, _code.End().ToArray());
        }

        return _module.Build();
    }
}
