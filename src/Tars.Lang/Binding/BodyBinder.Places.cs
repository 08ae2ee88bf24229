using Tars.Base;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>What can be written: a state field, a var, or a path into one.</summary>
internal sealed partial class BodyBinder
{
    private BoundStmt BindAssign(Stmt.Assign assign)
    {
        BoundPlace? place = BindPlace(assign.Place);
        if (assign.Op == AssignOp.Set)
        {
            BoundSource source = BindSource(assign.Value, place?.Type);
            if (source.Type is LangType.Fallible)
            {
                Report(Diagnostics.Report.FailureNotHandled(assign.Value.Span));
            }
            else if (place is not null)
            {
                source = Fit(source, place.Type, assign.Value.Span);
            }

            return place is null ? new BoundStmt.Bad(assign.Span) : new BoundStmt.Assign(place, source, assign.Span);
        }

        return BindUpdate(assign, place);
    }

    private BoundStmt BindUpdate(Stmt.Assign assign, BoundPlace? place)
    {
        if (assign.Value is not Source.Value value)
        {
            return new BoundStmt.Bad(assign.Span);
        }

        BoundBinaryOp op = OperatorOf(assign.Op);
        BinaryOp written = op == BoundBinaryOp.Multiply ? BinaryOp.Multiply : BinaryOp.Add;
        LangType hint = place is null ? CoreTypes.Error : NumberBeside(place.Type, written);
        BoundExpr operand = BindSome(value.Expr, IsIntLiteral(value.Expr) ? hint : place?.Type);
        if (place is null || place.Type.IsBad() || operand.Type.IsBad())
        {
            return new BoundStmt.Bad(assign.Span);
        }

        MarkRead(place);
        LangType? result = ResultOf(op, place.Type, operand.Type);
        if (result is null)
        {
            Report(WrongOperands(assign.OpSpan, op, place.Type, operand.Type));
            return new BoundStmt.Bad(assign.Span);
        }

        if (!result.Equals(place.Type))
        {
            Report(Diagnostics.Report.WrongType(
                assign.OpSpan, TypeText.Of(place.Type), TypeText.Of(result), "write the whole assignment with `=`"));
            return new BoundStmt.Bad(assign.Span);
        }

        return new BoundStmt.Update(place, op, operand, assign.Span);
    }

    // What is changed from its old value is read.
    private void MarkRead(BoundPlace place)
    {
        if (place.State is not null)
        {
            _module.Usage.Mark(place.State);
        }
    }

    private static BoundBinaryOp OperatorOf(AssignOp op) => op switch
    {
        AssignOp.Set or AssignOp.Add => BoundBinaryOp.Add,
        AssignOp.Subtract => BoundBinaryOp.Subtract,
        AssignOp.Multiply => BoundBinaryOp.Multiply,
        AssignOp.Divide => BoundBinaryOp.Divide,
    };

    private BoundStmt BindMutation(Expr.Method method)
    {
        BoundPlace? place = BindPlace(method.Target);
        if (place is null || place.Type.IsBad())
        {
            BindLoose(method.Arguments);
            return new BoundStmt.Bad(method.Span);
        }

        MarkRead(place);
        if (place.Type is LangType.Optional or LangType.Fallible)
        {
            BindLoose(method.Arguments);
            Report(Diagnostics.Report.MayBeAbsent(method.Member.Span, TypeText.Of(place.Type)));
            return new BoundStmt.Bad(method.Span);
        }

        var known = MethodTable.Of(place.Type);
        if (!known.TryGetValue(method.Member.Text, out MethodRow? row))
        {
            BindLoose(method.Arguments);
            Report(Diagnostics.Report.UnknownMethod(
                method.Member.Span,
                TypeText.Of(place.Type),
                method.Member.Text,
                NearMend(method.Member.Text, known.Keys)));
            return new BoundStmt.Bad(method.Span);
        }

        var arguments = BindPositional(method.Arguments, row.Parameters, row.Name, method.Member.Span);
        return arguments.IsDefault
            ? new BoundStmt.Bad(method.Span)
            : new BoundStmt.Mutate(row.Method, place, arguments, method.Span);
    }

    /// <summary>Null where nothing can be written there, which is reported.</summary>
    private BoundPlace? BindPlace(Expr expr)
    {
        switch (expr)
        {
            case Expr.Name name:
                return BindRoot(name);
            case Expr.Parenthesized inner:
                return BindPlace(inner.Inner);
            case Expr.Field field:
                return BindFieldPlace(field);
            case Expr.Index index:
                return BindIndexPlace(index);
            case Expr.Missing:
                return null;
            default:
                Bind(expr, expected: null);
                Report(Diagnostics.Report.NotAPlace(expr.Span));
                return null;
        }
    }

    private BoundPlace? BindRoot(Expr.Name name)
    {
        if (_locals.Find(name.Value) is LocalSymbol local)
        {
            if (!local.IsMutable && !local.Type.IsBad())
            {
                Report(Diagnostics.Report.CannotChange(name.Span, name.Value, local.Span));
            }

            return new BoundPlace(local, State: null, [], local.Type, name.Span);
        }

        if (_agent is not null && _kind.SeesState() && _agent.State.TryGetValue(name.Value, out StateSymbol? state))
        {
            return new BoundPlace(Local: null, state, [], state.Type, name.Span);
        }

        if (_module.Constants.ContainsKey(name.Value) || _module.Params.ContainsKey(name.Value))
        {
            Report(Diagnostics.Report.UnknownName(
                name.Span,
                name.Value,
                "a constant or param does not change in code; keep what changes in `state:` or a `var`"));
            return null;
        }

        ReportUnknownName(new Identifier(name.Span, name.Value));
        return null;
    }

    private BoundPlace? BindFieldPlace(Expr.Field field)
    {
        BoundPlace? target = BindPlace(field.Target);
        if (target is null || target.Type.IsBad() || field.Member.IsMissing)
        {
            return null;
        }

        if (target.Type is LangType.Optional or LangType.Fallible)
        {
            Report(Diagnostics.Report.MayBeAbsent(field.Member.Span, TypeText.Of(target.Type)));
            return null;
        }

        if (target.Type is LangType.Record record)
        {
            int index = IndexOf(record.Symbol.Fields, field.Member.Text);
            if (0 <= index)
            {
                LangType type = record.Symbol.Fields[index].Type;
                return Extend(target, new BoundStep.Field(index, type), type, field.Span);
            }
        }

        ReportUnknownField(field.Member, target.Type);
        return null;
    }

    private BoundPlace? BindIndexPlace(Expr.Index index)
    {
        BoundPlace? target = BindPlace(index.Target);
        (LangType At, LangType Element)? shape = target?.Type switch
        {
            LangType.List list => (CoreTypes.Int, list.Element),
            LangType.Map map => (map.Key, map.Value),
            LangType.Bytes => (CoreTypes.Int, CoreTypes.Int),
            _ => null,
        };
        if (target is null || shape is null)
        {
            Bind(index.At, expected: null);
            if (target is not null && !target.Type.IsBad())
            {
                Report(target.Type is LangType.Optional or LangType.Fallible
                    ? Diagnostics.Report.MayBeAbsent(index.Span, TypeText.Of(target.Type))
                    : Diagnostics.Report.NoIndex(index.Span, TypeText.Of(target.Type)));
            }

            return null;
        }

        var step = new BoundStep.Index(BindAs(index.At, shape.Value.At), target.Type, shape.Value.Element);
        return Extend(target, step, shape.Value.Element, index.Span);
    }

    private static BoundPlace Extend(BoundPlace target, BoundStep step, LangType type, TextSpan span) =>
        target with { Path = target.Path.Add(step), Type = type, Span = span };
}
