using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>
/// The ways in which an expression is wanted: borrowed or owned, on the stack, in memory or by address.
/// </summary>
internal sealed partial class CodeEmitter
{
    /// <summary>Where the blocks of an expression's value come from.</summary>
    private enum Origin
    {
        /// <summary>It points into a place that outlives the statement, or into a constant.</summary>
        Place,

        /// <summary>It points into a temporary of the innermost scope.</summary>
        Temporary,

        /// <summary>Nobody owns it yet.</summary>
        Fresh,
    }

    private Origin OriginOf(BoundExpr expr) => expr switch
    {
        BoundExpr.TextLiteral or BoundExpr.Local or BoundExpr.State or BoundExpr.Param or BoundExpr.Constant
            or BoundExpr.Observed => Origin.Place,
        BoundExpr.Field field => Within(OriginOf(field.Target)),
        BoundExpr.Index index => Within(OriginOf(index.Target)),
        BoundExpr.CallMethod { Method: Method.TextTrim } trim => Within(OriginOf(trim.Receiver)),
        BoundExpr.CallIntrinsic { Intrinsic: Intrinsic.TextAt } => Origin.Place,
        BoundExpr.If { Type: LangType.Text } choice when BothAreText(choice.Then, choice.Else) => Origin.Place,
        _ => Origin.Fresh,
    };

    private static Origin Within(Origin target) => target == Origin.Place ? Origin.Place : Origin.Temporary;

    private bool BothAreText(BoundExpr a, BoundExpr b) =>
        OriginOf(a) == Origin.Place && OriginOf(b) == Origin.Place
        && WriteAnalysis.RootOf(a) is WriteAnalysis.Root.Fixed && WriteAnalysis.RootOf(b) is WriteAnalysis.Root.Fixed;

    /// <summary>
    /// Leaves the value on the stack, or its address when it lies in memory, good until the scope closes.
    /// </summary>
    /// <param name="later">What is evaluated before the value is used.</param>
    private void PushBorrowed(BoundExpr expr, params ReadOnlySpan<BoundExpr> later)
    {
        var layout = LayoutOf(expr.Type);
        if (layout.InMemory)
        {
            PushAddress(expr, later);
            return;
        }

        bool own = layout.Owns && OriginOf(expr) != Origin.Fresh && IsDisturbed(expr, later);
        if (own)
        {
            PushOwned(expr);
        }
        else
        {
            PushValue(expr);
        }

        if (layout.Owns && (own || OriginOf(expr) == Origin.Fresh))
        {
            var kept = Register(layout.Scalar!.Value);
            _body.Tee(kept);
            Own(layout, new Home.Register(kept));
        }
    }

    /// <summary>Leaves a value that the stack owns. Not for values in memory.</summary>
    private void PushOwned(BoundExpr expr)
    {
        var layout = LayoutOf(expr.Type);
        PushValue(expr);
        if (layout.Owns && OriginOf(expr) != Origin.Fresh)
        {
            _body.CallPushed(Values.Copy(layout));
        }
    }

    /// <summary>Leaves the address of a value in memory, good until the scope closes.</summary>
    private void PushAddress(BoundExpr expr, params ReadOnlySpan<BoundExpr> later)
    {
        if (OriginOf(expr) != Origin.Fresh && !IsDisturbed(expr, later))
        {
            PushPlaceAddress(expr);
            return;
        }

        _body.Push(Materialize(expr).Address);
    }

    /// <summary>Evaluates into memory of the frame, which the innermost scope owns.</summary>
    private Home.Memory Materialize(BoundExpr expr)
    {
        var layout = LayoutOf(expr.Type);
        var slot = Slot(layout);
        Into(expr, slot);
        Own(layout, slot);
        return slot;
    }

    /// <summary>Puts a value that the place owns into memory where nothing was.</summary>
    private void Into(BoundExpr expr, Home.Memory place)
    {
        var layout = LayoutOf(expr.Type);
        if (layout.Shape == Shape.Unit)
        {
            Discard(expr);
        }
        else if (!layout.InMemory)
        {
            PushOwned(expr);
            var value = _body.Borrow(layout.Scalar!.Value);
            _body.Pop(value);
            Values.Store(_body, layout, place.Base, value, place.Offset);
            _body.GiveBack(value);
        }
        else if (OriginOf(expr) == Origin.Fresh)
        {
            MakeInto(expr, layout, place);
        }
        else
        {
            InScope(() =>
            {
                var from = Register(ValType.I32);
                PushPlaceAddress(expr);
                _body.Pop(from);
                Values.CopyPart(_body, layout, place.Address, from);
            });
        }
    }

    /// <summary>Evaluates for nothing but what happens meanwhile.</summary>
    private void Discard(BoundExpr expr)
    {
        if (LayoutOf(expr.Type).Shape == Shape.Unit)
        {
            PushUnit(expr);
            return;
        }

        InScope(() =>
        {
            PushBorrowed(expr);
            _body.Drop();
        });
    }

    private static bool IsDisturbed(BoundExpr expr, ReadOnlySpan<BoundExpr> later)
    {
        if (later.IsEmpty)
        {
            return false;
        }

        var root = WriteAnalysis.RootOf(expr);
        foreach (var other in later)
        {
            if (WriteAnalysis.MayWrite(other, root))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Leaves the address of a value that already lies somewhere.</summary>
    private void PushPlaceAddress(BoundExpr expr)
    {
        switch (expr)
        {
            case BoundExpr.Local local:
                _body.Push(((Home.Memory)_homes[local.Symbol]).Address);
                break;
            case BoundExpr.Observed seen:
                _body.Push(((Home.Memory)_homes[seen.Given]).Address);
                break;
            case BoundExpr.State state:
                _body.Push(_unit.StateAt(state.Symbol));
                break;
            case BoundExpr.Constant constant:
                _body.Push(_unit.ConstantAt(constant.Symbol));
                break;
            case BoundExpr.Field field:
                PushAddress(field.Target);
                AddOffset(PartOf(field).Offset);
                break;
            case BoundExpr.Index index:
                PushElementAddress(index);
                break;
            default:
                throw NotHere();
        }
    }

    private void AddOffset(int offset)
    {
        if (offset != 0)
        {
            _body.Code.I32Const(offset).Op(Opcode.I32Add);
        }
    }

    private Part PartOf(BoundExpr.Field field) => LayoutOf(field.Target.Type).Parts[field.FieldIndex];

    /// <summary>Turns the address on the stack into the value there; a value in memory stays an address.</summary>
    private void LoadPushed(Layout layout, int offset = 0)
    {
        switch (layout.Scalar)
        {
            case ValType.I32:
                _body.Code.Load(Opcode.I32Load, (uint)offset);
                break;
            case ValType.I64:
                _body.Code.Load(Opcode.I64Load, (uint)offset);
                break;
            case ValType.F64:
                _body.Code.Load(Opcode.F64Load, (uint)offset);
                break;
            default:
                AddOffset(offset);
                break;
        }
    }

    /// <summary>The address of an element of a list or of a value of a map.</summary>
    private void PushElementAddress(BoundExpr.Index index)
    {
        PushBorrowed(index.Target, index.At);
        var target = LayoutOf(index.Target.Type);
        if (target.Shape == Shape.Map)
        {
            PushBorrowed(index.At);
            _body.CallPushed(Values.MapOf(target).Get);
        }
        else
        {
            PushValue(index.At);
            var list = _body.Borrow(ValType.I32);
            var at = _body.Borrow(ValType.I64);
            _body.Pop(at);
            _body.Pop(list);
            _body.Push(Lists.At(_body, list, at, Values.ElementOf(target).Size));
            _body.GiveBack(list);
            _body.GiveBack(at);
        }
    }

    /// <summary>
    /// Keeps what a branch made, from inside the branch's scope: on the stack, or at a place outside.
    /// </summary>
    private void Branch(Layout layout, BoundExpr value, Home.Memory? place)
    {
        OpenScope();
        if (place is not null)
        {
            Into(value, place);
        }
        else if (layout.Shape != Shape.Unit)
        {
            PushOwned(value);
        }

        CloseScope();
    }

    /// <summary>A call with the arguments borrowed. A result in memory goes to the place.</summary>
    private void Call(Routine routine, IReadOnlyList<BoundExpr> arguments, bool writesState, Home.Memory? place)
    {
        for (int index = 0; index < arguments.Count; index++)
        {
            var argument = arguments[index];
            if (LayoutOf(argument.Type).Shape == Shape.Unit)
            {
                continue;
            }

            // What the callee writes must not change the argument under its hands.
            bool points = LayoutOf(argument.Type) is { Owns: true } or { InMemory: true };
            if (writesState && points && WriteAnalysis.RootOf(argument) is WriteAnalysis.Root.State)
            {
                PushOwnCopy(argument);
            }
            else
            {
                PushBorrowed(argument, [.. arguments.Skip(index + 1)]);
            }
        }

        if (place is not null)
        {
            _body.Push(place.Address);
        }

        _body.CallPushed(routine);
        MarkAgain();
    }

    /// <summary>Like a borrowed value, but of a copy that nobody else can write.</summary>
    private void PushOwnCopy(BoundExpr expr)
    {
        var layout = LayoutOf(expr.Type);
        if (layout.InMemory)
        {
            _body.Push(Materialize(expr).Address);
            return;
        }

        PushOwned(expr);
        var kept = Register(layout.Scalar!.Value);
        _body.Tee(kept);
        Own(layout, new Home.Register(kept));
    }

    /// <summary>
    /// The tag and value of a <c>T?</c> or <c>T!</c>: where they lie, and what is pushed to know whether there is a
    /// value.
    /// </summary>
    /// <param name="Address">Of the value when there is one; of a T! also of its Failure.</param>
    /// <param name="Has">Not zero when there is a value.</param>
    private readonly record struct Maybe(Home.Memory Address, Term Has, bool IsPlace, Home.Memory? Whole);

    /// <summary>
    /// Evaluates a <c>T?</c> or <c>T!</c> far enough to look into it. The innermost scope owns what is fresh.
    /// </summary>
    /// <param name="keep">True when the value is going to be moved out, so that the scope must not free it.</param>
    private Maybe Open(BoundExpr expr, bool keep)
    {
        var layout = LayoutOf(expr.Type);
        int offset = layout.Parts is [var part, ..] ? part.Offset : 0;
        if (expr is BoundExpr.CallMethod { Method: Method.MapGet } get)
        {
            var found = Register(ValType.I32);
            PushBorrowed(get.Receiver, get.Arguments[0]);
            PushBorrowed(get.Arguments[0]);
            _body.CallPushed(Values.MapOf(LayoutOf(get.Receiver.Type)).Find);
            _body.Pop(found);
            return new Maybe(new Home.Memory(found, 0), found, IsPlace: true, null);
        }

        if (OriginOf(expr) != Origin.Fresh)
        {
            var at = Register(ValType.I32);
            PushPlaceAddress(expr);
            _body.Pop(at);
            return new Maybe(new Home.Memory(at, offset), HasValue(layout, at, 0), IsPlace: true, null);
        }

        var slot = Slot(layout);
        Into(expr, slot);
        if (!keep)
        {
            Own(layout, slot);
        }

        return new Maybe(slot.At(offset), HasValue(layout, slot.Base, slot.Offset), IsPlace: false, slot);
    }

    // A T! says 0 for a value, a T? says 1.
    private static Term HasValue(Layout layout, Variable at, int offset) =>
        layout.Shape == Shape.Fallible ? !at.Load32(offset) : at.Load32(offset);
}
