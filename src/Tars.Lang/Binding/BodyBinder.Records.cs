using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Fields, records, cases, and arguments by name.</summary>
internal sealed partial class BodyBinder
{
    private BoundExpr BindField(Expr.Field field)
    {
        if (field.Target is Expr.Name name && !_locals.Has(name.Value))
        {
            if (_module.Imports.TryGetValue(name.Value, out ModuleScope? import))
            {
                return BindImportedConstant(field, name.Value, import);
            }

            if (_kind == CodeKind.Expectation && BindObservedField(field, name) is BoundExpr observed)
            {
                return observed;
            }
        }

        BoundExpr target = BindSome(field.Target);
        if (field.Member.IsMissing || target.Type.IsBad() || ReportAbsent(target, field.Member.Span))
        {
            return new BoundExpr.Bad(field.Span);
        }

        if (target.Type is LangType.Record record)
        {
            int index = IndexOf(record.Symbol.Fields, field.Member.Text);
            if (0 <= index)
            {
                return new BoundExpr.Field(target, index, record.Symbol.Fields[index].Type, field.Span);
            }
        }

        ReportUnknownField(field.Member, target.Type);
        return new BoundExpr.Bad(field.Span);
    }

    private BoundExpr BindImportedConstant(Expr.Field field, string alias, ModuleScope? import)
    {
        if (import is not null && import.Constants.TryGetValue(field.Member.Text, out ConstantSymbol? constant))
        {
            import.Usage.Mark(constant);
            return new BoundExpr.Constant(constant, field.Span);
        }

        if (import is not null && !field.Member.IsMissing
            && !import.Complaints.Recovery.MayBeDeclared(field.Member.Text))
        {
            Report(Diagnostics.Report.UnknownName(
                field.Member.Span, $"{alias}.{field.Member.Text}", NearMend(field.Member.Text, import.Constants.Keys)));
        }

        return new BoundExpr.Bad(field.Span);
    }

    private void ReportUnknownField(Identifier member, LangType type)
    {
        if (type is not LangType.Record record)
        {
            var methods = MethodTable.Of(type);
            string mend = methods.ContainsKey(member.Text)
                ? $"call it: `.{member.Text}()`"
                : ForeignNames.MendOf(member.Text, methods.Keys);
            Report(Diagnostics.Report.NoFields(member.Span, TypeText.Of(type), member.Text, mend));
            return;
        }

        if (_complaints.IsSettled || _complaints.Recovery.MayBeDeclared(member.Text))
        {
            return;
        }

        Report(Diagnostics.Report.UnknownField(
            member.Span,
            record.Symbol.Name,
            member.Text,
            NearMend(member.Text, record.Symbol.Fields.Select(one => one.Name))));
    }

    private static string NearMend(string name, IEnumerable<string> known)
    {
        string nearest = NearestName.Of(name, known);
        return nearest.Length == 0 ? ForeignNames.MendOf(name) : $"did you mean `{nearest}`?";
    }

    private static int IndexOf(ImmutableArray<FieldSymbol> fields, string name)
    {
        for (int index = 0; index < fields.Length; index++)
        {
            if (fields[index].Name == name)
            {
                return index;
            }
        }

        return -1;
    }

    private BoundExpr BindMake(Expr.Make make)
    {
        LangType type = _types.Bind(make.Type, TypePlace.Plain);
        if (type is LangType.Record record)
        {
            _module.PrepareDefaults?.Invoke(record.Symbol);
            var fields = BindFields(make.Arguments, record.Symbol.Fields, record.Symbol.Name, make.Type.Span);
            return fields.IsDefault
                ? new BoundExpr.Bad(make.Span)
                : new BoundExpr.MakeRecord(record.Symbol, fields, make.Span);
        }

        BindLoose(make.Arguments);
        if (!type.IsBad())
        {
            Report(Diagnostics.Report.NotARecord(make.Type.Span, TypeText.Of(type), "a record"));
        }

        return new BoundExpr.Bad(make.Span);
    }

    private BoundExpr BindCase(Expr.Case one)
    {
        LangType type = _types.Bind(one.Type, TypePlace.Plain);
        if (type is not LangType.Variant variant)
        {
            BindLoose(one.Arguments);
            if (!type.IsBad())
            {
                Report(Diagnostics.Report.NotARecord(one.Type.Span, TypeText.Of(type), "a variant"));
            }

            return new BoundExpr.Bad(one.Span);
        }

        CaseSymbol? found = FindCase(variant.Symbol, one.CaseName);
        if (found is null)
        {
            BindLoose(one.Arguments);
            return new BoundExpr.Bad(one.Span);
        }

        var arguments = one.Arguments ?? new ArgumentList(new TextSpan(one.Span.End, 0), []);
        var fields = BindFields(arguments, found.Fields, $"{variant.Symbol.Name}.{found.Name}", one.CaseName.Span);
        return fields.IsDefault
            ? new BoundExpr.Bad(one.Span)
            : new BoundExpr.MakeCase(variant.Symbol, found, fields, one.Span);
    }

    /// <summary>The case of that name; where there is none that is reported.</summary>
    private CaseSymbol? FindCase(VariantSymbol variant, Identifier name)
    {
        CaseSymbol? found = variant.Cases.FirstOrDefault(one => one.Name == name.Text);
        if (found is null && !name.IsMissing && !_complaints.Recovery.MayBeDeclared(name.Text))
        {
            Report(Diagnostics.Report.NoSuchCase(
                name.Span, variant.Name, name.Text, NearMend(name.Text, variant.Cases.Select(one => one.Name))));
        }

        return found;
    }

    /// <summary>
    /// Values for fields, in the order written, then the defaults. Default where something is missing.
    /// </summary>
    private ImmutableArray<BoundFieldValue> BindFields(
        ArgumentList arguments, ImmutableArray<FieldSymbol> fields, string owner, TextSpan at)
    {
        var parameters = fields.Select(field => new NamedType(field.Name, field.Type)).ToImmutableArray();
        bool[] isOptional = [.. fields.Select(field => field.Default is not null)];
        if (BindNamed(arguments, parameters, isOptional, owner, at) is not NamedArguments given)
        {
            return default;
        }

        var values = ImmutableArray.CreateBuilder<BoundFieldValue>(fields.Length);
        for (int index = 0; index < given.Values.Length; index++)
        {
            values.Add(new BoundFieldValue(given.Order[index], given.Values[index]));
        }

        for (int index = 0; index < fields.Length; index++)
        {
            if (fields[index].Default is BoundExpr value && !given.Order.Contains(index))
            {
                values.Add(new BoundFieldValue(index, value));
            }
        }

        return values.ToImmutable();
    }

    /// <summary>Arguments by name; null where they are not complete, which is reported.</summary>
    /// <param name="isOptional">For each parameter whether it may be left out.</param>
    private NamedArguments? BindNamed(
        ArgumentList arguments,
        ImmutableArray<NamedType> parameters,
        ReadOnlySpan<bool> isOptional,
        string owner,
        TextSpan at)
    {
        var values = ImmutableArray.CreateBuilder<BoundExpr>(arguments.Items.Length);
        var order = ImmutableArray.CreateBuilder<int>(arguments.Items.Length);
        bool isWhole = true;
        foreach (Argument argument in arguments.Items)
        {
            int index = argument.Name is Identifier name ? IndexOf(parameters, name.Text) : -1;
            if (index < 0 || order.Contains(index))
            {
                BindLoose(argument);
                ReportNamed(argument, parameters, owner, isRepeated: 0 <= index);
                isWhole = false;
                continue;
            }

            order.Add(index);
            values.Add(BindArgument(argument, parameters[index].Type));
        }

        for (int index = 0; index < parameters.Length && isWhole; index++)
        {
            if (!order.Contains(index) && !isOptional[index])
            {
                Report(Diagnostics.Report.MissingArgument(
                    at, owner, parameters[index].Name, TypeText.Of(parameters[index].Type)));
                isWhole = false;
            }
        }

        return isWhole ? new NamedArguments(values.ToImmutable(), order.ToImmutable()) : null;
    }

    private void ReportNamed(Argument argument, ImmutableArray<NamedType> parameters, string owner, bool isRepeated)
    {
        if (argument.Name is not Identifier name)
        {
            Report(Diagnostics.Report.ArgumentsByName(argument.Span, owner, parameters.Select(one => one.Name)));
        }
        else if (isRepeated)
        {
            Report(Diagnostics.Report.ArgumentTwice(name.Span, name.Text));
        }
        else if (!_complaints.Recovery.MayBeDeclared(name.Text))
        {
            Report(Diagnostics.Report.UnknownArgument(
                name.Span, owner, name.Text, NearMend(name.Text, parameters.Select(one => one.Name))));
        }
    }

    private BoundExpr BindArgument(Argument argument, LangType type)
    {
        if (argument.Value is ArgumentValue.Value value)
        {
            return BindAs(value.Expr, type);
        }

        BindLoose(argument);
        Report(argument.Value is ArgumentValue.Lambda
            ? Diagnostics.Report.LambdaElsewhere(argument.Value.Span)
            : Diagnostics.Report.TypeAsValue(argument.Value.Span));
        return new BoundExpr.Bad(argument.Span);
    }

    /// <summary>Binds what belongs to something wrong, so that what it names counts as used.</summary>
    private void BindLoose(ArgumentList? arguments)
    {
        foreach (Argument argument in arguments?.Items ?? [])
        {
            BindLoose(argument);
        }
    }

    private void BindLoose(Argument argument) => _complaints.Recovery.Mention(argument.Span);

    private static int IndexOf(ImmutableArray<NamedType> parameters, string name)
    {
        for (int index = 0; index < parameters.Length; index++)
        {
            if (parameters[index].Name == name)
            {
                return index;
            }
        }

        return -1;
    }

    /// <param name="Order">The parameter that each value is for.</param>
    private sealed record NamedArguments(ImmutableArray<BoundExpr> Values, ImmutableArray<int> Order);
}
