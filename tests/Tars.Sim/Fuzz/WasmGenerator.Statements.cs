using Tars.Bundle.Wasm;

namespace Tars.Sim.Fuzz;

/// <summary>What leaves nothing on the stack.</summary>
public sealed partial class WasmGenerator
{
    private void Statements(int depth)
    {
        for (int left = 1 + _random.Next(4); 0 < left; left--)
        {
            Statement(depth);
        }
    }

    private void Statement(int depth)
    {
        switch (_random.Next(depth == 0 ? 6 : 12))
        {
            case 0:
                var local = Local(out var type);
                Expression(type, ExpressionDepth);
                _code.LocalSet(local);
                break;
            case 1:
                int global = _random.Next(_globals.Length);
                Expression(_types[global], ExpressionDepth);
                _code.GlobalSet(_globals[global]);
                break;
            case 2:
                Apply(_stores[_random.Next(_stores.Length)], ExpressionDepth);
                break;
            case 3:
                MoveBytes();
                break;
            case 4:
                MoveReferences();
                break;
            case 5:
                BranchOut();
                break;
            case 6:
                Expression(ValType.I32, ExpressionDepth);
                _code.If(BlockType.Empty);
                Inside([], depth - 1);
                _code.Else();
                Inside([], depth - 1);
                _code.End();
                break;
            case 7:
                _code.Loop(BlockType.Empty);
                Inside([], depth - 1);
                Expression(ValType.I32, depth: 1);
                _code.BrIf(0).End();
                break;
            case 8:
                _code.Block(BlockType.Empty);
                Inside([], depth - 1);
                Expression(ValType.I32, depth: 1);
                _code.BrTable([0, 0], otherwise: 0);
                Inside([], depth - 1);
                _code.End();
                break;
            case 9:
                Pairs(depth);
                break;
            case 10:
                LeaveByCall();
                break;
            default:
                Expression(_types[_random.Next(_types.Length)], ExpressionDepth);
                _code.Op(Opcode.Drop);
                break;
        }
    }

    // The statements of a block whose label takes values of these types.
    private void Inside(ValType[] label, int depth)
    {
        _labels.Add(label);
        Statements(depth);
        _labels.RemoveAt(_labels.Count - 1);
    }

    // A branch to any label around, with what it takes; the values stay when it is not taken.
    private void BranchOut()
    {
        int label = _random.Next(_labels.Count);
        var taken = _labels[^(label + 1)];
        foreach (var type in taken)
        {
            Expression(type, depth: 2);
        }

        Expression(ValType.I32, depth: 2);
        _code.BrIf(label);
        foreach (var _ in taken)
        {
            _code.Op(Opcode.Drop);
        }
    }

    // A block that takes two values and gives them in the other order.
    private void Pairs(int depth)
    {
        var (first, second) = (_types[_random.Next(LocalCount)], _types[_random.Next(LocalCount)]);
        Expression(first, depth: 2);
        Expression(second, depth: 2);
        _code.Block(BlockType.Of(_module.Type([first, second], [second, first])));
        _code.LocalSet(LocalOf(second)).LocalSet(LocalOf(first));
        Inside([second, first], depth - 1);
        _code.LocalGet(LocalOf(second)).LocalGet(LocalOf(first)).End();
        _code.LocalSet(LocalOf(first)).LocalSet(LocalOf(second));
    }

    private void LeaveByCall()
    {
        Expression(ValType.I32, depth: 2);
        _code.If(BlockType.Empty);
        Expression(_own, depth: 2);
        if (_random.Next(2) == 0)
        {
            _code.ReturnCall(_functions[Array.IndexOf(_types, _own)]).End();
        }
        else
        {
            Expression(ValType.I32, depth: 1);
            _code.ReturnCallIndirect(_module.Type([_own], [_own]), _table).End();
        }
    }

    private void MoveBytes()
    {
        if (_random.Next(8) == 0)
        {
            _code.DataDrop(_bytes);
            return;
        }

        Expression(ValType.I32, depth: 1);
        Expression(ValType.I32, depth: 1);
        _code.I32Const(_random.Next(200));
        _ = _random.Next(3) switch
        {
            0 => _code.MemoryFill(),
            1 => _code.MemoryCopy(),
            _ => _code.MemoryInit(_bytes),
        };
    }

    private void MoveReferences()
    {
        switch (_random.Next(6))
        {
            case 0:
                Small();
                Small();
                Small();
                _code.TableCopy(_table, _table);
                break;
            case 1:
                Small();
                Small();
                Small();
                _code.TableInit(_table, _element);
                break;
            case 2:
                Small();
                Expression(ValType.FuncRef, depth: 2);
                Small();
                _code.TableFill(_table);
                break;
            case 3:
                Small();
                Expression(ValType.FuncRef, depth: 2);
                _code.TableSet(_table);
                break;
            case 4:
                Expression(ValType.FuncRef, depth: 2);
                Small();
                _code.TableGrow(_table).Op(Opcode.Drop);
                break;
            default:
                _code.ElemDrop(_element);
                break;
        }
    }

    // Mostly inside of a table, sometimes just past its end.
    private void Small() => _code.I32Const(_random.Next(5));
}
