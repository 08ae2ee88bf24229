using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>
/// Makes valid modules of loops as compilers unroll them: a turn does the same several times, one step further each
/// time, or nearly the same, in order or not: up to three stores, and some of what they need is loaded at the head of
/// the turn. Some stand in an outer loop. Their floats are NaNs of every kind, and their ways through memory meet.
/// </summary>
/// <remarks>
/// Each function is <c>run0</c>, <c>run1</c> … from i32 to i32. What an optimiser may do with such a loop shows in
/// the memory: NaNs that are not canonical, values that were loaded before or after they were stored.
/// </remarks>
public sealed class UnrolledGenerator
{
    private const int FunctionCount = 3;
    private const int LoopCount = 3;
    private const int MemoryBytes = 65_536;

    // Of each type.
    private const int HoistedMax = 16;

    private static readonly LocalIndex _argument = new(0);
    private static readonly LocalIndex _sum = new(1);
    private static readonly LocalIndex _count = new(2);
    private static readonly LocalIndex[] _ways = [new(3), new(4), new(5)];
    private static readonly LocalIndex _address = new(6);
    private static readonly LocalIndex _double = new(7);
    private static readonly LocalIndex _kept = new(8);
    private static readonly LocalIndex _single = new(9);
    private static readonly LocalIndex _vector = new(10);
    private static readonly ValType[] _hoistedTypes = [ValType.I32, ValType.F64, ValType.F32, ValType.V128];
    private static readonly LocalIndex _rounds = new(11 + (4 * HoistedMax));

    private static readonly ulong[] _numbers =
    [
        0, 0x8000000000000000, 0x3FF0000000000000, 0xC008000000000000, 0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000,
        0xFFF0000000000000, 0x7FF8000000000000, 0xFFF8000000000000, 0x7FF4000000000001, 0xFFF8ABCDEF012345,
        0x7FA000017FC00000, 0x3F8000007F800000,
    ];

    private static readonly Kind[] _kinds =
    [
        new(8, ValType.F64, Opcode.F64Load, Opcode.F64Store, _double)
        {
            Binary =
            [
                Opcode.F64Add, Opcode.F64Sub, Opcode.F64Mul, Opcode.F64Div, Opcode.F64Min, Opcode.F64Max,
                Opcode.F64Copysign,
            ],
            Unary = [Opcode.F64Sqrt, Opcode.F64Neg, Opcode.F64Abs],
        },
        new(4, ValType.F32, Opcode.F32Load, Opcode.F32Store, _single)
        {
            Binary = [Opcode.F32Add, Opcode.F32Sub, Opcode.F32Mul, Opcode.F32Div, Opcode.F32Min, Opcode.F32Copysign],
            Unary = [Opcode.F32Sqrt, Opcode.F32Neg],
        },
        new(16, ValType.V128, Opcode.V128Load, Opcode.V128Store, _vector)
        {
            Binary =
            [
                Opcode.F64x2Add, Opcode.F64x2Mul, Opcode.F64x2Sub, Opcode.F64x2Add, Opcode.F64x2Mul, Opcode.F32x4Add,
                Opcode.V128Xor,
            ],
            Unary = [Opcode.F64x2Sqrt, Opcode.F64x2Neg],
        },
        new(16, ValType.V128, Opcode.V128Load, Opcode.V128Store, _vector)
        {
            Binary = [Opcode.F32x4Add, Opcode.F32x4Sub, Opcode.F32x4Mul, Opcode.F32x4Div],
            Unary = [Opcode.F32x4Sqrt, Opcode.F32x4Abs],
        },
        new(4, ValType.I32, Opcode.I32Load, Opcode.I32Store, _sum)
        {
            Binary = [Opcode.I32Add, Opcode.I32Sub, Opcode.I32Mul, Opcode.I32Xor],
            Unary = [Opcode.I32Clz, Opcode.I32Popcnt],
        },
        new(1, ValType.I32, Opcode.I32Load8U, Opcode.I32Store8, _sum)
        {
            Binary = [Opcode.I32Add, Opcode.I32Sub, Opcode.I32And],
            Unary = [Opcode.I32Clz],
        },
    ];

    private readonly Xoshiro256 _random;
    private readonly Dictionary<(int Part, int Store, int Load), LocalIndex> _hoisted = [];
    private CodeWriter _code = new();

    private UnrolledGenerator(ulong seed) => _random = new Xoshiro256(seed);

    public static WasmModule Module(ulong seed) => new UnrolledGenerator(seed).Make();

    private WasmModule Make()
    {
        var module = new ModuleBuilder();
        _ = module.Memory(new WasmRange(1, 1));
        var type = module.Type([ValType.I32], [ValType.I32]);
        for (int place = 0; place < FunctionCount; place++)
        {
            _code = new CodeWriter();
            PlantNumbers();
            for (int loop = 0; loop < LoopCount; loop++)
            {
                Loop();
            }

            module.Export($"run{place}", module.Func(type, Locals(), _code.LocalGet(_sum).End()));
        }

        return module.Build();
    }

    private static ValType[] Locals() =>
    [
        .. Enumerable.Repeat(ValType.I32, 6), ValType.F64, ValType.F64, ValType.F32, ValType.V128,
        .. _hoistedTypes.SelectMany(type => Enumerable.Repeat(type, HoistedMax)), ValType.I32,
    ];

    private void PlantNumbers()
    {
        for (int left = 24; 0 < left; left--)
        {
            _code.I32Const(_random.Next(160) * 4).I64Const((long)_numbers[_random.Next(_numbers.Length)])
                .Store(Opcode.I64Store, 0);
        }

        ulong bits = _numbers[_random.Next(_numbers.Length)];
        _code.F64Const(BitConverter.UInt64BitsToDouble(bits)).LocalTee(_double).LocalSet(_kept);
        _code.LocalGet(_double).Op(Opcode.F32DemoteF64).LocalSet(_single);
        _ = _random.Next(4) switch
        {
            0 => _code.I32Const(_random.Next(160) * 4).Load(Opcode.V128Load, 0),
            1 => _code.LocalGet(_single).Op(Opcode.F32x4Splat),
            _ => _code.LocalGet(_double).Op(Opcode.F64x2Splat),
        };
        _code.LocalSet(_vector);
    }

    private void Loop()
    {
        var kind = _kinds[_random.Next(_kinds.Length)];
        int parts = 1 + _random.Next(5);
        int pace = _random.Next(6) == 0 ? kind.Size * 2 : kind.Size;
        int direction = _random.Next(4) == 0 ? -1 : 1;
        bool isInner = _random.Next(3) == 0;
        foreach (var way in isInner ? [] : _ways)
        {
            Start(way, direction);
        }

        var stores = new Statement[1 + _random.Next(3)];
        for (int place = 0; place < stores.Length; place++)
        {
            stores[place] = AnyStatement(kind, place == 0 ? null : stores[0]);
        }

        if (isInner)
        {
            _code.I32Const(1 + _random.Next(3)).LocalSet(_rounds).Loop(BlockType.Empty);
            foreach (var way in _ways.Where(_ => _random.Next(4) != 0))
            {
                Start(way, direction); // The others go on where they are.
            }
        }

        _code.I32Const(1 + _random.Next(64 / stores.Length)).LocalSet(_count);
        _code.Loop(BlockType.Empty);
        Hoist(kind, stores, parts, direction * pace);
        int odd = _random.Next(3) == 0 ? _random.Next(parts) : -1;
        int[] order = [.. Enumerable.Range(0, parts)];
        if (_random.Next(3) == 0)
        {
            (order[0], order[^1]) = (order[^1], order[0]);
        }

        foreach (int part in order)
        {
            for (int store = 0; store < stores.Length; store++)
            {
                Store(kind, stores[store], (part, store), direction * part * pace, isOdd: part == odd);
            }
        }

        if (_random.Next(3) == 0)
        {
            Look();
        }

        foreach (var way in _ways.Where(_ => _random.Next(8) != 0))
        {
            _code.LocalGet(way).I32Const(direction * parts * pace).Op(Opcode.I32Add).LocalSet(way);
        }

        _code.LocalGet(_count).I32Const(1).Op(Opcode.I32Sub).LocalTee(_count).BrIf(0).End();
        if (isInner)
        {
            _code.LocalGet(_rounds).I32Const(1).Op(Opcode.I32Sub).LocalTee(_rounds).BrIf(0).End();
        }

        Hash(_random.Next(2) == 0 ? _double : _kept);
    }

    // Near each other, so that some meet; sometimes where the memory ends.
    private void Start(LocalIndex way, int direction)
    {
        int near = _random.Next(100) * (_random.Next(4) == 0 ? 1 : 8);
        _ = _random.Next(8) switch
        {
            0 => _code.LocalGet(_argument).I32Const(0x1F8).Op(Opcode.I32And),
            1 => _code.I32Const(MemoryBytes - near),
            _ => _code.I32Const(near + (direction < 0 ? 4096 : 0)),
        };
        _code.LocalSet(way);
    }

    // Those of a part go the same way, mostly, and lie side by side.
    private Statement AnyStatement(Kind kind, Statement? first)
    {
        var sources = new Source[1 + _random.Next(3)];
        for (int place = 0; place < sources.Length; place++)
        {
            sources[place] = new Source(
                _ways[_random.Next(_ways.Length)], 64 + (_random.Next(5) * kind.Size), Any(kind.Binary));
        }

        return first is null || _random.Next(2) == 0
            ? new Statement(_ways[_random.Next(_ways.Length)], 0, sources)
            : new Statement(first.Target, (_random.Next(5) - 2) * kind.Size, sources);
    }

    // A quarter of the loads stands before all stores of the turn.
    private void Hoist(Kind kind, Statement[] stores, int parts, int pace)
    {
        _hoisted.Clear();
        for (int part = 0; part < parts; part++)
        {
            for (int store = 0; store < stores.Length; store++)
            {
                for (int load = 0; load <= stores[store].Sources.Length; load++)
                {
                    if (_hoisted.Count < HoistedMax && _random.Next(4) == 0)
                    {
                        var local = new LocalIndex(kind.FirstHoisted + _hoisted.Count);
                        Load(kind, stores[store], load, part * pace);
                        _code.LocalSet(local);
                        _hoisted[(part, store, load)] = local;
                    }
                }
            }
        }
    }

    // The first is where it stores, the others are its sources.
    private void Load(Kind kind, Statement of, int load, int distance)
    {
        if (load == 0)
        {
            _code.LocalGet(of.Target).I32Const(64 + of.Distance + distance).Op(Opcode.I32Add).Load(kind.Load, 0);
            return;
        }

        var source = of.Sources[load - 1];
        _code.LocalGet(source.Way).I32Const(distance).Op(Opcode.I32Add).Load(kind.Load, (uint)source.Offset);
    }

    private void Store(Kind kind, Statement store, (int Part, int Store) at, int distance, bool isOdd)
    {
        int odd = isOdd ? _random.Next(3) * kind.Size : 0;
        _code.LocalGet(store.Target).I32Const(64 + store.Distance + distance + odd).Op(Opcode.I32Add);
        for (int load = 0; load <= store.Sources.Length; load++)
        {
            if (_hoisted.TryGetValue((at.Part, at.Store, load), out var local))
            {
                _code.LocalGet(local);
            }
            else if (load == 0 && _random.Next(2) == 0)
            {
                _code.LocalTee(_address).LocalGet(_address).Load(kind.Load, 0);
            }
            else
            {
                Load(kind, store, load, distance);
            }

            if (load != 0)
            {
                var operation = isOdd ? Any(kind.Binary) : store.Sources[load - 1].Operation;
                _code.LocalGet(kind.Local).Op(kind.Binary[0]).Op(operation);
            }
        }

        if (_random.Next(12) == 0)
        {
            _code.Op(Any(kind.Unary));
        }

        if (_random.Next(12) == 0 && kind.Local != _sum)
        {
            _code.LocalTee(kind.Local);
        }

        _code.Store(kind.Store, 0);
    }

    // At what is, or was, or will be stored.
    private void Look()
    {
        var way = _ways[_random.Next(_ways.Length)];
        uint offset = (uint)(56 + (_random.Next(6) * 4));
        switch (_random.Next(4))
        {
            case 0:
                _code.LocalGet(way).Load(Opcode.F64Load, offset).LocalSet(_kept);
                break;
            case 1:
                _code.LocalGet(way).Load(Opcode.I32Load, offset).LocalGet(_sum).Op(Opcode.I32Xor).LocalSet(_sum);
                break;
            case 2:
                _code.I32Const(2048).LocalGet(_double).LocalGet(way).Load(Opcode.F64Load, offset).Op(Opcode.F64Add)
                    .LocalTee(_double).Store(Opcode.F64Store, 0);
                break;
            default:
                _code.LocalGet(way).LocalGet(way).Load(Opcode.I32Load8U, offset).Store(Opcode.I32Store16, offset);
                break;
        }
    }

    private void Hash(LocalIndex number)
    {
        foreach (var way in _ways)
        {
            _code.LocalGet(_sum).I32Const(31).Op(Opcode.I32Mul).LocalGet(way).Op(Opcode.I32Add).LocalSet(_sum);
        }

        HashBits(number);
    }

    private void HashBits(LocalIndex number) => _code.LocalGet(number).Op(Opcode.I64ReinterpretF64).I64Const(33)
        .Op(Opcode.I64ShrU).Op(Opcode.I32WrapI64).LocalGet(_sum).I32Const(31).Op(Opcode.I32Mul)
        .Op(Opcode.I32Add).LocalSet(_sum);

    private Opcode Any(Opcode[] opcodes) => opcodes[_random.Next(opcodes.Length)];

    /// <param name="Local">What goes into the arithmetic besides what is loaded.</param>
    private sealed record Kind(int Size, ValType Type, Opcode Load, Opcode Store, LocalIndex Local)
    {
        public required Opcode[] Binary { get; init; }

        public required Opcode[] Unary { get; init; }

        /// <summary>The first local for what it loads at the head of a turn.</summary>
        public int FirstHoisted => _vector.Value + 1 + (Array.IndexOf(_hoistedTypes, Type) * HoistedMax);
    }

    /// <param name="Distance">Of what it stores, from that of the first.</param>
    private sealed record Statement(LocalIndex Target, int Distance, Source[] Sources);

    private sealed record Source(LocalIndex Way, int Offset, Opcode Operation);
}
