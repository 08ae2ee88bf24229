using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;

namespace Tars.Lang.Emitting;

/// <summary>Loops with waits in their bodies, and the way to an arm that waits.</summary>
/// <remarks>
/// Such a loop owns what it walks and keeps where it stands; its item is found again from that after each answer.
/// </remarks>
internal sealed partial class CodeEmitter
{
    /// <summary>
    /// On the way to an answer: the number of the case whose arm has its place; the number beyond all for else.
    /// </summary>
    private void ChooseResumedArm(BoundStmt.MatchVariant match, Variable tag, int caseCount)
    {
        if (WaitsIn(match) == 0)
        {
            return;
        }

        Term chosen = caseCount;
        int last = _waitsSeen + match.Arms.Sum(arm => WaitsIn(arm.Body));
        foreach (var arm in match.Arms.Reverse())
        {
            int waits = WaitsIn(arm.Body);
            if (0 < waits)
            {
                chosen = Term.Select(_resume! <= last, arm.Case.Index, chosen);
            }

            last -= waits;
        }

        _body.If(_resume!, () => _body.Set(tag, chosen));
    }

    /// <summary>A register that waits keep, for where a loop stands.</summary>
    private Variable LoopRegister(LocalSymbol loop, KeptRole role, ValType type)
    {
        var variable = Register(type);
        _loopHomes[new KeptKey(loop, role)] = new Home.Register(variable);
        return variable;
    }

    /// <summary>The body of a loop with waits in it.</summary>
    /// <param name="walk">Finds again what follows from where the loop stands.</param>
    private void EmitWaitingBody(BoundBlock body, Label exit, Action walk)
    {
        _walks.Push(walk);
        EmitLoopBody(body, exit);
        _walks.Pop();
    }

    private void EmitWaitingRange(BoundStmt.ForRange loop)
    {
        var at = LoopRegister(loop.Local, KeptRole.RangePlace, ValType.I64);
        var end = LoopRegister(loop.Local, KeptRole.RangeEnd, ValType.I64);
        _homes[loop.Local] = new Home.Register(at);
        UnlessResumed(() => InScope(() =>
        {
            _body.Set(at, Borrowed(loop.Low, loop.High));
            _body.Set(end, Borrowed(loop.High));
        }));
        _body.Forever(exit =>
        {
            UnlessResumed(() =>
            {
                _body.BreakIf(exit, at >= end);
                Mark(loop.Span);
            });
            EmitWaitingBody(loop.Body, exit, () => { });
            _body.Set(at, at + 1L);
        });
    }

    private void EmitWaitingList(BoundStmt.ForList loop)
    {
        var layout = LayoutOf(loop.List.Type);
        var element = Values.ElementOf(layout);
        var list = LoopRegister(loop.Item, KeptRole.ListItems, ValType.I32);
        var place = LoopRegister(loop.Item, KeptRole.ListPlace, ValType.I64);
        UnlessResumed(() =>
        {
            InScope(() => Evaluate(loop.List, layout, new Home.Register(list)));
            _body.Set(place, 0L);
        });
        Own(layout, new Home.Register(list));
        var at = Register(ValType.I32);
        var item = BindElement(loop.Item, element, at);
        _body.Forever(exit =>
        {
            UnlessResumed(() =>
            {
                _body.BreakIf(exit, place >= Lists.LengthOf(list));
                Mark(loop.Span);
                Walk();
            });
            EmitWaitingBody(loop.Body, exit, Walk);
            _body.Set(place, place + 1L);
        });

        void Walk()
        {
            _body.Set(at, list + Lists.Items + (place.Wrap() * element.Size));
            item();
        }
    }

    private void EmitWaitingMap(BoundStmt.ForMap loop)
    {
        var layout = LayoutOf(loop.Map.Type);
        var code = Values.MapOf(layout);
        var keyLayout = LayoutOf(loop.Key.Type);
        var map = LoopRegister(loop.Key, KeptRole.MapEntries, ValType.I32);
        var key = LoopRegister(loop.Key, KeptRole.MapKey, keyLayout.Scalar!.Value);
        var keyHome = new Home.Register(key);
        _homes[loop.Key] = keyHome;
        var keyAt = Register(ValType.I32);
        UnlessResumed(() =>
        {
            InScope(() => Evaluate(loop.Map, layout, new Home.Register(map)));
            _body.Set(key, Term.I32(0).As(key.Type));
            _body.Set(keyAt, code.Lowest.Call(map));
        });
        Own(layout, new Home.Register(map));
        Own(keyLayout, keyHome);
        var valueAt = Register(ValType.I32);
        var value = BindElement(loop.Value, LayoutOf(loop.Value.Type), valueAt);
        _body.Forever(exit =>
        {
            UnlessResumed(() =>
            {
                _body.BreakIf(exit, !keyAt);
                DropHome(keyLayout, keyHome);
                var found = Values.Load(keyLayout, keyAt);
                _body.Set(key, keyLayout.Owns ? Values.Copy(keyLayout).Call(found) : found);
                Mark(loop.Span);
                Walk();
            });
            EmitWaitingBody(loop.Body, exit, Walk);
            _body.Set(keyAt, code.Above.Call(map, key));
        });

        void Walk()
        {
            _body.Set(valueAt, code.Find.Call(map, key));
            value();
        }
    }
}
