using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>Its expressions: what leaves a value of a type on the stack.</summary>
public sealed partial class MixedGenerator
{
    private const int LongBranchTable = 3_000;

    // Those of few kinds come first; the last reach beyond every memory, by themselves or with the address.
    private const int TameOffsetCount = 12;

    private static readonly uint[] _offsets =
    [
        0, 0, 0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 24, 31, 65_520, 65_528, 65_532, 65_535, 0x7FFF_FFFF, 0xFFFF_FFFF,
        0xFFFF_FFF8,
    ];

    private static readonly Dictionary<ValType, OpcodeInfo[]> _numeric = _types.ToDictionary(
        type => type,
        type => Opcodes.All.Where(row => row.Immediate is Immediate.None or Immediate.Lane
            && row.Signature is { Results: [var result] } && result == type
            && row.Signature.Parameters.All(parameter => _types.Contains(parameter))).ToArray());

    private static readonly OpcodeInfo[] _stores = [.. Accesses(Immediate.Memory, results: 0)];
    private static readonly OpcodeInfo[] _laneLoads = [.. Accesses(Immediate.MemoryLane, results: 1)];
    private static readonly OpcodeInfo[] _laneStores = [.. Accesses(Immediate.MemoryLane, results: 0)];

    private static readonly Dictionary<ValType, OpcodeInfo[]> _loads = _types.ToDictionary(
        type => type,
        type => Accesses(Immediate.Memory, results: 1).Where(row => row.Signature!.Results[0] == type).ToArray());

    private static IEnumerable<OpcodeInfo> Accesses(Immediate immediate, int results) =>
        Opcodes.All.Where(row => row.Immediate == immediate && row.Signature!.Results.Length == results);

    private void Expression(ValType type, int depth)
    {
        if (depth <= 0)
        {
            Leaf(type, isConstant: Next(2) == 0);
            return;
        }

        int inner = depth - 1;
        switch (Next(13))
        {
            case 0:
                Leaf(type, isConstant: true);
                break;
            case 1:
                Leaf(type, isConstant: false);
                break;
            case 2:
                _code.GlobalGet(GlobalOf(type));
                break;
            case 3:
                Load(type, inner);
                break;
            case 4:
                Expression(type, inner);
                Expression(type, inner);
                Expression(ValType.I32, inner);
                _ = Next(2) == 0 ? _code.SelectTyped(type) : _code.Op(Opcode.Select);
                break;
            case 5:
                Expression(ValType.I32, inner);
                _code.If(BlockType.Of(type));
                Expression(type, inner);
                _code.Else();
                Expression(type, inner);
                _code.End();
                break;
            case 6:
                Branch(type, inner);
                break;
            case 7 when type == ValType.I32:
                SizeOrTruncation(inner);
                break;
            case 8 when type == ValType.V128 && Next(2) == 0:
                LaneLoad(inner);
                break;
            case 9 when type == ValType.V128:
                Expression(type, inner);
                Expression(type, inner);
                _code.Shuffle([.. Enumerable.Range(0, 16).Select(_ => (byte)Next(32))]);
                break;
            case 10:
                Expression(type, inner);
                _code.LocalTee(AnySettable(type));
                break;
            default:
                Numeric(type, inner);
                break;
        }
    }

    private void Leaf(ValType type, bool isConstant)
    {
        if (isConstant)
        {
            Constant(type);
        }
        else
        {
            _code.LocalGet(AnyLocal(type));
        }
    }

    private void Load(ValType type, int depth)
    {
        var row = Any(_loads[type]);
        Address(depth);
        _code.Load(row.Opcode, Offset(), Next(row.Align!.Value + 1));
    }

    private void LaneLoad(int depth)
    {
        var row = Any(_laneLoads);
        Address(depth);
        Expression(ValType.V128, depth);
        _code.MemoryLane(row.Opcode, Offset(), Next(row.Align!.Value + 1), (byte)Next(row.LaneCount));
    }

    private void Branch(ValType type, int depth)
    {
        _code.Block(BlockType.Of(type));
        Expression(type, depth);
        Expression(ValType.I32, depth);
        if (Next(2) == 0)
        {
            _code.BrIf(0).Op(Opcode.Drop);
            Expression(type, depth);
        }
        else
        {
            int count = Next(20) == 0 ? LongBranchTable : Next(5);
            _code.BrTable([.. Enumerable.Repeat(0, count)], otherwise: 0);
        }

        _code.End();
    }

    private void SizeOrTruncation(int depth)
    {
        switch (Next(4))
        {
            case 0:
                _code.MemorySize();
                break;
            case 1:
                _code.TableSize(_table);
                break;
            case 2:
                _code.I32Const(Next(3)).MemoryGrow();
                break;
            default:
                Expression(ValType.F64, depth);
                _code.Op(MayTrap() ? Opcode.I32TruncF64S : Opcode.I32TruncSatF64U);
                break;
        }
    }

    private void Numeric(ValType type, int depth)
    {
        var row = Any(_numeric[type]);
        foreach (var parameter in row.Signature!.Parameters)
        {
            Expression(parameter, depth);
        }

        _ = row.Immediate is Immediate.Lane
            ? _code.Lane(row.Opcode, (byte)Next(row.LaneCount))
            : _code.Op(row.Opcode);
    }

    // Within the memory, but for one that may trap: at its end, below zero, wherever a local leads.
    private void Address(int depth)
    {
        const int Inside = 5;
        switch (MayTrap() ? 1 + Next(4) : Inside + Next(4))
        {
            case 1:
                _code.I32Const(MemoryBytes - Next(40));
                break;
            case 2:
                _code.I32Const(-Next(40));
                break;
            case 3:
                _code.LocalGet(AnyLocal(ValType.I32));
                break;
            case 4:
                _code.LocalGet(AnyLocal(ValType.I32)).I32Const(Next(32) - 16).Op(Opcode.I32Add);
                break;
            case Inside:
                Expression(ValType.I32, depth - 1);
                _code.I32Const(0x7FF8).Op(Opcode.I32And);
                break;
            case 6:
                int fromEnd = (MayTrap() ? 1 : 60) + Next(20);
                _code.MemorySize().I32Const(16).Op(Opcode.I32Shl).I32Const(fromEnd).Op(Opcode.I32Sub);
                break;
            case 8:
                _code.I32Const(Next(64));
                break;
            default:
                _code.LocalGet(AnyLocal(ValType.I32)).I32Const(0x7F).Op(Opcode.I32And);
                break;
        }
    }

    private uint Offset() => MayTrap() ? Any(_offsets) : _offsets[Next(TameOffsetCount)];
}
