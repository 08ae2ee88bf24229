using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;

namespace Tars.Lang.Emitting;

/// <summary>
/// Code that waits: one routine runs a handler from its event or from any of its answers. Its parameter says from
/// where; whatever lies before that place is jumped over, into blocks and loops, and a procedure that asks stands
/// where it is called.
/// </summary>
/// <remarks>
/// Invariants:
///   I5  Between the entry and the place of the answer nothing is computed, so all registers and the frame are zero
///       there; zeros own nothing. Then what the wait kept is put back, and the place is gone: _resume is 0.
///   I6  A wait moves what it keeps into the record and frees all else that any scope owns.
///   I7  What a wait keeps has a home of its own: it is no alias, no part of the event and no slice of another text.
///   I8  What a wait kept was made in another event, so in code that waits a var's blocks are saved before a write.
/// </remarks>
internal sealed partial class CodeEmitter
{
    private readonly WaitPlan? _plan;
    private readonly Dictionary<KeptKey, Home> _loopHomes = [];
    private readonly Stack<Action> _walks = [];
    private Variable? _resume;
    private int _waitsSeen;
    private Label _suspended;

    /// <summary>A whole handler that asks: from its event or from an answer.</summary>
    public void WriteAsking(HandlerSymbol handler, Layout answer) => Whole(() =>
    {
        _resume = _body.Parameters[0];
        var suspended = _return;
        var slot = Slot(answer);
        UnlessResumed(() =>
        {
            Mark(handler.Span);
            DecodeParameters(handler.Parameters);
            if (answer.Shape == Shape.Fallible)
            {
                // A handler that returns nothing may reach its end: that is a value, tag 0.
                StoreTag(slot, 0);
            }
        });
        _suspended = suspended.Exit;
        _body.Block(returned =>
        {
            _return = new ReturnTarget(returned, _scope, answer, slot);
            EmitBlock(handler.Body!);
        });
        _return = suspended;
        if (answer.Shape != Shape.Unit)
        {
            Own(answer, slot);
            Reply(handler, answer, slot);
        }
    });

    private int WaitsIn(BoundStmt statement) => _plan is null ? 0 : _unit.Waits.CountIn(statement);

    private int WaitsIn(BoundBlock? block) => _plan is null ? 0 : _unit.Waits.CountIn(block);

    private int WaitsIn(BoundSource source) => _plan is null ? 0 : _unit.Waits.CountIn(source);

    private bool IsKept(LocalSymbol local) => _plan?.KeptLocals.Contains(local) == true;

    /// <summary>Statements of one block: those that wait can be entered, the others are jumped over.</summary>
    private void EmitAll(ReadOnlySpan<BoundStmt> statements)
    {
        if (_plan is null)
        {
            foreach (var statement in statements)
            {
                Emit(statement);
            }

            return;
        }

        while (!statements.IsEmpty)
        {
            int plain = 0;
            while (plain < statements.Length && WaitsIn(statements[plain]) == 0)
            {
                plain++;
            }

            bool more = plain < statements.Length;
            var run = statements[..plain].ToArray();
            // Behind the last statement that waits the place was found, or lies elsewhere and nobody comes here.
            RunBefore(more, () =>
            {
                foreach (var statement in run)
                {
                    Emit(statement);
                }
            });
            if (more)
            {
                var waiting = statements[plain];
                UpTo(_waitsSeen + WaitsIn(waiting), () => Emit(waiting));
                plain++;
            }

            statements = statements[plain..];
        }
    }

    private void RunBefore(bool wait, Action inside)
    {
        if (wait)
        {
            UnlessResumed(inside);
        }
        else
        {
            inside();
        }
    }

    /// <summary>Code that is jumped over on the way to the place of an answer.</summary>
    private void UnlessResumed(Action inside)
    {
        if (_resume is null)
        {
            inside();
            return;
        }

        _body.Block(skip =>
        {
            _body.BreakIf(skip, _resume);
            inside();
        });
    }

    /// <summary>Code that holds the waits up to that number; it is jumped over on the way to a later one.</summary>
    private void UpTo(int last, Action inside)
    {
        if (_resume is null)
        {
            inside();
            return;
        }

        _body.Block(skip =>
        {
            _body.BreakIf(skip, _resume > last);
            inside();
        });
    }

    /// <summary>Opens a source, unless the way leads to an answer behind it.</summary>
    /// <param name="others">How many waits of the statement are behind the source.</param>
    private Maybe OpenUpTo(BoundSource source, bool keep, int others)
    {
        int own = WaitsIn(source);
        if (own + others == 0)
        {
            return Open(source, keep);
        }

        Maybe maybe = default;
        UpTo(_waitsSeen + own, () => maybe = Open(source, keep));
        return maybe;
    }

    /// <summary>A condition; on the way to an answer, whether its place is among the next so many waits.</summary>
    private Term OrResumed(Term condition, int waits, int others) => _resume is null || waits + others == 0
        ? condition
        : Term.Choose(_resume, _resume <= (_waitsSeen + waits), condition);

    /// <summary>The condition of a branch that has waits on one side or both.</summary>
    private void PushBranch(BoundStmt.If branch)
    {
        int waits = WaitsIn(branch.Then);
        int others = WaitsIn(branch.Else);
        if (waits + others == 0)
        {
            PushCondition(branch.Condition);
        }
        else
        {
            _body.Push(OrResumed(Term.Of(ValType.I32, _ => PushCondition(branch.Condition)), waits, others));
        }
    }

    /// <summary>What stands on the right, into a place that holds nothing yet and then owns the value.</summary>
    private void SourceInto(BoundSource source, Layout layout, Home home)
    {
        switch (source)
        {
            case BoundSource.Value value:
                InScope(() => Evaluate(value.Expr, layout, home));
                break;
            case BoundSource.Spawn spawn:
                InScope(() => StoreHome(home, layout, Spawned(spawn)));
                break;
            case BoundSource.Some some:
                var place = (Home.Memory)home;
                SourceInto(some.Inner, layout.Parts[0].Layout, place.At(layout.Parts[0].Offset));
                StoreTag(place, 1);
                break;
            case BoundSource.Ask ask:
                EmitAsk(ask, layout, (Home.Memory)home);
                break;
            case BoundSource.AskProcedure ask:
                EmitProcedure(ask, layout, home);
                break;
            case BoundSource.Narrow narrow:
                InScope(() => StoreHome(home, layout, Narrowed(narrow)));
                break;
            default:
                throw NotHere();
        }
    }

    /// <summary>Looks into a <c>T?</c> or <c>T!</c>; see the one of an expression.</summary>
    private Maybe Open(BoundSource source, bool keep)
    {
        if (source is BoundSource.Value { Expr: var expr })
        {
            return Open(expr, keep);
        }

        var layout = LayoutOf(source.Type);
        var slot = Slot(layout);
        SourceInto(source, layout, slot);
        if (!keep)
        {
            Own(layout, slot);
        }

        int offset = layout.Parts is [var part, ..] ? part.Offset : 0;
        return new Maybe(slot.At(offset), HasValue(layout, slot.Base, slot.Offset), IsPlace: false, slot);
    }

    // The body of the procedure stands here, so that its waits are waits of this routine.
    private void EmitProcedure(BoundSource.AskProcedure ask, Layout layout, Home home)
    {
        int site = _site;
        OpenScope();
        UnlessResumed(() =>
        {
            for (int place = 0; place < ask.Arguments.Length; place++)
            {
                var argument = ask.Arguments[place];
                var parameter = ask.Procedure.Parameters[place];
                var own = NewHome(parameter);
                InScope(() => Evaluate(argument, LayoutOf(parameter.Type), own));
                Own(LayoutOf(parameter.Type), own);
                _homes[parameter] = own;
            }
        });
        var outside = _return;
        _body.Block(returned =>
        {
            _return = new ReturnTarget(returned, _scope, layout, home);
            EmitBlock(ask.Procedure.Body!);
        });
        _return = outside;
        CloseScope();
        _site = site;
        MarkAgain();
    }

    private void EmitAsk(BoundSource.Ask ask, Layout answer, Home.Memory slot)
    {
        var wait = _plan!.Points[_waitsSeen];
        Invariant.Holds(ReferenceEquals(wait.Point.Ask, ask));
        int number = _plan.First + _waitsSeen;
        _waitsSeen++;
        _body.Block(answered =>
        {
            _body.BreakIf(answered, _resume!);
            InScope(() => Request(ask, number));
            Suspend(wait, number);
        });
        _body.Set(_resume!, 0);
        PutBack(wait);
        MarkAgain();
        var at = _body.Borrow(ValType.I32);
        var record = Term.I32(MemoryMap.Event).Load32();
        _body.Set(at, record + EventRecord.Payload);
        _body.Store32(MemoryMap.InEnd, at + record.Load32(EventRecord.PayloadSize));
        _body.Set(at, _unit.Wire.Decode(answer, borrow: false).Call(slot.Address, at));
        _body.TrapIf(at.IsNot(Term.I32(MemoryMap.InEnd).Load32()), GuestTrap.MalformedEvent);
        _body.GiveBack(at);
    }

    private void Request(BoundSource.Ask ask, int number)
    {
        var target = SlotOf(ask.Target);
        var values = InOrder(ask.Arguments, ask.Within);
        var within = Borrowed(ask.Within);
        _body.TrapIf(within <= 0L, GuestTrap.ValueOutOfRange);
        Encode(ask.Arguments, ask.ArgumentOrder, values);
        EndBatch();
        _body.Call(HostCall.Ask, target, ask.Operation, within, number, MemoryBase, OutSize);
        Output.Reset(_body);
    }

    // I6
    private void Suspend(PlannedWait wait, int number)
    {
        var record = _unit.Pending;
        Undo.TouchRoot(_body, _unit.PendingRoot);
        _body.Store32(record, number + 1, Emitter.PendingNumber);
        var moved = new HashSet<Home>();
        foreach (var value in wait.Values)
        {
            var home = HomeOf(value.Key);
            moved.Add(home);
            if (home is Home.Memory memory && value.Layout.InMemory)
            {
                Values.CopyWords(_body, record + value.Offset, memory.Address, value.Layout.Size);
            }
            else if (value.Layout.Shape != Shape.Unit)
            {
                Values.Store(_body, value.Layout, record, home.Value(value.Layout), value.Offset);
            }
        }

        DropUpTo(null, moved);
        _body.Break(_suspended);
    }

    private void PutBack(PlannedWait wait)
    {
        var record = _unit.Pending;
        foreach (var value in wait.Values)
        {
            var home = HomeOf(value.Key);
            if (home is Home.Memory memory && value.Layout.InMemory)
            {
                Values.CopyWords(_body, memory.Address, record + value.Offset, value.Layout.Size);
            }
            else if (value.Layout.Shape != Shape.Unit)
            {
                StoreHome(home, value.Layout, Values.Load(value.Layout, record, value.Offset));
            }
        }

        foreach (var walk in _walks.Reverse())
        {
            walk();
        }
    }

    private Home HomeOf(KeptKey key) => key.Role == KeptRole.Local ? _homes[key.Owner] : _loopHomes[key];
}
