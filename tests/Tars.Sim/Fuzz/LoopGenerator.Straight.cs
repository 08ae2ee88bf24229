using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>Loops without a branch but the one back, and floats in them.</summary>
public sealed partial class LoopGenerator
{
    private static readonly LocalIndex _derived = new(6);
    private static readonly LocalIndex[] _floats = [new(7), new(8)];
    private static readonly LocalIndex[] _vectors = [new(9), new(10)];

    private static readonly Opcode[] _comparisons =
    [
        Opcode.I32Ne, Opcode.I32LtS, Opcode.I32LtU, Opcode.I32GtS, Opcode.I32GtU,
        Opcode.I32LeS, Opcode.I32LeU, Opcode.I32GeS, Opcode.I32GeU, Opcode.I32Eq, Opcode.I32Sub,
    ];

    private static readonly Opcode[] _arithmetic = [Opcode.F64Add, Opcode.F64Sub, Opcode.F64Mul, Opcode.F64Max];

    private static readonly Opcode[] _lanes =
        [Opcode.F64x2Add, Opcode.F64x2Mul, Opcode.F32x4Sub, Opcode.F32x4Min, Opcode.V128Xor, Opcode.F64x2Pmin];

    private static readonly ulong[] _nans =
        [0x7FF8000000000000, 0xFFF8000000000000, 0x7FF4000000000001, 0xFFF8ABCDEF012345, 0x7FA000017FC00000];

    private void PlantNaNs()
    {
        for (int left = _random.Next(4); 0 < left; left--)
        {
            double value = BitConverter.UInt64BitsToDouble(_nans[_random.Next(_nans.Length)]);
            _code.I32Const(_random.Next(8) * 8).F64Const(value).Store(Opcode.F64Store, 0);
        }
    }

    private void StraightLoop()
    {
        _code.Loop(BlockType.Empty);
        bool isAdvancedFirst = _random.Next(3) == 0;
        if (isAdvancedFirst)
        {
            Advance(_second);
        }

        for (int left = 1 + _random.Next(5); 0 < left; left--)
        {
            StraightStatement();
        }

        if (!isAdvancedFirst)
        {
            Advance(_second);
        }

        if (_random.Next(3) == 0)
        {
            Advance(_first);
        }

        if (_random.Next(4) == 0)
        {
            Back();
        }
        else
        {
            Compare();
            _code.BrIf(0);
        }

        if (_random.Next(6) == 0)
        {
            Access();
        }

        _code.End();
    }

    private void StraightStatement()
    {
        switch (_random.Next(4))
        {
            case 0:
                _code.LocalGet(_second).I32Const(_random.Next(64)).Op(Opcode.I32Add).LocalTee(_derived);
                _ = _random.Next(2) == 0
                    ? _code.LocalGet(_sum).Store(Opcode.I32Store, 4)
                    : _code.Load(Opcode.I32Load8U, 0).LocalGet(_sum).Op(Opcode.I32Add).LocalSet(_sum);
                break;
            case 1:
                Float();
                break;
            case 2:
                Vector();
                break;
            default:
                Access();
                break;
        }
    }

    private void Float()
    {
        var target = _floats[_random.Next(_floats.Length)];
        var other = _floats[_random.Next(_floats.Length)];
        switch (_random.Next(5))
        {
            case 0:
                Address();
                _code.Load(Opcode.F64Load, 0).LocalSet(target);
                break;
            case 1:
                Address();
                _code.LocalGet(target).Store(Opcode.F64Store, 8);
                break;
            case 2:
                _code.LocalGet(other).Op(Opcode.I64ReinterpretF64).I64Const(33).Op(Opcode.I64ShrU)
                    .Op(Opcode.I32WrapI64).LocalGet(_sum).Op(Opcode.I32Xor).LocalSet(_sum);
                break;
            case 3:
                _code.LocalGet(other).LocalSet(target);
                break;
            default:
                _code.LocalGet(target).LocalGet(other).Op(_arithmetic[_random.Next(_arithmetic.Length)])
                    .LocalSet(target);
                break;
        }
    }

    private void Vector()
    {
        var target = _vectors[_random.Next(_vectors.Length)];
        var other = _vectors[_random.Next(_vectors.Length)];
        switch (_random.Next(4))
        {
            case 0:
                Address();
                _code.Load(Opcode.V128Load, 0).LocalSet(target);
                break;
            case 1:
                Address();
                _code.LocalGet(target).Store(Opcode.V128Store, 0);
                break;
            default:
                _code.LocalGet(target).LocalGet(other).Op(_lanes[_random.Next(_lanes.Length)]).LocalSet(target);
                break;
        }
    }

    private void Compare()
    {
        var tested = _random.Next(4) switch { 0 => _first, 1 => _derived, _ => _second };
        bool isSwapped = _random.Next(3) == 0;
        if (!isSwapped)
        {
            _code.LocalGet(tested);
        }

        _ = _random.Next(3) switch
        {
            0 => _code.LocalGet(_random.Next(2) == 0 ? _argument : _first),
            1 => _code.I32Const(_random.Next(70_000)),
            _ => _code.I32Const(_steps[_random.Next(_steps.Length)]),
        };
        if (isSwapped)
        {
            _code.LocalGet(tested);
        }

        _code.Op(_comparisons[_random.Next(_comparisons.Length)]);
    }

    // What every local holds in the end is seen in the answer or in the memory.
    private void Finish()
    {
        foreach (var local in (LocalIndex[])[_first, _second, _derived, _count])
        {
            _code.LocalGet(local).LocalGet(_sum).I32Const(31).Op(Opcode.I32Mul).Op(Opcode.I32Add).LocalSet(_sum);
        }

        for (int place = 0; place < _floats.Length; place++)
        {
            _code.I32Const(60_000 + (place * 8)).LocalGet(_floats[place]).Store(Opcode.F64Store, 0);
            _code.I32Const(60_016 + (place * 16)).LocalGet(_vectors[place]).Store(Opcode.V128Store, 0);
        }
    }
}
