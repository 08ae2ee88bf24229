using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Vectors of floats as so many floats, where all that a turn does with them it does lane by lane.</summary>
internal sealed partial class RolledLoop
{
    private static readonly Dictionary<Opcode, Opcode> _singles = new()
    {
        [Opcode.F32x4Add] = Opcode.F32Add,
        [Opcode.F32x4Sub] = Opcode.F32Sub,
        [Opcode.F32x4Mul] = Opcode.F32Mul,
        [Opcode.F32x4Div] = Opcode.F32Div,
        [Opcode.F32x4Sqrt] = Opcode.F32Sqrt,
    };

    private static readonly Dictionary<Opcode, Opcode> _doubles = new()
    {
        [Opcode.F64x2Add] = Opcode.F64Add,
        [Opcode.F64x2Sub] = Opcode.F64Sub,
        [Opcode.F64x2Mul] = Opcode.F64Mul,
        [Opcode.F64x2Div] = Opcode.F64Div,
        [Opcode.F64x2Sqrt] = Opcode.F64Sqrt,
    };

    private readonly Dictionary<(Node, int, ValType), Node?> _lanes = [];

    private static bool CanTakeApart(Opcode opcode, FuncType signature) =>
        _singles.ContainsKey(opcode) || _doubles.ContainsKey(opcode)
        || opcode is Opcode.F32x4Splat or Opcode.F64x2Splat
        || !signature.Parameters.Concat(signature.Results).Contains(ValType.V128);

    // Each store of a vector becomes one for each lane.
    private bool TakeApart()
    {
        var whole = _stores.ToList();
        _stores.Clear();
        foreach (var store in whole)
        {
            if (store.Opcode is not Opcode.V128Store)
            {
                _stores.Add(store);
                continue;
            }

            HasLanes = true;
            var type = _singles.ContainsKey(store.Value.Opcode) ? ValType.F32
                : _doubles.ContainsKey(store.Value.Opcode) ? ValType.F64
                : default(ValType?);
            for (int lane = 0; type is not null && lane < CountOf(type.Value); lane++)
            {
                if (Lane(store.Value, lane, type.Value) is not { } value)
                {
                    return false;
                }

                var opcode = type is ValType.F32 ? Opcode.F32Store : Opcode.F64Store;
                _stores.Add(new Store(opcode, value, LaneOf(store.Place, lane, type.Value)));
            }

            if (type is null || Limits.RolledStoreCountMax < _stores.Count)
            {
                return false;
            }
        }

        return true;
    }

    // Null where lanes are not made of lanes.
    private Node? Lane(Node vector, int lane, ValType type)
    {
        if (!_lanes.TryGetValue((vector, lane, type), out var found))
        {
            _lanes[(vector, lane, type)] = found = MakeLane(vector, lane, type);
        }

        return found;
    }

    private Node? MakeLane(Node vector, int lane, ValType type)
    {
        bool isSingle = type is ValType.F32;
        var load = isSingle ? Opcode.F32Load : Opcode.F64Load;
        switch (vector.Opcode)
        {
            case Opcode.V128Load:
                return new Node(load, [], 0) { Place = LaneOf(vector.Place!, lane, type) };
            case Opcode.V128Load32Splat when isSingle:
            case Opcode.V128Load64Splat when !isSingle:
                return new Node(load, [], 0) { Place = vector.Place };
            case Opcode.F32x4Splat when isSingle:
            case Opcode.F64x2Splat when !isSingle:
                return vector.Operands[0];
            case Opcode.V128Const:
                long bits = lane * SizeOf(type) < sizeof(long) ? vector.Bits : vector.HighBits;
                return isSingle
                    ? new Node(Opcode.F32Const, [], (uint)(bits >> (32 * (lane & 1))))
                    : new Node(Opcode.F64Const, [], bits);
            case Opcode.LocalGet when _function.Locals[(int)vector.Bits] is ValType.V128:
                _splats.Add(((int)vector.Bits, type));
                return new Node(isSingle ? Opcode.F32x4ExtractLane : Opcode.F64x2ExtractLane, [vector], 0);
            default:
                return Computed(vector, lane, type);
        }
    }

    private Node? Computed(Node vector, int lane, ValType type)
    {
        if (!(type is ValType.F32 ? _singles : _doubles).TryGetValue(vector.Opcode, out var opcode))
        {
            return null;
        }

        var operands = new Node[vector.Operands.Length];
        for (int place = 0; place < operands.Length; place++)
        {
            if (Lane(vector.Operands[place], lane, type) is not { } operand)
            {
                return null;
            }

            operands[place] = operand;
        }

        return new Node(opcode, operands, 0);
    }

    private static Place LaneOf(Place vector, int lane, ValType type) =>
        vector with { Distance = vector.Distance + (lane * SizeOf(type)), Size = SizeOf(type) };

    private static int SizeOf(ValType type) => type is ValType.F32 ? sizeof(float) : sizeof(double);

    private static int CountOf(ValType type) => 16 / SizeOf(type);
}
