using Tars.Lang.Binding;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>Fresh values that lie in memory: records, variants with fields, <c>T?</c> and <c>T!</c>.</summary>
internal sealed partial class CodeEmitter
{
    /// <summary>Puts a fresh value into memory where nothing was.</summary>
    private void MakeInto(BoundExpr expr, Layout layout, Home.Memory place)
    {
        switch (expr)
        {
            case BoundExpr.None:
                StoreTag(place, 0);
                break;
            case BoundExpr.Some some:
                StoreTag(place, 1);
                Into(some.Value, place.At(layout.Parts[0].Offset));
                break;
            case BoundExpr.Success success:
                StoreTag(place, 0);
                Into(success.Value, place.At(layout.Parts is [var part, ..] ? part.Offset : 0));
                break;
            case BoundExpr.FailureOf failure:
                StoreTag(place, 1);
                Into(failure.Value, place.At(layout.Cases[1][0].Offset));
                break;
            case BoundExpr.MakeRecord make:
                MakeFields(make.Fields, layout.Parts, place);
                break;
            case BoundExpr.MakeCase make:
                StoreTag(place, make.Case.Index);
                MakeFields(make.Fields, layout.Cases[make.Case.Index], place);
                break;
            case BoundExpr.If choice:
                PushCondition(choice.Condition);
                _body.IfPushed(
                    () => MakeSide(choice.Then),
                    () => MakeSide(choice.Else));
                break;
            case BoundExpr.Coalesce coalesce:
                MakeCoalesce(coalesce, layout, place);
                break;
            case BoundExpr.CallFunction call:
                InScope(() => Call(_unit.FunctionOf(call.Function), call.Arguments, writesState: false, place));
                break;
            case BoundExpr.CallProcedure call:
                InScope(() => Call(
                    _unit.ProcedureOf(_agent!, call.Procedure), call.Arguments, call.Procedure.WritesState, place));
                break;
            case BoundExpr.CallBuiltIn call:
                InScope(() => MakeBuiltIn(call, layout, place));
                break;
            case BoundExpr.CallMethod call:
                InScope(() => MakeMethod(call, layout, place));
                break;
            case BoundExpr.LambdaMethod lambda:
                InScope(() => MakeLambda(lambda, layout, place));
                break;
            default:
                throw NotHere();
        }

        void MakeSide(BoundExpr side)
        {
            _unit.Count(_body, side);
            Branch(layout, side, place);
        }
    }

    private void StoreTag(Home.Memory place, int tag) => _body.Store32(place.Base, tag, place.Offset);

    private void MakeFields(IEnumerable<BoundFieldValue> fields, IReadOnlyList<Part> parts, Home.Memory place)
    {
        foreach (var field in fields)
        {
            InScope(() => Into(field.Value, place.At(parts[field.FieldIndex].Offset)));
        }
    }

    private void MakeCoalesce(BoundExpr.Coalesce coalesce, Layout layout, Home.Memory place)
    {
        OpenScope();
        bool staysOptional = coalesce.Type is LangType.Optional;
        var maybe = Open(coalesce.Left, keep: true);
        _body.If(
            maybe.Has,
            () =>
            {
                var inner = staysOptional ? layout.Parts[0].Layout : layout;
                var to = staysOptional ? place.At(layout.Parts[0].Offset) : place;
                if (staysOptional)
                {
                    StoreTag(place, 1);
                }

                TakeInto(maybe, inner, to);
            },
            () => Branch(layout, coalesce.Right, place));
        CloseScope();
    }

    /// <summary>
    /// Moves a value that is there into memory where nothing was, or copies it when it has another owner.
    /// </summary>
    private void TakeInto(Maybe maybe, Layout layout, Home.Memory place)
    {
        if (maybe.IsPlace)
        {
            Values.CopyPart(_body, layout, place.Address, maybe.Address.Address);
        }
        else
        {
            Library.Values.CopyWords(_body, place.Address, maybe.Address.Address, layout.Size);
        }
    }

    /// <summary>Evaluates into a register of the innermost scope, borrowed.</summary>
    private Writing.Variable Borrowed(BoundExpr expr, params ReadOnlySpan<BoundExpr> later)
    {
        var kept = Register(Library.Values.PassedAs(LayoutOf(expr.Type)));
        PushBorrowed(expr, later);
        _body.Pop(kept);
        return kept;
    }

    /// <summary>Evaluates to where it can be read again while the given code runs.</summary>
    private Home Hold(BoundExpr expr, params ReadOnlySpan<BoundBlock?> blocks)
    {
        var layout = LayoutOf(expr.Type);
        var root = WriteAnalysis.RootOf(expr);
        bool disturbed = false;
        foreach (var block in blocks)
        {
            disturbed |= WriteAnalysis.MayWrite(block, root);
        }

        var kept = Register(Library.Values.PassedAs(layout));
        if (disturbed && (layout.Owns || layout.InMemory))
        {
            PushOwnCopy(expr);
        }
        else
        {
            PushBorrowed(expr);
        }

        _body.Pop(kept);
        return layout.InMemory ? new Home.Memory(kept, 0) : new Home.Register(kept);
    }
}
