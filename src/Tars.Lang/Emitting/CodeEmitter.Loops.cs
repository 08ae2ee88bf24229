using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;

namespace Tars.Lang.Emitting;

/// <summary>Loops and matches.</summary>
internal sealed partial class CodeEmitter
{
    /// <summary>The body of a loop; <c>continue</c> goes to its end, <c>break</c> to the label.</summary>
    private void EmitLoopBody(BoundBlock code, Label exit) => _body.Block(next =>
    {
        _loops.Push(new LoopContext(exit, next, _scope));
        EmitBlock(code);
        _loops.Pop();
    });

    private void EmitWhile(BoundStmt.While loop) => _body.Forever(exit =>
    {
        RunBefore(0 < WaitsIn(loop.Body), () =>
        {
            Mark(loop.Span);
            PushCondition(loop.Condition);
            _body.Code.Op(Opcode.I32Eqz);
            _body.BreakIfPushed(exit);
        });
        EmitLoopBody(loop.Body, exit);
    });

    private void EmitForRange(BoundStmt.ForRange loop)
    {
        if (0 < WaitsIn(loop.Body))
        {
            EmitWaitingRange(loop);
            return;
        }

        var at = Borrowed(loop.Low, loop.High);
        var end = Borrowed(loop.High);
        _homes[loop.Local] = new Home.Register(at);
        _body.Forever(exit =>
        {
            _body.BreakIf(exit, at >= end);
            Mark(loop.Span);
            EmitLoopBody(loop.Body, exit);
            _body.Set(at, at + 1L);
        });
    }

    private void EmitForList(BoundStmt.ForList loop)
    {
        if (0 < WaitsIn(loop.Body))
        {
            EmitWaitingList(loop);
            return;
        }

        var list = ((Home.Register)Hold(loop.List, loop.Body)).Variable;
        var element = Values.ElementOf(LayoutOf(loop.List.Type));
        var at = Register(ValType.I32);
        var end = Register(ValType.I32);
        _body.Set(at, list + Lists.Items);
        _body.Set(end, at + (list.Load32(Lists.Length) * element.Size));
        var item = BindElement(loop.Item, element, at);
        _body.Forever(exit =>
        {
            _body.BreakIf(exit, at.AtLeast(end));
            Mark(loop.Span);
            item();
            EmitLoopBody(loop.Body, exit);
            _body.Set(at, at + element.Size);
        });
    }

    private void EmitForMap(BoundStmt.ForMap loop)
    {
        if (0 < WaitsIn(loop.Body))
        {
            EmitWaitingMap(loop);
            return;
        }

        var map = ((Home.Register)Hold(loop.Map, loop.Body)).Variable;
        var layout = LayoutOf(loop.Map.Type);
        var cursor = Register(ValType.I32);
        _body.Set(cursor, Slot(Maps.CursorSize).Address);
        _body.Block(exit => Values.MapOf(layout).Walk(_body, map, cursor, (keyAt, valueAt) =>
        {
            OpenScope();
            Mark(loop.Span);
            BindElement(loop.Key, LayoutOf(loop.Key.Type), keyAt)();
            BindElement(loop.Value, LayoutOf(loop.Value.Type), valueAt)();
            EmitLoopBody(loop.Body, exit);
            CloseScope();
        }));
    }

    /// <summary>Binds a name to what lies at an address; the answer loads it, once for each turn.</summary>
    private Action BindElement(LocalSymbol local, Layout layout, Variable at)
    {
        if (layout.InMemory)
        {
            _homes[local] = new Home.Memory(at, 0);
            return () => { };
        }

        var value = Register(Values.PassedAs(layout));
        _homes[local] = new Home.Register(value);
        return () => _body.Set(value, Values.Load(layout, at));
    }

    private void EmitMatchVariant(BoundStmt.MatchVariant match)
    {
        var layout = LayoutOf(match.Subject.Type);
        Home? subject = null;
        var tag = Register(ValType.I32);
        RunBefore(0 < WaitsIn(match), () =>
        {
            subject = Hold(match.Subject, [.. match.Arms.Select(arm => arm.Body), match.Else]);
            _body.Set(tag, layout.InMemory ? ((Home.Memory)subject).Base.Load32() : subject.Value(layout));
        });
        int caseCount = ((Types.LangType.Variant)layout.Type).Symbol.Cases.Length;
        int[] labels = new int[caseCount];
        Array.Fill(labels, match.Arms.Length);
        for (int place = 0; place < match.Arms.Length; place++)
        {
            labels[match.Arms[place].Case.Index] = place;
        }

        ChooseResumedArm(match, tag, caseCount);
        _body.Block(end =>
        {
            _body.Block(_ => EmitArms(match.Arms.Length - 1, end));
            if (match.Else is { } other)
            {
                EmitBlock(other);
            }
            else
            {
                _body.Unreachable();
            }
        });

        // The block of arm 0 is the innermost, so that an arm's label is its place.
        void EmitArms(int place, Label end)
        {
            if (place < 0)
            {
                _body.Get(tag);
                _body.Code.BrTable(labels, match.Arms.Length);
                return;
            }

            _body.Block(_ => EmitArms(place - 1, end));
            var arm = match.Arms[place];
            OpenScope();
            RunBefore(0 < WaitsIn(arm.Body), () =>
            {
                for (int index = 0; index < arm.Binds.Length; index++)
                {
                    if (arm.Binds[index] is { } bind)
                    {
                        BindPart(bind, (Home.Memory)subject!, layout.Cases[arm.Case.Index][index]);
                    }
                }
            });
            EmitBlock(arm.Body);
            CloseScope(arm.Body.Leaves);
            if (!arm.Body.Leaves)
            {
                _body.Break(end);
            }
        }
    }

    private void BindPart(LocalSymbol bind, Home.Memory subject, Part part)
    {
        var place = subject.At(part.Offset);
        if (IsKept(bind))
        {
            BindOpened(bind, part.Layout, place, copies: true);
            return;
        }

        if (part.Layout.InMemory)
        {
            _homes[bind] = place;
            return;
        }

        var value = Register(Values.PassedAs(part.Layout));
        _body.Set(value, place.Value(part.Layout));
        _homes[bind] = new Home.Register(value);
    }

    private void EmitMatchText(BoundStmt.MatchText match)
    {
        bool waits = 0 < WaitsIn(match);
        var start = Register(ValType.I32);
        var end = Register(ValType.I32);
        RunBefore(waits, () =>
        {
            var subject = ((Home.Register)Hold(
                match.Subject, [.. match.Arms.Select(arm => arm.Body), match.Else])).Variable;
            _body.Set(start, Texts.At(subject));
            _body.Set(end, Texts.End(subject));
        });
        _body.Block(done =>
        {
            foreach (var arm in match.Arms)
            {
                _body.Block(next =>
                {
                    OpenScope();
                    if (waits)
                    {
                        _body.BreakIf(next, _resume! > (_waitsSeen + WaitsIn(arm.Body)));
                    }

                    RunBefore(waits, () => EmitPattern(arm, start, end, next));
                    EmitBlock(arm.Body);
                    CloseScope(arm.Body.Leaves);
                    if (!arm.Body.Leaves)
                    {
                        _body.Break(done);
                    }
                });
            }

            EmitBlock(match.Else);
        });
    }
}
