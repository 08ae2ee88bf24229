using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>
/// Makes valid modules full of what a compiler would like to drop or move, around what may fault: loads that nobody
/// uses, stores that later ones cover, the same access in both arms of an if.
/// </summary>
/// <remarks>
/// Each function is <c>run0</c>, <c>run1</c> … from i32 to i32; a later one may call those before it. Whether a fault
/// happens depends on the argument, and what memory and globals hold then is what the engines must agree on.
/// </remarks>
public sealed class FaultGenerator
{
    private const int FunctionCount = 3;
    private const int StatementCount = 14;
    private const int MemoryBytes = 65_536;

    private static readonly LocalIndex _argument = new(0);
    private static readonly LocalIndex _sum = new(1);

    private static readonly Opcode[] _loads =
    [
        Opcode.I32Load, Opcode.I32Load8U, Opcode.I32Load8S, Opcode.I32Load16U, Opcode.I64Load, Opcode.F64Load,
        Opcode.F32Load, Opcode.V128Load,
    ];

    private static readonly uint[] _offsets = [0, 0, 4, 8, 64, 65_532, 65_535, 0xFFFF_FFF0];

    private readonly Xoshiro256 _random;
    private readonly ModuleBuilder _module = new();
    private readonly List<FuncIndex> _before = [];
    private GlobalIndex _global;
    private CodeWriter _code = new();

    private FaultGenerator(ulong seed) => _random = new Xoshiro256(seed);

    public static WasmModule Module(ulong seed) => new FaultGenerator(seed).Make();

    private WasmModule Make()
    {
        _ = _module.Memory(new WasmRange(1, 2));
        _global = _module.Global(new GlobalType(ValType.I32, Mutable: true), new CodeWriter().I32Const(7).End());
        var type = _module.Type([ValType.I32], [ValType.I32]);
        for (int place = 0; place < FunctionCount; place++)
        {
            _code = new CodeWriter();
            for (int statement = 0; statement < StatementCount; statement++)
            {
                Statement(depth: 2);
            }

            var function = _module.Func(type, [ValType.I32], _code.LocalGet(_sum).End());
            _module.Export($"run{place}", function);
            _before.Add(function);
        }

        return _module.Build();
    }

    private void Statement(int depth)
    {
        switch (_random.Next(10))
        {
            case 0 or 1:
                Address();
                var load = _loads[_random.Next(_loads.Length)];
                _code.Load(load, Offset()).Op(Opcode.Drop);
                break;
            case 2:
                Covered();
                break;
            case 3:
                _code.I32Const(_random.Next(100)).GlobalSet(_global);
                break;
            case 4:
                Divide();
                break;
            case 5:
                Address();
                _code.Load(Opcode.I32Load, Offset()).LocalGet(_sum).Op(Opcode.I32Add).LocalSet(_sum);
                break;
            case 6 when depth > 0:
                Arms(depth - 1);
                break;
            case 7 when _before.Count > 0:
                _code.LocalGet(_argument).I32Const(_random.Next(3)).Op(Opcode.I32Sub)
                    .Call(_before[_random.Next(_before.Count)]).LocalSet(_sum);
                break;
            case 8:
                Address();
                _code.I32Const(_random.Next(256)).I32Const(_random.Next(200)).MemoryFill();
                break;
            default:
                Address();
                _code.LocalGet(_sum).Store(Opcode.I32Store, Offset());
                break;
        }
    }

    // Two stores to one place with something between them that may fault; then a global, likewise.
    private void Covered()
    {
        int place = _random.Next(1000);
        _code.I32Const(place).I32Const(_random.Next(1000)).Store(Opcode.I32Store);
        _code.GlobalGet(_global).I32Const(1).Op(Opcode.I32Add).GlobalSet(_global);
        if (_random.Next(2) == 0)
        {
            Divide();
        }
        else
        {
            Address();
            _code.Load(Opcode.I32Load16U, Offset()).Op(Opcode.Drop);
        }

        _code.I32Const(place).I32Const(_random.Next(1000)).Store(Opcode.I32Store);
        _code.I32Const(_random.Next(50)).GlobalSet(_global);
    }

    private void Divide() =>
        _code.I32Const(_random.Next(1000)).LocalGet(_argument).I32Const(_random.Next(4)).Op(Opcode.I32Sub)
            .Op(_random.Next(2) == 0 ? Opcode.I32DivS : Opcode.I32RemU).LocalSet(_sum);

    private void Arms(int depth)
    {
        int place = _random.Next(100);
        uint offset = Offset();
        _code.LocalGet(_argument).I32Const(1 << _random.Next(3)).Op(Opcode.I32And).If(BlockType.Empty);
        Arm();
        _code.Else();
        Arm();
        _code.End();

        void Arm()
        {
            _code.LocalGet(_argument).I32Const(place).Op(Opcode.I32Add).Load(Opcode.I32Load, offset).LocalSet(_sum);
            Statement(depth);
            _code.LocalGet(_argument).LocalGet(_sum).Store(Opcode.I32Store, offset);
        }
    }

    // Inside, around the end of the memory, or wherever the argument leads.
    private void Address() => _ = _random.Next(5) switch
    {
        0 => _code.I32Const(_random.Next(2000)),
        1 => _code.I32Const(MemoryBytes - _random.Next(12)),
        2 => _code.LocalGet(_argument).I32Const(16).Op(Opcode.I32Shl),
        3 => _code.LocalGet(_argument).I32Const(0x7FFF).Op(Opcode.I32And),
        _ => _code.LocalGet(_argument),
    };

    private uint Offset() => _offsets[_random.Next(_offsets.Length)];
}
