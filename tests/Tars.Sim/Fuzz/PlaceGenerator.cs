using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>
/// Makes valid modules full of accesses side by side, of which the argument chooses the one that faults: so that each
/// is seen to fault at its own place, whatever an optimiser makes of its neighbours.
/// </summary>
/// <remarks>
/// Each function is <c>run0</c>, <c>run1</c> … from i32 to i32. The low octet of the argument says which address leads
/// out of the memory, the next how far before its end that begins: an access there may still be inside, and the one
/// behind it, of another width, is not. What is loaded goes into trees in another order than it was loaded in, with
/// operands that are used again; into vectors, comparisons and choices; and back to where it came from.
/// </remarks>
public sealed class PlaceGenerator
{
    private const int FunctionCount = 3;
    private const int AddressCount = 20;
    private const int NearMax = 24;
    private const int StatementCount = 10;
    private const int MemoryBytes = 65_536;
    private const int OfEachType = 4;

    private static readonly LocalIndex _argument = new(0);
    private static readonly LocalIndex _count = new(1);
    private static readonly ValType[] _types = [ValType.I32, ValType.I64, ValType.F32, ValType.F64, ValType.V128];

    private static readonly Dictionary<ValType, Opcode[]> _loads = new()
    {
        [ValType.I32] = [Opcode.I32Load, Opcode.I32Load, Opcode.I32Load8U, Opcode.I32Load8S, Opcode.I32Load16U],
        [ValType.I64] = [Opcode.I64Load, Opcode.I64Load, Opcode.I64Load32S, Opcode.I64Load32U, Opcode.I64Load8U],
        [ValType.F32] = [Opcode.F32Load],
        [ValType.F64] = [Opcode.F64Load],
        [ValType.V128] = [Opcode.V128Load, Opcode.V128Load, Opcode.V128Load64Splat, Opcode.V128Load8x8U],
    };

    private static readonly Dictionary<ValType, Opcode[]> _stores = new()
    {
        [ValType.I32] = [Opcode.I32Store, Opcode.I32Store, Opcode.I32Store8, Opcode.I32Store16],
        [ValType.I64] = [Opcode.I64Store, Opcode.I64Store, Opcode.I64Store32],
        [ValType.F32] = [Opcode.F32Store],
        [ValType.F64] = [Opcode.F64Store],
        [ValType.V128] = [Opcode.V128Store],
    };

    private static readonly Dictionary<ValType, Opcode[]> _binary = new()
    {
        [ValType.I32] =
        [
            Opcode.I32Add, Opcode.I32Add, Opcode.I32Sub, Opcode.I32Mul, Opcode.I32And, Opcode.I32Or, Opcode.I32Xor,
            Opcode.I32Shl, Opcode.I32LtS, Opcode.I32Eq, Opcode.I32Rotl,
        ],
        [ValType.I64] =
        [
            Opcode.I64Add, Opcode.I64Add, Opcode.I64Sub, Opcode.I64Mul, Opcode.I64And, Opcode.I64Xor, Opcode.I64ShrU,
        ],
        [ValType.F32] = [Opcode.F32Add, Opcode.F32Add, Opcode.F32Sub, Opcode.F32Mul, Opcode.F32Div, Opcode.F32Min],
        [ValType.F64] = [Opcode.F64Add, Opcode.F64Add, Opcode.F64Sub, Opcode.F64Mul, Opcode.F64Div, Opcode.F64Max],
        [ValType.V128] =
            [Opcode.F64x2Add, Opcode.F32x4Mul, Opcode.I32x4Add, Opcode.I16x8Sub, Opcode.V128Xor, Opcode.V128And],
    };

    // What makes a value of one type of one of another.
    private static readonly Dictionary<ValType, (Opcode Opcode, ValType From)[]> _conversions = new()
    {
        [ValType.I32] = [(Opcode.I32WrapI64, ValType.I64), (Opcode.I32Eqz, ValType.I32), (Opcode.F64Lt, ValType.F64)],
        [ValType.I64] = [(Opcode.I64ExtendI32U, ValType.I32), (Opcode.I64ExtendI32S, ValType.I32)],
        [ValType.F32] = [(Opcode.F32ConvertI32S, ValType.I32), (Opcode.F32DemoteF64, ValType.F64)],
        [ValType.F64] = [(Opcode.F64ConvertI32S, ValType.I32), (Opcode.F64ReinterpretI64, ValType.I64)],
        [ValType.V128] = [(Opcode.F64x2Splat, ValType.F64), (Opcode.I32x4Splat, ValType.I32)],
    };

    private readonly Xoshiro256 _random;
    private CodeWriter _code = new();
    private int _address;

    private PlaceGenerator(ulong seed) => _random = new Xoshiro256(seed);

    public static WasmModule Module(ulong seed) => new PlaceGenerator(seed).Make();

    /// <summary>Each function with each of its addresses leading out of the memory, and with none.</summary>
    internal static IEnumerable<GeneratedCall> Calls(ulong seed)
    {
        var random = new Xoshiro256(seed);
        for (int function = 0; function < FunctionCount; function++)
        {
            for (int address = 0; address <= AddressCount; address++)
            {
                int near = random.Next(4) == 0 ? random.Next(NearMax) : 0;
                yield return new GeneratedCall($"run{function}", (ulong)((near << 8) | address));
            }
        }
    }

    private static LocalIndex Local(ValType type, int place) =>
        new(2 + (Array.IndexOf(_types, type) * OfEachType) + place);

    private static LocalIndex AddressLocal(int place) => new(2 + (_types.Length * OfEachType) + place);

    private WasmModule Make()
    {
        var module = new ModuleBuilder();
        _ = module.Memory(new WasmRange(1, 1));
        var type = module.Type([ValType.I32], [ValType.I32]);
        ValType[] locals =
        [
            ValType.I32,
            .. _types.SelectMany(of => Enumerable.Repeat(of, OfEachType)),
            .. Enumerable.Repeat(ValType.I32, AddressCount),
        ];
        for (int place = 0; place < FunctionCount; place++)
        {
            _code = new CodeWriter();
            _address = 0;
            PlaceAddresses();
            for (int statement = 0; statement < StatementCount; statement++)
            {
                Statement(depth: 2);
            }

            Hash();
            module.Export($"run{place}", module.Func(type, locals, _code.End()));
        }

        return module.Build();
    }

    // The addresses stand in memory, so that the optimiser does not know them: the argument has changed one.
    private void PlaceAddresses()
    {
        for (int place = 0; place < AddressCount; place++)
        {
            _code.I32Const(place * sizeof(int)).I32Const(1024 + _random.Next(4096)).Store(Opcode.I32Store);
        }

        _code.LocalGet(_argument).I32Const(0xFF).Op(Opcode.I32And).I32Const(sizeof(int)).Op(Opcode.I32Mul)
            .I32Const(0x3FC).Op(Opcode.I32And).I32Const(MemoryBytes).LocalGet(_argument).I32Const(8).Op(Opcode.I32ShrU)
            .I32Const(0xFF).Op(Opcode.I32And).Op(Opcode.I32Sub).Store(Opcode.I32Store);
        for (int place = 0; place < AddressCount; place++)
        {
            _code.I32Const(place * sizeof(int)).Load(Opcode.I32Load).LocalSet(AddressLocal(place));
        }
    }

    private void Statement(int depth)
    {
        var type = _types[_random.Next(_types.Length)];
        switch (_random.Next(10))
        {
            case 0 or 1 when depth == 2:
                Loop();
                break;
            case 2 when depth > 0:
                Arms(depth - 1);
                break;
            case 3 or 4:
                InPlace(type);
                break;
            case 5 when depth == 2:
                SideBySide(type);
                break;
            case 6:
                Value(type, depth: 1);
                Value(type, depth: 1);
                Value(ValType.I32, depth: 2);
                _code.Op(Opcode.Select).LocalSet(Any(type));
                break;
            case 7 or 8:
                Address();
                Value(type, depth: 2);
                _code.Store(Any(_stores[type]), Offset());
                break;
            default:
                Value(type, depth: 3);
                _code.LocalSet(Any(type));
                break;
        }
    }

    // So few turns that the optimiser unrolls them, sometimes.
    private void Loop()
    {
        _ = _random.Next(2) == 0
            ? _code.I32Const(2 + _random.Next(4)).LocalSet(_count)
            : _code.LocalGet(_argument).I32Const(3).Op(Opcode.I32And).I32Const(1).Op(Opcode.I32Add).LocalSet(_count);
        _code.Loop(BlockType.Empty);
        int first = _address;
        for (int left = 1 + _random.Next(3); 0 < left; left--)
        {
            Statement(depth: 1);
        }

        for (int place = first; place < _address; place++)
        {
            if (_random.Next(2) == 0)
            {
                var address = AddressLocal(place % AddressCount);
                _code.LocalGet(address).I32Const(_random.Next(3) * 4).Op(Opcode.I32Add).LocalSet(address);
            }
        }

        _code.LocalGet(_count).I32Const(1).Op(Opcode.I32Sub).LocalTee(_count).BrIf(0).End();
    }

    private void Arms(int depth)
    {
        Value(ValType.I32, depth: 1);
        var type = _types[_random.Next(_types.Length)];
        if (_random.Next(2) == 0)
        {
            // Both end by a load of the same type.
            var result = Any(type);
            _code.If(BlockType.Empty);
            Statement(depth);
            Load(type);
            _code.LocalSet(result).Else();
            Load(type);
            _code.LocalSet(result).End();
            return;
        }

        _code.If(BlockType.Empty);
        Statement(depth);
        _code.Else();
        Statement(depth);
        _code.End();
    }

    // A load, something made of it, and a store where it came from.
    private void InPlace(ValType type)
    {
        var address = AddressLocal(_address++ % AddressCount);
        uint offset = Offset();
        _code.LocalGet(address).LocalGet(address).Load(Any(_loads[type]), offset);
        Value(type, depth: 1);
        Combine(type);
        _code.Store(Any(_stores[type]), offset);
    }

    // Loads first, then the same done with each, then stores side by side: what is made a vector of.
    private void SideBySide(ValType type)
    {
        var to = AddressLocal(_address++ % AddressCount);
        for (int place = 0; place < OfEachType; place++)
        {
            Load(type);
            _code.LocalSet(Local(type, place));
        }

        var operation = Any(_binary[type]);
        uint size = type is ValType.V128 ? 16u : type is ValType.I64 or ValType.F64 ? 8u : 4u;
        for (int place = 0; place < OfEachType; place++)
        {
            _code.LocalGet(to).LocalGet(Local(type, place));
            _ = _random.Next(2) == 0 ? _code.LocalGet(Local(type, 0)) : Load(type);
            _code.Op(operation).Store(_stores[type][0], (uint)place * size);
        }
    }

    private void Value(ValType type, int depth)
    {
        int choice = depth == 0 ? _random.Next(2) : _random.Next(7);
        switch (choice)
        {
            case 0:
                Load(type);
                break;
            case 1:
                _code.LocalGet(Any(type));
                break;
            case 2:
                var (opcode, from) = _conversions[type][_random.Next(_conversions[type].Length)];
                Value(from, depth - 1);
                if (opcode is Opcode.F64Lt)
                {
                    Value(from, depth - 1);
                }

                _code.Op(opcode);
                break;
            default:
                Value(type, depth - 1);
                Value(type, depth - 1);
                Combine(type);
                break;
        }
    }

    private void Combine(ValType type) => _code.Op(Any(_binary[type]));

    private CodeWriter Load(ValType type)
    {
        Address();
        return _code.Load(Any(_loads[type]), Offset());
    }

    // When all were used they are used again.
    private void Address() => _code.LocalGet(AddressLocal(_address++ % AddressCount));

    private uint Offset() => _random.Next(3) == 0 ? (uint)_random.Next(12) : 0;

    // All that the function made, in one number.
    private void Hash()
    {
        _code.LocalGet(_count);
        for (int place = 0; place < OfEachType; place++)
        {
            _code.LocalGet(Local(ValType.I32, place)).Op(Opcode.I32Xor);
            _code.LocalGet(Local(ValType.I64, place)).Op(Opcode.I32WrapI64).Op(Opcode.I32Add);
            _code.LocalGet(Local(ValType.F32, place)).Op(Opcode.I32ReinterpretF32).Op(Opcode.I32Xor);
            _code.LocalGet(Local(ValType.F64, place)).Op(Opcode.I64ReinterpretF64).Op(Opcode.I32WrapI64)
                .Op(Opcode.I32Add);
            _code.LocalGet(Local(ValType.V128, place)).Lane(Opcode.I32x4ExtractLane, 1).Op(Opcode.I32Xor);
        }
    }

    private LocalIndex Any(ValType type) => Local(type, _random.Next(OfEachType));

    private Opcode Any(Opcode[] opcodes) => opcodes[_random.Next(opcodes.Length)];
}
