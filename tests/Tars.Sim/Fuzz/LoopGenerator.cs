using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>Makes valid modules of loops that walk through memory and, often, out of it.</summary>
/// <remarks>
/// Each function is <c>run0</c>, <c>run1</c> … from i32 to i32 with one innermost loop, sometimes inside another.
/// Counters start near either end of the memory or of the numbers, and step by constants or by a local, either way.
/// Half of the loops have no branch but the one back; floats in them meet NaNs of every kind.
/// </remarks>
public sealed partial class LoopGenerator
{
    private const int FunctionCount = 3;

    private static readonly LocalIndex _argument = new(0);
    private static readonly LocalIndex _first = new(1);
    private static readonly LocalIndex _second = new(2);
    private static readonly LocalIndex _stride = new(3);
    private static readonly LocalIndex _count = new(4);
    private static readonly LocalIndex _sum = new(5);

    private static readonly Opcode[] _loads =
        [Opcode.I32Load, Opcode.I32Load8U, Opcode.I32Load16S, Opcode.I32Load8S, Opcode.I32Load16U];

    private static readonly Opcode[] _stores = [Opcode.I32Store, Opcode.I32Store8, Opcode.I32Store16];
    private static readonly uint[] _offsets = [0, 1, 4, 12, 1000, 65_528, 0x7FFF_FFFF, 0xFFFF_FFF8];
    private static readonly int[] _steps = [0, 1, 2, 4, 7, 64, 3000, -1, -4, -1000, int.MinValue];

    private readonly Xoshiro256 _random;
    private CodeWriter _code = new();

    private LoopGenerator(ulong seed) => _random = new Xoshiro256(seed);

    public static WasmModule Module(ulong seed) => new LoopGenerator(seed).Make();

    private WasmModule Make()
    {
        var module = new ModuleBuilder();
        _ = module.Memory(new WasmRange(1, _random.Next(2) == 0 ? 1u : 2u));
        var type = module.Type([ValType.I32], [ValType.I32]);
        for (int place = 0; place < FunctionCount; place++)
        {
            _code = new CodeWriter();
            Function();
            Finish();
            module.Export($"run{place}", module.Func(type, Locals(), _code.LocalGet(_sum).End()));
        }

        return module.Build();
    }

    private static ValType[] Locals() =>
        [.. Enumerable.Repeat(ValType.I32, 6), ValType.F64, ValType.F64, ValType.V128, ValType.V128];

    private void Function()
    {
        bool isNested = _random.Next(3) == 0;
        PlantNaNs();
        _code.I32Const(1 + _random.Next(400)).LocalSet(_count);
        _code.I32Const(Step()).LocalSet(_stride);
        if (_random.Next(8) == 0)
        {
            _code.I32Const(1).MemoryGrow().Op(Opcode.Drop);
        }

        Start(_first);
        if (isNested)
        {
            _code.Loop(BlockType.Empty);
        }

        Start(_second);
        if (_random.Next(2) == 0)
        {
            StraightLoop();
        }
        else
        {
            Loop();
        }

        if (isNested)
        {
            _code.LocalGet(_first).I32Const(Step()).Op(Opcode.I32Add).LocalTee(_first)
                .I32Const(1000).Op(Opcode.I32LtU).BrIf(0).End();
        }
    }

    // At the argument, or near an end of the memory or of all numbers.
    private void Start(LocalIndex local)
    {
        int near = _random.Next(40);
        _ = _random.Next(5) switch
        {
            0 => _code.LocalGet(_argument),
            1 => _code.I32Const(near),
            2 => _code.I32Const(65_536 - (near * 16)),
            3 => _code.I32Const(-near),
            _ => _code.LocalGet(_argument).I32Const(0xFFFF).Op(Opcode.I32And),
        };
        _code.LocalSet(local);
    }

    private void Loop()
    {
        bool isWrapped = _random.Next(4) == 0;
        if (isWrapped)
        {
            _code.Block(BlockType.Empty);
        }

        _code.Loop(BlockType.Empty);
        for (int left = 1 + _random.Next(4); 0 < left; left--)
        {
            Statement();
        }

        if (isWrapped)
        {
            _code.LocalGet(_first).I32Const(_random.Next(70_000)).Op(Opcode.I32GtU).BrIf(1);
        }

        Advance(_second);
        if (_random.Next(2) == 0)
        {
            Advance(_first);
        }

        Back();
        _code.End();
        if (isWrapped)
        {
            _code.End();
        }
    }

    private void Statement()
    {
        switch (_random.Next(6))
        {
            case 0:
                _code.LocalGet(_sum).I32Const(1).Op(Opcode.I32And).If(BlockType.Empty);
                Access();
                _code.Else();
                Access();
                _code.End();
                break;
            case 1:
                _code.Block(BlockType.Empty).LocalGet(_sum).I32Const(3).Op(Opcode.I32And).BrIf(0);
                Access();
                if (_random.Next(4) == 0)
                {
                    Advance(_second);
                }

                _code.End();
                break;
            default:
                Access();
                break;
        }
    }

    private void Access()
    {
        uint offset = _offsets[_random.Next(_random.Next(3) == 0 ? _offsets.Length : 4)];
        if (_random.Next(2) == 0)
        {
            _code.LocalGet(_sum);
            Address();
            _code.Load(_loads[_random.Next(_loads.Length)], offset).Op(Opcode.I32Xor)
                .I32Const(5).Op(Opcode.I32Rotl).LocalSet(_sum);
        }
        else
        {
            Address();
            _code.LocalGet(_sum).LocalGet(_count).Op(Opcode.I32Add)
                .Store(_stores[_random.Next(_stores.Length)], offset);
        }
    }

    private void Address() => _ = _random.Next(7) switch
    {
        0 => _code.LocalGet(_first),
        1 => _code.LocalGet(_first).LocalGet(_second).Op(Opcode.I32Add),
        2 => _code.LocalGet(_second).I32Const(_random.Next(4)).Op(Opcode.I32Shl),
        3 => _code.LocalGet(_second).I32Const(-8).Op(Opcode.I32Add),
        4 => _code.LocalGet(_first).LocalGet(_second).I32Const(4).Op(Opcode.I32Mul).Op(Opcode.I32Sub),
        5 => _code.LocalGet(_sum).I32Const(0xFFF).Op(Opcode.I32And),
        _ => _code.LocalGet(_second),
    };

    private void Advance(LocalIndex local)
    {
        _code.LocalGet(local);
        _ = _random.Next(4) == 0 ? _code.LocalGet(_stride) : _code.I32Const(Step());
        _code.Op(_random.Next(5) == 0 ? Opcode.I32Sub : Opcode.I32Add).LocalSet(local);
    }

    private void Back()
    {
        switch (_random.Next(4))
        {
            case 0:
                _code.LocalGet(_second).I32Const(_random.Next(70_000)).Op(Opcode.I32LtU).BrIf(0);
                break;
            case 1:
                _code.LocalGet(_sum).BrIf(0);
                break;
            default:
                _code.LocalGet(_count).I32Const(1).Op(Opcode.I32Sub).LocalTee(_count).BrIf(0);
                break;
        }
    }

    private int Step() => _steps[_random.Next(_random.Next(3) == 0 ? _steps.Length : 5)];
}
