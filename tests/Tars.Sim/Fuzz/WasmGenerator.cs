using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>Makes valid modules from a seed: control flow, and all that the table alone gives a type.</summary>
/// <remarks>
/// Each function is <c>run0</c>, <c>run1</c> … and takes and gives one number. Loops may be endless: run them with a
/// fuel limit. The same seed gives the same module.
/// </remarks>
public sealed class WasmGenerator
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
    private CodeWriter _code = new();

    // The parameter and result of the function that is being written.
    private ValType _own;

    private WasmGenerator(ulong seed) => _random = new Xoshiro256(seed);

    public static WasmModule Module(ulong seed) => new WasmGenerator(seed).Make();

    private WasmModule Make()
    {
        _module.Memory(new WasmRange(1, 2));
        var table = _module.Table(new TableType(ValType.FuncRef, new WasmRange(4, 8)));
        for (int place = 0; place < _globals.Length; place++)
        {
            _code = new CodeWriter();
            Constant(_types[place]);
            _globals[place] = _module.Global(new GlobalType(_types[place], Mutable: true), _code.End());
        }

        for (int place = 0; place < FunctionCount; place++)
        {
            var type = _types[place];
            _functions[place] = _module.Declare(_module.Type([type], [type]));
            _module.Export($"run{place}", _functions[place]);
        }

        for (int place = 0; place < FunctionCount; place++)
        {
            _code = new CodeWriter();
            _own = _types[place];
            Statements(depth: 3);
            Expression(_own, ExpressionDepth);
            _module.Define(_functions[place], _types, _code.End().ToArray());
        }

        _module.Elements(table, 1, _functions);
        _module.Data(_random.Next(1000), Bytes(_random.Next(40)));
        _module.Custom("seeded", Bytes(_random.Next(10)));
        return _module.Build();
    }

    private void Statements(int depth)
    {
        for (int left = 1 + _random.Next(4); 0 < left; left--)
        {
            Statement(depth);
        }
    }

    private void Statement(int depth)
    {
        switch (_random.Next(depth == 0 ? 4 : 9))
        {
            case 0:
                var local = Local(out var type);
                Expression(type, ExpressionDepth);
                _code.LocalSet(local);
                break;
            case 1:
                int global = _random.Next(_globals.Length);
                Expression(_types[global], ExpressionDepth);
                _code.GlobalSet(_globals[global]);
                break;
            case 2:
                Apply(_stores[_random.Next(_stores.Length)], ExpressionDepth);
                break;
            case 3:
                Bulk();
                break;
            case 4:
                Expression(ValType.I32, ExpressionDepth);
                _code.If(BlockType.Empty);
                Statements(depth - 1);
                _code.Else();
                Statements(depth - 1);
                _code.End();
                break;
            case 5:
                _code.Loop(BlockType.Empty);
                Statements(depth - 1);
                Expression(ValType.I32, depth: 1);
                _code.BrIf(0).End();
                break;
            case 6:
                _code.Block(BlockType.Empty);
                Statements(depth - 1);
                Expression(ValType.I32, depth: 1);
                _code.BrTable([0, 0], otherwise: 0);
                Statements(depth - 1);
                _code.End();
                break;
            case 7:
                Expression(ValType.I32, depth: 2);
                _code.If(BlockType.Empty);
                Expression(_own, depth: 2);
                _code.ReturnCall(_functions[Array.IndexOf(_types, _own)]).End();
                break;
            default:
                Expression(_types[_random.Next(_types.Length)], ExpressionDepth);
                _code.Op(Opcode.Drop);
                break;
        }
    }

    private void Bulk()
    {
        Expression(ValType.I32, depth: 1);
        Expression(ValType.I32, depth: 1);
        _code.I32Const(_random.Next(200));
        _ = _random.Next(2) == 0 ? _code.MemoryFill() : _code.MemoryCopy();
    }

    private void Expression(ValType type, int depth)
    {
        switch (depth == 0 ? _random.Next(2) : _random.Next(8))
        {
            case 0:
                Constant(type);
                break;
            case 1:
                _code.LocalGet(LocalOf(type));
                break;
            case 2 when Array.IndexOf(_types, type) < _globals.Length:
                _code.GlobalGet(_globals[Array.IndexOf(_types, type)]);
                break;
            case 3 when Array.IndexOf(_types, type) < FunctionCount:
                Expression(type, depth - 1);
                Call(type);
                break;
            case 4:
                Expression(ValType.I32, depth - 1);
                _code.If(BlockType.Of(type));
                Expression(type, depth - 1);
                _code.Else();
                Expression(type, depth - 1);
                _code.End();
                break;
            case 5:
                Expression(type, depth - 1);
                Expression(type, depth - 1);
                Expression(ValType.I32, depth - 1);
                _code.SelectTyped(type);
                break;
            case var _ when _givers[type].Length != 0:
                Apply(_givers[type][_random.Next(_givers[type].Length)], depth);
                break;
            default:
                Constant(type);
                break;
        }
    }

    private void Call(ValType type)
    {
        var function = _functions[Array.IndexOf(_types, type)];
        if (_random.Next(2) == 0)
        {
            _code.Call(function);
        }
        else
        {
            _code.I32Const(_random.Next(5)).CallIndirect(_module.Type([type], [type]));
        }
    }

    private void Apply(OpcodeInfo row, int depth)
    {
        foreach (var operand in row.Signature!.Parameters)
        {
            Expression(operand, depth - 1);
        }

        switch (row.Immediate)
        {
            case Immediate.Memory:
                _code.Load(row.Opcode, (uint)_random.Next(100), _random.Next(row.Align!.Value + 1));
                break;
            case Immediate.MemoryLane:
                byte place = (byte)_random.Next(row.LaneCount);
                _code.MemoryLane(row.Opcode, (uint)_random.Next(100), row.Align!.Value, place);
                break;
            case Immediate.Lane:
                _code.Lane(row.Opcode, (byte)_random.Next(row.LaneCount));
                break;
            default:
                _code.Op(row.Opcode);
                break;
        }
    }

    private void Constant(ValType type)
    {
        // Small numbers reach the memory and make branches go both ways; wild ones reach the corners.
        long bits = _random.Next(3) == 0 ? (long)_random.Next() : _random.Next(20) - 4;
        _ = type switch
        {
            ValType.I32 => _code.I32Const((int)bits),
            ValType.I64 => _code.I64Const(bits),
            ValType.F32 => _code.F32Const(_random.Next(2) == 0 ? bits : BitConverter.Int32BitsToSingle((int)bits)),
            ValType.F64 => _code.F64Const(_random.Next(2) == 0 ? bits : BitConverter.Int64BitsToDouble(bits)),
            ValType.V128 => _code.V128Const(Bytes(16)),
            ValType.FuncRef => Function(),
            ValType.ExternRef => _code.RefNull(ValType.ExternRef),
        };
    }

    private CodeWriter Function() =>
        _random.Next(2) == 0
            ? _code.RefNull(ValType.FuncRef)
            : _code.RefFunc(_functions[_random.Next(FunctionCount)]);

    private LocalIndex Local(out ValType type)
    {
        int place = _random.Next(LocalCount);
        type = _types[place];
        return new LocalIndex(1 + place);
    }

    // Local 0 is the parameter; after it comes one of each type.
    private LocalIndex LocalOf(ValType type) =>
        new(type == _own && _random.Next(2) == 0 ? 0 : 1 + Array.IndexOf(_types, type));

    private byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(_ => (byte)_random.Next(256))];
}
