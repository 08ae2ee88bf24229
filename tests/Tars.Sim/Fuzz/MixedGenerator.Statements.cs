using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>Its statements: what leaves the stack as it was.</summary>
public sealed partial class MixedGenerator
{
    private const int OperandDepth = 2;

    private void Statements(int depth)
    {
        for (int left = 1 + Next(5); 0 < left; left--)
        {
            Statement(depth);
        }
    }

    private void Statement(int depth)
    {
        const int SimpleCount = 9;
        switch (Next(depth <= 0 ? SimpleCount : 17))
        {
            case 0 or 1 or 2:
                Store();
                break;
            case 3:
                var local = Any(_types);
                Expression(local, ExpressionDepth);
                _code.LocalSet(AnySettable(local));
                break;
            case 4:
                var global = Any(_types);
                Expression(global, ExpressionDepth);
                _code.GlobalSet(GlobalOf(global));
                break;
            case 5:
                BulkMemory();
                break;
            case 6:
                Tables();
                break;
            case 7:
                Divide();
                break;
            case 8:
                Call();
                break;
            case 9:
                Arms(depth - 1);
                break;
            case 10:
                _code.Block(BlockType.Empty);
                Statements(depth - 1);
                Expression(ValType.I32, OperandDepth);
                _code.BrIf(0);
                Statements(depth - 1);
                _code.End();
                break;
            case 11:
                Loop(depth - 1);
                break;
            case 12 or 13:
                Walk();
                break;
            case 14:
                TailCall();
                break;
            case 15:
                BranchTable(depth - 1);
                break;
            default:
                Leave();
                break;
        }
    }

    private void Store()
    {
        if (Next(8) == 0)
        {
            var lane = Any(_laneStores);
            Address(OperandDepth);
            Expression(ValType.V128, OperandDepth);
            _code.MemoryLane(lane.Opcode, Offset(), Next(lane.Align!.Value + 1), (byte)Next(lane.LaneCount));
            return;
        }

        var row = Any(_stores);
        Address(OperandDepth);
        Expression(row.Signature!.Parameters[1], ExpressionDepth);
        _code.Store(row.Opcode, Offset(), Next(row.Align!.Value + 1));
    }

    private void BulkMemory()
    {
        switch (Next(5))
        {
            case 0:
                Address(depth: 1);
                Address(depth: 1);
                _code.I32Const(Next(70)).MemoryCopy();
                break;
            case 1:
                Address(depth: 1);
                Expression(ValType.I32, depth: 1);
                _code.I32Const(Next(40)).MemoryFill();
                break;
            case 2:
                Address(depth: 1);
                _code.I32Const(Next(MayTrap() ? 60 : 10)).I32Const(Next(MayTrap() ? 60 : 5)).MemoryInit(_data);
                break;
            case 3:
                // The two meet.
                int near = 8 + Next(200);
                _code.I32Const(near).I32Const(near + Next(16) - 8).I32Const(Next(64)).MemoryCopy();
                break;
            default:
                Expression(ValType.I32, OperandDepth);
                Narrow();
                _code.LocalGet(AnyLocal(ValType.I32));
                Narrow();
                Expression(ValType.I32, OperandDepth);
                Narrow();
                _ = Next(2) == 0 ? _code.MemoryCopy() : _code.MemoryFill();
                break;
        }

        void Narrow()
        {
            if (!MayTrap())
            {
                _code.I32Const(0x7FF).Op(Opcode.I32And);
            }
        }
    }

    private void Tables()
    {
        switch (Next(6))
        {
            case 0:
                _code.I32Const(Next(MayTrap() ? 9 : 8)).RefFunc(Any(_functions).Index).TableSet(_table);
                break;
            case 1:
                _code.I32Const(Next(6)).I32Const(Next(6)).I32Const(Next(MayTrap() ? 6 : 3)).TableCopy(_table, _table);
                break;
            case 2:
                _code.I32Const(Next(MayTrap() ? 6 : 4)).I32Const(Next(MayTrap() ? 4 : 2))
                    .I32Const(Next(MayTrap() ? 5 : 3)).TableInit(_table, _elements);
                break;
            case 3:
                _code.RefFunc(Any(_functions).Index).I32Const(Next(4)).TableGrow(_table)
                    .LocalSet(AnySettable(ValType.I32));
                break;
            case 4:
                _code.I32Const(Next(MayTrap() ? 9 : 8)).I32Const(Next(MayTrap() ? 9 : 8)).TableGet(_table)
                    .TableSet(_table);
                break;
            default:
                _code.I32Const(Next(MayTrap() ? 12 : 6)).RefNull(ValType.FuncRef).I32Const(Next(3)).TableFill(_table);
                break;
        }
    }

    // By what is neither zero nor negative, but for one that may trap.
    private void Divide()
    {
        Expression(ValType.I32, OperandDepth);
        Expression(ValType.I32, OperandDepth);
        if (!MayTrap())
        {
            _code.I32Const(3).Op(Opcode.I32Or).I32Const(0x7FF_FFFF).Op(Opcode.I32And);
        }

        _code.Op(Any([Opcode.I32DivS, Opcode.I32RemS, Opcode.I32DivU])).LocalSet(AnySettable(ValType.I32));
    }

    // The table holds another function by now, or one of another type, so few of the modules that seldom trap use it.
    private void Call()
    {
        const int SeldomTraps = 50;
        var function = Any(_functions);
        foreach (var parameter in function.Parameters)
        {
            Expression(parameter, OperandDepth);
        }

        if (Next(2) == 0 || (!MayTrap() && SeldomTraps < _oddsAgainstTraps))
        {
            _code.Call(function.Index);
        }
        else
        {
            int entry = MayTrap() ? Next(22) : _functions.IndexOf(function);
            _code.I32Const(entry).CallIndirect(function.Type, _table);
        }

        foreach (var result in function.Results.Reverse())
        {
            _ = Next(5) == 0 ? _code.Op(Opcode.Drop) : _code.LocalSet(AnySettable(result));
        }
    }

    private void TailCall()
    {
        if (Next(2) != 0)
        {
            return;
        }

        Expression(ValType.I32, OperandDepth);
        _code.If(BlockType.Empty);
        var function = Any([.. _functions.Where(other => other.Results.AsSpan().SequenceEqual(_results))]);
        foreach (var parameter in function.Parameters)
        {
            Expression(parameter, depth: 1);
        }

        _ = Next(2) == 0
            ? _code.ReturnCall(function.Index)
            : _code.I32Const(Next(9)).ReturnCallIndirect(function.Type, _table);
        _code.End();
    }

    private void Arms(int depth)
    {
        Expression(ValType.I32, OperandDepth);
        _code.If(BlockType.Empty);
        Statements(depth);
        if (Next(2) == 0)
        {
            _code.Else();
            Statements(depth);
        }

        _code.End();
    }

    private void BranchTable(int depth)
    {
        int count = 1 + Next(Next(10) == 0 ? LongBranchTable : 6);
        int blocks = 1 + Next(3);
        for (int opened = 0; opened < blocks; opened++)
        {
            _code.Block(BlockType.Empty);
        }

        Expression(ValType.I32, OperandDepth);
        int[] labels = [.. Enumerable.Range(0, count).Select(_ => Next(blocks))];
        _code.BrTable(labels, otherwise: Next(blocks));
        for (int closed = 0; closed < blocks; closed++)
        {
            _code.End();
            Statements(depth);
        }
    }

    private void Leave()
    {
        Expression(ValType.I32, depth: 1);
        _code.If(BlockType.Empty);
        if (MayTrap())
        {
            _code.Op(Opcode.Unreachable);
        }
        else
        {
            foreach (var type in _results)
            {
                Expression(type, depth: 1);
            }

            _code.Op(Opcode.Return);
        }

        _code.End();
    }

    private void Loop(int depth)
    {
        const int LeftForOthers = 2;
        if (FreeCounters() is not { Length: > LeftForOthers } free)
        {
            Store();
            return;
        }

        var count = Any(free);
        _code.I32Const(1 + Next(20)).LocalSet(count);
        _counters.Add(count);
        _code.Loop(BlockType.Empty);
        Statements(depth);
        if (Next(3) == 0)
        {
            _code.I32Const(Next(2)).MemoryGrow().LocalSet(AnySettable(ValType.I32));
        }

        _code.LocalGet(count).I32Const(1).Op(Opcode.I32Sub).LocalTee(count).BrIf(0).End();
        _counters.Remove(count);
    }
}
