using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>Its walks: loops without a branch but the one back, in which two ways through memory meet with accesses of
/// every width, near the edges too.</summary>
public sealed partial class MixedGenerator
{
    private static readonly int[] _paces = [1, 2, 4, 8, 16, 3, -4, -8, -1, 12, 0];

    /// <summary>What ends a walk.</summary>
    private enum WalkEnd
    {
        Count,
        LongCount,
        FirstAtEdge,
        FirstAtSecond,
        FirstAnywhere,
    }

    private void Walk()
    {
        const int LeftForOthers = 2;
        if (FreeCounters() is not { Length: > LeftForOthers + 2 } free)
        {
            Store();
            return;
        }

        LocalIndex[] taken = [.. free.OrderBy(_ => Next(1000)).Take(3)];
        int pace = Any(_paces);
        int turns = 1 + Next(60);
        WalkStart(taken[0], pace, turns);
        WalkStart(taken[1], pace, turns);
        var end = MayTrap() ? (WalkEnd)Next(5) : Next(3) == 0 ? WalkEnd.FirstAnywhere : WalkEnd.Count;
        _code.I32Const(end == WalkEnd.Count || !MayTrap() ? turns : Next(1000)).LocalSet(taken[2]);
        var walk = new WalkPlan(taken[0], taken[1], taken[2], pace, end);
        _counters.AddRange(taken);
        _code.Loop(BlockType.Empty);
        bool isSteppedFirst = Next(4) == 0;
        if (isSteppedFirst)
        {
            WalkStep(walk);
        }

        for (int left = 1 + Next(6); 0 < left; left--)
        {
            WalkAccess(walk);
        }

        if (!isSteppedFirst)
        {
            WalkStep(walk);
        }

        WalkTest(walk);
        _code.BrIf(0).End();
        _counters.RemoveAll(taken.Contains);
    }

    private void WalkStart(LocalIndex way, int pace, int turns)
    {
        int length = Math.Abs(pace) * turns;
        _ = Next(6) switch
        {
            0 => _code.I32Const(MemoryBytes - length - (MayTrap() ? 0 : 65) + Next(40) - 30),
            1 when MayTrap() => _code.I32Const(Next(40) - (pace < 0 ? 0 : 20)),
            2 => _code.I32Const(Next(20) + length),
            3 => _code.LocalGet(AnyLocal(ValType.I32)).I32Const(0x3FF).Op(Opcode.I32And),
            _ => _code.I32Const(16 + Next(100) + (pace < 0 ? length : 0)),
        };
        _code.LocalSet(way);
    }

    private void WalkAccess(WalkPlan walk)
    {
        if (Next(3) == 0)
        {
            var type = Any(_types);
            WalkLoad(walk, type);
            var local = AnySettable(type);
            if (Next(2) == 0)
            {
                _code.LocalGet(local);
                Join(type);
            }

            _code.LocalSet(local);
            return;
        }

        var row = Any(_stores);
        var stored = row.Signature!.Parameters[1];
        WalkAddress(walk);
        switch (Next(4))
        {
            case 0:
                WalkLoad(walk, stored);
                break;
            case 1:
                _code.LocalGet(AnyLocal(stored));
                break;
            case 2:
                WalkLoad(walk, stored);
                WalkLoad(walk, stored);
                Join(stored);
                break;
            default:
                WalkLoad(walk, stored);
                _code.LocalGet(AnyLocal(stored));
                Join(stored);
                break;
        }

        _code.Store(row.Opcode, (uint)Next(40), align: 0);
    }

    private void WalkLoad(WalkPlan walk, ValType type)
    {
        WalkAddress(walk);
        _code.Load(Any(_loads[type]).Opcode, (uint)Next(40), align: 0);
    }

    private void WalkAddress(WalkPlan walk)
    {
        _code.LocalGet(Next(3) == 0 ? walk.Second : walk.First);
        if (Next(3) == 0)
        {
            _code.I32Const(Next(24) - 8).Op(Opcode.I32Add);
        }

        if (Next(12) == 0)
        {
            _code.LocalGet(walk.Count).Op(Opcode.I32Sub);
        }
    }

    private void WalkStep(WalkPlan walk)
    {
        _code.LocalGet(walk.First).I32Const(walk.Pace).Op(Opcode.I32Add).LocalSet(walk.First);
        if (Next(2) == 0)
        {
            int pace = Next(2) == 0 ? walk.Pace : Any([1, 4, 8, -4, 16]);
            _code.LocalGet(walk.Second).I32Const(pace).Op(Opcode.I32Add).LocalSet(walk.Second);
        }

        if (!walk.IsCounted && Next(4) == 0)
        {
            _code.LocalGet(walk.Count).I32Const(5).Op(Opcode.I32Add).LocalSet(walk.Count);
        }
    }

    private void WalkTest(WalkPlan walk)
    {
        if (walk.IsCounted)
        {
            _code.LocalGet(walk.Count).I32Const(1).Op(Opcode.I32Sub).LocalTee(walk.Count);
            return;
        }

        bool isDown = walk.Pace < 0;
        _code.LocalGet(walk.First);
        _ = walk.End switch
        {
            WalkEnd.FirstAtEdge => _code.I32Const(isDown ? Next(60) : MemoryBytes - Next(60))
                .Op(isDown ? Opcode.I32GtS : Opcode.I32LtU),
            WalkEnd.FirstAtSecond => _code.LocalGet(walk.Second).I32Const(Next(600)).Op(Opcode.I32Add)
                .Op(Next(2) == 0 ? Opcode.I32LtU : Opcode.I32Ne),
            _ => _code.I32Const(Next(600))
                .Op(Any([Opcode.I32LtS, Opcode.I32LeU, Opcode.I32Ne, Opcode.I32GeS, Opcode.I32GtU])),
        };
    }

    // Two of a type become one.
    private void Join(ValType type) => _code.Op(Any([.. _numeric[type].Where(row =>
        row.Immediate is Immediate.None && row.Signature!.Parameters is [var left, var right]
        && left == type && right == type)]).Opcode);

    /// <summary>Two ways through memory, and what counts down.</summary>
    private sealed record WalkPlan(LocalIndex First, LocalIndex Second, LocalIndex Count, int Pace, WalkEnd End)
    {
        public bool IsCounted => End is WalkEnd.Count or WalkEnd.LongCount;
    }
}
