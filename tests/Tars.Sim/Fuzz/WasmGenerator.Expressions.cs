using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>What leaves one value on the stack.</summary>
public sealed partial class WasmGenerator
{
    // For each type a function that gives its argument with canonical NaNs; of vectors, as four and as two lanes.
    private readonly Dictionary<string, FuncIndex> _canonicals = [];

    private void Expression(ValType type, int depth)
    {
        switch (depth == 0 ? _random.Next(2) : _random.Next(10))
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
            case 6:
                _code.Block(BlockType.Of(type));
                Expression(type, depth - 1);
                Expression(ValType.I32, depth - 1);
                _code.BrIf(0).Op(Opcode.Drop);
                Expression(type, depth - 1);
                _code.End();
                break;
            case 7 when type is ValType.I32 or ValType.FuncRef:
                Sizes(type, depth);
                break;
            case var _ when _givers[type].Length != 0:
                Apply(_givers[type][_random.Next(_givers[type].Length)], depth);
                break;
            default:
                Constant(type);
                break;
        }
    }

    private void Sizes(ValType type, int depth)
    {
        if (type == ValType.FuncRef)
        {
            Small();
            _code.TableGet(_table);
            return;
        }

        switch (_random.Next(3))
        {
            case 0:
                _code.MemorySize();
                break;
            case 1:
                _code.TableSize(_table);
                break;
            default:
                Expression(ValType.I32, depth - 1);
                _code.MemoryGrow();
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
            _code.I32Const(_random.Next(5)).CallIndirect(_module.Type([type], [type]), _table);
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

        if (_isCanonical && row.Signature.Results is [var result] && CanonicalFor(row.Name, result) is { } function)
        {
            _code.Call(function);
        }
    }

    private FuncIndex? CanonicalFor(string instruction, ValType result) => result switch
    {
        ValType.F32 or ValType.F64 => _canonicals[result.ToString()],
        ValType.V128 when instruction.StartsWith("f32x4", StringComparison.Ordinal) => _canonicals["f32x4"],
        ValType.V128 when instruction.StartsWith("f64x2", StringComparison.Ordinal) => _canonicals["f64x2"],
        _ => null,
    };

    // x when x is itself, the canonical NaN otherwise; lane by lane in a vector.
    private void DefineCanonicals()
    {
        if (!_isCanonical)
        {
            return;
        }

        var (narrow, wide) = (CanonicalSingle, CanonicalDouble);
        Define("F32", ValType.F32, code => code.F32Const(narrow), Opcode.F32Eq);
        Define("F64", ValType.F64, code => code.F64Const(wide), Opcode.F64Eq);
        Define("f32x4", ValType.V128, code => code.F32Const(narrow).Op(Opcode.F32x4Splat), Opcode.F32x4Eq);
        Define("f64x2", ValType.V128, code => code.F64Const(wide).Op(Opcode.F64x2Splat), Opcode.F64x2Eq);

        void Define(string name, ValType type, Action<CodeWriter> canonical, Opcode equal)
        {
            var x = new LocalIndex(0);
            var code = new CodeWriter().LocalGet(x);
            canonical(code);
            code.LocalGet(x).LocalGet(x).Op(equal);
            _ = type == ValType.V128 ? code.Op(Opcode.V128Bitselect) : code.SelectTyped(type);
            _canonicals[name] = _module.Func(_module.Type([type], [type]), [], code.End());
        }
    }

    private static float CanonicalSingle => BitConverter.Int32BitsToSingle(0x7FC00000);

    private static double CanonicalDouble => BitConverter.Int64BitsToDouble(0x7FF8000000000000);

    private void Constant(ValType type) => _ = type switch
    {
        ValType.V128 => _code.V128Const(Bytes(16)),
        ValType.FuncRef when _random.Next(2) == 0 => _code.RefNull(ValType.FuncRef),
        ValType.FuncRef => _code.RefFunc(_functions[_random.Next(FunctionCount)]),
        ValType.ExternRef => _code.RefNull(ValType.ExternRef),
        ValType.I32 or ValType.I64 or ValType.F32 or ValType.F64 => Number(type),
    };

    // Small numbers reach the memory and make branches go both ways; wild ones reach the corners.
    private CodeWriter Number(ValType type)
    {
        long bits = _random.Next(3) == 0 ? (long)_random.Next() : _random.Next(20) - 4;
        bool isCount = _random.Next(2) == 0;
        return type switch
        {
            ValType.I32 => _code.I32Const((int)bits),
            ValType.I64 => _code.I64Const(bits),
            ValType.F32 => _code.F32Const(Plain(isCount ? bits : BitConverter.Int32BitsToSingle((int)bits))),
            _ => _code.F64Const(Plain(isCount ? bits : BitConverter.Int64BitsToDouble(bits))),
        };
    }

    private float Plain(float value) => _isCanonical && float.IsNaN(value) ? CanonicalSingle : value;

    private double Plain(double value) => _isCanonical && double.IsNaN(value) ? CanonicalDouble : value;

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
