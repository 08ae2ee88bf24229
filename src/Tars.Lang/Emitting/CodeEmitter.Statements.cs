using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;

namespace Tars.Lang.Emitting;

/// <summary>Statements: binding, branching, looping and leaving.</summary>
internal sealed partial class CodeEmitter
{
    /// <summary>Statements with a scope of their own.</summary>
    public void EmitBlock(BoundBlock block)
    {
        _unit.Count(_body, block);
        OpenScope();
        EmitAll(block.Statements.AsSpan());
        CloseScope(block.Leaves);
    }

    private void Emit(BoundStmt statement)
    {
        Mark(statement.Span);
        switch (statement)
        {
            case BoundStmt.Let let:
                EmitLet(let);
                break;
            case BoundStmt.Return leave:
                EmitReturn(leave);
                break;
            case BoundStmt.Break:
                DropUpTo(_loops.Peek().Outside);
                _body.Break(_loops.Peek().Break);
                break;
            case BoundStmt.Continue:
                DropUpTo(_loops.Peek().Outside);
                _body.Break(_loops.Peek().Continue);
                break;
            default:
                OpenScope();
                EmitInScope(statement);
                CloseScope();
                break;
        }
    }

    private void EmitInScope(BoundStmt statement)
    {
        switch (statement)
        {
            case BoundStmt.Assign assign:
                EmitAssign(assign);
                break;
            case BoundStmt.Update update:
                EmitUpdate(update);
                break;
            case BoundStmt.Mutate mutate:
                EmitMutate(mutate);
                break;
            case BoundStmt.If branch:
                PushBranch(branch);
                _body.IfPushed(() => EmitBlock(branch.Then), ElseOf(branch, branch.Else));
                break;
            case BoundStmt.IfLet branch:
                EmitIfLet(branch);
                break;
            case BoundStmt.While loop:
                EmitWhile(loop);
                break;
            case BoundStmt.ForRange loop:
                EmitForRange(loop);
                break;
            case BoundStmt.ForList loop:
                EmitForList(loop);
                break;
            case BoundStmt.ForMap loop:
                EmitForMap(loop);
                break;
            case BoundStmt.MatchVariant match:
                EmitMatchVariant(match);
                break;
            case BoundStmt.MatchText match:
                EmitMatchText(match);
                break;
            case BoundStmt.Fail fail:
                var why = Borrowed(fail.Why);
                _body.Store32(MemoryMap.Control, Texts.At(why), ControlBlock.TrapTextBase);
                _body.Store32(MemoryMap.Control, Texts.Size(why), ControlBlock.TrapTextSize);
                Trap(GuestTrap.Failed);
                break;
            case BoundStmt.Assert assert:
                PushCondition(assert.Condition);
                _body.Code.Op(Opcode.I32Eqz);
                _body.IfPushed(() => Trap(GuestTrap.AssertionFailed));
                break;
            case BoundStmt.Do act:
                EmitDo(act);
                break;
            default:
                EmitEffect(statement);
                break;
        }
    }

    /// <summary>Where a new local is kept: what is changed in place needs an address.</summary>
    private Home NewHome(LocalSymbol local)
    {
        var layout = LayoutOf(local.Type);
        bool inPlace = local.IsMutable && layout.Shape is Shape.List or Shape.Map or Shape.Bytes;
        return layout.InMemory || inPlace ? Slot(layout) : new Home.Register(Register(Values.PassedAs(layout)));
    }

    private void EmitLet(BoundStmt.Let let)
    {
        if (let.Else is not null)
        {
            EmitLetElse(let, let.Else);
            return;
        }

        var layout = LayoutOf(let.Local.Type);
        if (let.Source is BoundSource.Value { Expr: var expr }
            && !let.Local.IsMutable && !IsKept(let.Local) && IsStable(expr) && (layout.Owns || layout.InMemory))
        {
            var alias = Register(Values.PassedAs(layout));
            PushBorrowed(expr);
            _body.Pop(alias);
            _homes[let.Local] = layout.InMemory ? new Home.Memory(alias, 0) : new Home.Register(alias);
            return;
        }

        var home = NewHome(let.Local);
        SourceInto(let.Source, layout, home);
        Own(layout, home);
        _homes[let.Local] = home;
    }

    /// <summary>True when the value points into something that nobody writes while the scope is open.</summary>
    private bool IsStable(BoundExpr expr) =>
        OriginOf(expr) == Origin.Place && WriteAnalysis.RootOf(expr) is WriteAnalysis.Root.Fixed;

    private void Evaluate(BoundExpr expr, Layout layout, Home home)
    {
        if (home is Home.Memory memory)
        {
            Into(expr, memory);
        }
        else if (layout.Shape == Shape.Unit)
        {
            Discard(expr);
        }
        else
        {
            PushOwned(expr);
            _body.Pop(((Home.Register)home).Variable);
        }
    }

    private void EmitLetElse(BoundStmt.Let let, BoundElse otherwise)
    {
        var layout = LayoutOf(let.Local.Type);
        int waits = WaitsIn(otherwise.Block);
        var maybe = OpenUpTo(let.Source, keep: true, waits);
        bool isFixed = !IsKept(let.Local) && let.Source is BoundSource.Value { Expr: var expr }
            && WriteAnalysis.RootOf(expr) is WriteAnalysis.Root.Fixed;
        bool alias = !let.Local.IsMutable && otherwise.Value is null && (!maybe.IsPlace || isFixed);
        if (alias && layout.InMemory)
        {
            _body.If(
                OrResumed(!maybe.Has, waits, others: 0), () => EmitElse(otherwise, let.Source, maybe, null, layout));
            _homes[let.Local] = maybe.Address;
            if (!maybe.IsPlace)
            {
                Own(layout, maybe.Address);
            }

            return;
        }

        var home = NewHome(let.Local);
        bool owns = !(alias && maybe.IsPlace);
        _body.If(
            OrResumed(maybe.Has, waits: 0, others: waits),
            () =>
            {
                if (home is Home.Memory memory)
                {
                    TakeInto(maybe, layout, memory);
                }
                else if (layout.Shape != Shape.Unit)
                {
                    var value = maybe.Address.Value(layout);
                    bool copies = maybe.IsPlace && owns && layout.Owns;
                    StoreHome(home, layout, copies ? Values.Copy(layout).Call(value) : value);
                }
            },
            () => EmitElse(otherwise, let.Source, maybe, home, layout));
        if (owns)
        {
            Own(layout, home);
        }

        _homes[let.Local] = home;
    }

    /// <summary>The block after <c>else</c>, then the value that it gives, if it gives one.</summary>
    private void EmitElse(BoundElse otherwise, BoundSource source, Maybe maybe, Home? home, Layout layout)
    {
        OpenScope();
        var whole = LayoutOf(source.Type);
        if (whole.Shape == Shape.Fallible && maybe.Whole is { } slot)
        {
            var failure = slot.At(whole.Cases[1][0].Offset);
            Own(_unit.Layouts.Failure, failure);
            if (otherwise.Failure is { } name)
            {
                _homes[name] = failure;
            }
        }

        // The value sees what the block has bound, so both share a scope.
        _unit.Count(_body, otherwise.Block);
        EmitAll(otherwise.Block.Statements.AsSpan());
        if (otherwise.Value is { } value && home is not null)
        {
            Mark(value.Span);
            InScope(() => Evaluate(value, layout, home));
        }

        CloseScope(otherwise.Block.Leaves);
    }

    private void EmitDo(BoundStmt.Do act)
    {
        if (act.Else is null)
        {
            DiscardSource(act.Source);
            return;
        }

        int waits = WaitsIn(act.Else.Block);
        var maybe = OpenUpTo(act.Source, keep: true, waits);
        var layout = LayoutOf(act.Source.Type).Parts is [var part, ..] ? part.Layout : null;
        _body.If(
            OrResumed(maybe.Has, waits: 0, others: waits),
            () =>
            {
                if (layout is not null && !maybe.IsPlace)
                {
                    DropHome(layout, maybe.Address);
                }
            },
            () => EmitElse(act.Else, act.Source, maybe, null, LayoutOf(act.Source.Type)));
    }

    private void DiscardSource(BoundSource source)
    {
        if (source is BoundSource.Value { Expr: var expr })
        {
            Discard(expr);
            return;
        }

        var layout = LayoutOf(source.Type);
        var slot = Slot(layout);
        SourceInto(source, layout, slot);
        Own(layout, slot);
    }

    private void EmitIfLet(BoundStmt.IfLet branch)
    {
        var layout = LayoutOf(branch.Local.Type);
        int waits = WaitsIn(branch.Then);
        var maybe = OpenUpTo(branch.Source, keep: false, waits + WaitsIn(branch.Else));
        bool disturbed = IsKept(branch.Local) || (maybe.IsPlace && branch.Source is BoundSource.Value { Expr: var expr }
            && WriteAnalysis.MayWrite(branch.Then, WriteAnalysis.RootOf(expr)));
        _body.If(
            OrResumed(maybe.Has, waits, WaitsIn(branch.Else)),
            () =>
            {
                OpenScope();
                RunBefore(0 < waits, () => BindOpened(branch.Local, layout, maybe.Address, disturbed));
                EmitBlock(branch.Then);
                CloseScope(branch.Then.Leaves);
            },
            ElseOf(branch, branch.Else));
    }

    /// <summary>What is done where a condition does not hold: without an <c>else</c> nothing, which may be counted.
    /// </summary>
    private Action? ElseOf(BoundStmt branch, BoundBlock? other) =>
        other is not null ? () => EmitBlock(other)
        : _unit.Counts ? () => _unit.Count(_body, branch)
        : null;

    /// <summary>Binds a name to a value that lies somewhere.</summary>
    /// <param name="copies">True when the place may change or end while the name is in use.</param>
    private void BindOpened(LocalSymbol local, Layout layout, Home.Memory place, bool copies)
    {
        if (layout.InMemory && !copies)
        {
            _homes[local] = place;
            return;
        }

        var home = NewHome(local);
        if (home is Home.Memory memory)
        {
            Values.CopyPart(_body, layout, memory.Address, place.Address);
            Own(layout, home);
        }
        else if (layout.Shape != Shape.Unit)
        {
            var value = place.Value(layout);
            StoreHome(home, layout, copies && layout.Owns ? Values.Copy(layout).Call(value) : value);
            if (copies)
            {
                Own(layout, home);
            }
        }

        _homes[local] = home;
    }

    private void EmitReturn(BoundStmt.Return leave)
    {
        HashSet<Home>? moved = null;
        if (leave.Value is { } value)
        {
            // A local that dies here anyway is moved, not copied.
            if (value is BoundExpr.Local local && IsOwnedHere(_homes[local.Symbol]))
            {
                moved = [_homes[local.Symbol]];
                MoveToResult(_homes[local.Symbol]);
            }
            else
            {
                InScope(() => ReturnValue(value));
            }
        }

        DropUpTo(_return.Outside, moved);
        _body.Break(_return.Exit);
    }

    private bool IsOwnedHere(Home home)
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            if (scope.Values.Any(one => one.Home == home))
            {
                return true;
            }
        }

        return false;
    }

    private void MoveToResult(Home home)
    {
        var layout = _return.Layout;
        if (layout.InMemory)
        {
            Values.CopyWords(
                _body, ((Home.Memory)_return.Place!).Address, ((Home.Memory)home).Address, layout.Size);
        }
        else
        {
            StoreHome(_return.Place!, layout, home.Value(layout));
        }
    }
}
