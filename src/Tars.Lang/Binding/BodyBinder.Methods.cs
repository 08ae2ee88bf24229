using Tars.Base;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Methods, those with a lambda among them, and functions of imported modules.</summary>
internal sealed partial class BodyBinder
{
    private BoundExpr BindMethod(Expr.Method method)
    {
        if (method.Target is Expr.Name name && !_locals.Has(name.Value)
            && _module.Imports.TryGetValue(name.Value, out ModuleScope? import))
        {
            return BindImportedFunction(method, name.Value, import);
        }

        BoundExpr receiver = BindSome(method.Target);
        if (FindMethod(method, receiver) is not MethodRow row)
        {
            BindLoose(method.Arguments);
            return new BoundExpr.Bad(method.Span);
        }

        switch (row.Form)
        {
            case MethodForm.TakesLambda:
                return BindLambdaMethod(method, receiver, row);
            case MethodForm.Changes:
                BindLoose(method.Arguments);
                Report(Diagnostics.Report.WrongType(
                    method.Span, "a value", "no value", $"write `.{row.Name}(…)` as a statement of its own"));
                return new BoundExpr.Bad(method.Span);
            case MethodForm.Reads:
            default:
                break;
        }

        var arguments = BindPositional(method.Arguments, row.Parameters, row.Name, method.Member.Span);
        if (arguments.IsDefault || !CheckElement(receiver, row, method.Member.Span))
        {
            return new BoundExpr.Bad(method.Span);
        }

        return new BoundExpr.CallMethod(row.Method, receiver, arguments, row.Returns, method.Span);
    }

    private BoundExpr BindImportedFunction(Expr.Method method, string alias, ModuleScope? import)
    {
        if (import is not null && import.Functions.TryGetValue(method.Member.Text, out FunctionSymbol? function))
        {
            import.Usage.Mark(function);
            var arguments = BindPositional(
                method.Arguments, [.. function.Parameters.Select(one => one.Type)], function.Name, method.Member.Span);
            return arguments.IsDefault
                ? new BoundExpr.Bad(method.Span)
                : new BoundExpr.CallFunction(function, arguments, method.Span);
        }

        BindLoose(method.Arguments);
        if (import is not null && !method.Member.IsMissing
            && !import.Complaints.Recovery.MayBeDeclared(method.Member.Text))
        {
            Report(Diagnostics.Report.UnknownFunction(
                method.Member.Span,
                $"{alias}.{method.Member.Text}",
                NearMend(method.Member.Text, import.Functions.Keys)));
        }

        return new BoundExpr.Bad(method.Span);
    }

    /// <summary>The method of that name; where there is none that is reported.</summary>
    private MethodRow? FindMethod(Expr.Method method, BoundExpr receiver)
    {
        if (method.Member.IsMissing || receiver.Type.IsBad() || ReportAbsent(receiver, method.Member.Span))
        {
            return null;
        }

        var known = MethodTable.Of(receiver.Type);
        if (known.TryGetValue(method.Member.Text, out MethodRow? row))
        {
            return row;
        }

        string mend = ForeignNames.MendOf(method.Member.Text, known.Keys);
        Report(Diagnostics.Report.UnknownMethod(
            method.Member.Span,
            TypeText.Of(receiver.Type),
            method.Member.Text,
            mend.Length > 0 ? mend : NearMend(method.Member.Text, known.Keys)));
        return null;
    }

    /// <summary>join is of texts, max of what has an order.</summary>
    private bool CheckElement(BoundExpr receiver, MethodRow row, TextSpan at)
    {
        if (receiver.Type is not LangType.List list || list.Element.IsBad())
        {
            return true;
        }

        bool isRight = row.Method switch
        {
            Method.ListJoin => list.Element is LangType.Text,
            Method.ListMax => TypeRules.IsOrdered(list.Element),
            _ => true,
        };
        if (!isRight)
        {
            Report(Diagnostics.Report.NoSuchOperator(
                at,
                row.Name,
                TypeText.Of(list),
                "",
                row.Method == Method.ListJoin
                    ? "join texts: `.map(x => \"{x}\").join(…)`"
                    : "use `.max_by(x => …)`"));
        }

        return isRight;
    }

    private BoundExpr BindLambdaMethod(Expr.Method method, BoundExpr receiver, MethodRow row)
    {
        if (method.Arguments.Items is not [{ Name: null, Value: ArgumentValue.Lambda lambda }])
        {
            BindLoose(method.Arguments);
            Report(Diagnostics.Report.LambdaExpected(method.Member.Span, row.Name));
            return new BoundExpr.Bad(method.Span);
        }

        LangType element = ((LangType.List)receiver.Type).Element;
        int mark = _locals.Open();
        _lambdaDepth++;
        LocalSymbol item = Declare(lambda.Parameter, element, isMutable: false);
        BoundExpr body = row.Method is Method.ListFilter or Method.ListAny
            ? BindAs(lambda.Body, CoreTypes.Bool)
            : BindSome(lambda.Body);
        _lambdaDepth--;
        _locals.Close(mark);
        if (ResultOfLambda(row, receiver.Type, element, body) is LangType result)
        {
            return new BoundExpr.LambdaMethod(row.Method, receiver, item, body, result, method.Span);
        }

        return new BoundExpr.Bad(method.Span);
    }

    /// <summary>What the method gives, or null where the lambda gives what it cannot use, which is reported.</summary>
    private LangType? ResultOfLambda(MethodRow row, LangType list, LangType element, BoundExpr body)
    {
        if (body.Type.IsBad())
        {
            return null;
        }

        bool isNumber = body.Type is LangType.Int or LangType.Float or LangType.Duration;
        LangType? result = row.Method switch
        {
            Method.ListFilter => list,
            Method.ListAny => CoreTypes.Bool,
            Method.ListMap => new LangType.List(Storable(body.Type, body.Span)),
            Method.ListSum => isNumber ? body.Type : null,
            Method.ListSortBy => TypeRules.IsOrdered(body.Type) ? list : null,
            Method.ListMinBy or Method.ListMaxBy =>
                TypeRules.IsOrdered(body.Type) ? new LangType.Optional(element) : null,
            _ => null,
        };
        if (result is null)
        {
            Report(Diagnostics.Report.NoSuchOperator(
                body.Span,
                row.Name,
                TypeText.Of(body.Type),
                "",
                row.Method == Method.ListSum
                    ? "sum ints, floats or durations"
                    : "order by a number, a text, a duration or an instant"));
        }

        return result;
    }
}
