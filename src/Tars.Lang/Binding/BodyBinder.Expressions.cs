using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Expressions: literals, names, collections, conditions.</summary>
internal sealed partial class BodyBinder
{
    private BoundExpr BindAs(Expr expr, LangType expected) => Convert(Bind(expr, expected), expected);

    /// <summary>A value of any type but none, which is reported.</summary>
    private BoundExpr BindSome(Expr expr, LangType? expected = null)
    {
        BoundExpr bound = Bind(expr, expected);
        if (bound.Type is LangType.NoneLiteral or LangType.EmptyLiteral)
        {
            Report(Diagnostics.Report.TypeUnknown(bound.Span, TypeText.Of(bound.Type)));
            return new BoundExpr.Bad(bound.Span);
        }

        if (bound.Type is LangType.Unit)
        {
            Report(Diagnostics.Report.WrongType(
                bound.Span, "a value", "no value", "call it as a statement of its own"));
            return new BoundExpr.Bad(bound.Span);
        }

        return bound;
    }

    /// <param name="expected">What the place takes: a hint for literals. The result need not have this type.</param>
    private BoundExpr Bind(Expr expr, LangType? expected) => expr switch
    {
        Expr.Name name => BindName(name),
        Expr.Int number when TypeRules.Core(expected) is LangType.Float =>
            new BoundExpr.FloatLiteral(number.Value, number.Span),
        Expr.Int number => new BoundExpr.IntLiteral(number.Value, CoreTypes.Int, number.Span),
        Expr.Float number => new BoundExpr.FloatLiteral(number.Value, number.Span),
        Expr.Duration duration => new BoundExpr.IntLiteral(duration.Nanoseconds, CoreTypes.Duration, duration.Span),
        Expr.Bool truth => new BoundExpr.BoolLiteral(truth.Value, truth.Span),
        Expr.None none => BindNone(none, expected),
        Expr.Self self => BindSelf(self),
        Expr.Text text => BindText(text.Parts, text.Span),
        Expr.Parenthesized inner => Bind(inner.Inner, expected),
        Expr.Unary unary => BindUnary(unary, expected),
        Expr.Binary binary => BindBinary(binary, expected),
        Expr.Field field => BindField(field),
        Expr.Method method => BindMethod(method),
        Expr.Index index => BindIndex(index),
        Expr.Call call => BindCall(call, expected),
        Expr.Make make => BindMake(make),
        Expr.Case one => BindCase(one),
        Expr.List list => BindList(list, expected),
        Expr.Map map => BindMap(map, expected),
        Expr.If branch => BindIf(branch, expected),
        _ => new BoundExpr.Bad(expr.Span),
    };

    private static BoundExpr.None BindNone(Expr.None none, LangType? expected)
    {
        LangType? held = expected is LangType.Fallible fallible ? fallible.Inner : expected;
        return new BoundExpr.None(held is LangType.Optional ? held : CoreTypes.NoneLiteral, none.Span);
    }

    private BoundExpr BindSelf(Expr.Self self)
    {
        if (_agent is null || !_kind.SeesState())
        {
            Report(Diagnostics.Report.EffectInPureCode(self.Span, "self", _kind.Describe()));
            return new BoundExpr.Bad(self.Span);
        }

        return new BoundExpr.Self(new LangType.Ref(_agent.Symbol), self.Span);
    }

    private BoundExpr BindName(Expr.Name name)
    {
        if (_locals.Find(name.Value) is LocalSymbol local)
        {
            return new BoundExpr.Local(local, name.Span);
        }

        if (_agent is not null && _kind.SeesState() && _agent.State.TryGetValue(name.Value, out StateSymbol? state))
        {
            _module.Usage.Mark(state);
            return new BoundExpr.State(state, name.Span);
        }

        if (_module.Constants.TryGetValue(name.Value, out ConstantSymbol? constant))
        {
            _module.Usage.Mark(constant);
            return new BoundExpr.Constant(constant, name.Span);
        }

        if (_module.Params.TryGetValue(name.Value, out ParamSymbol? param))
        {
            _module.Usage.Mark(param);
            return new BoundExpr.Param(param, name.Span);
        }

        if (_kind == CodeKind.Expectation && FindMetric(name.Value) is int metric)
        {
            return new BoundExpr.Observed(new Observation.Metric(metric), CoreTypes.Float, name.Span);
        }

        ReportUnknownName(new Identifier(name.Span, name.Value));
        return new BoundExpr.Bad(name.Span);
    }

    private void ReportUnknownName(Identifier name)
    {
        if (name.IsMissing || _complaints.IsSettled || _complaints.Recovery.MayBeDeclared(name.Text))
        {
            return;
        }

        string nearest = _complaints.MaySuggest ? NearestName.Of(name.Text, VisibleNames()) : "";
        string mend = MendOfUnknown(name.Text);
        if (mend.Length == 0 && nearest.Length > 0)
        {
            _complaints.Recovery.Mention(nearest);
            mend = $"did you mean `{nearest}`?";
        }

        Report(Diagnostics.Report.UnknownName(name.Span, name.Text, mend));
    }

    private string MendOfUnknown(string name)
    {
        if (_agent is not null && !_kind.SeesState() && _agent.State.ContainsKey(name)
            || _agent is null && _module.Agents.Values.Any(agent => agent.State.ContainsKey(name)))
        {
            return $"{_kind.Describe()} does not see state: pass the value in as an argument";
        }

        if (_module.Agents.ContainsKey(name) || _module.Devices.ContainsKey(name))
        {
            return $"write `ask {name}.name(…) within 1s`, or `tell {name}.name(…)`";
        }

        if (_module.Functions.ContainsKey(name) || BuiltInNames.Find(name) is not null)
        {
            return $"call it: `{name}(…)`; a function is not a value";
        }

        if (_module.Metrics.ContainsKey(name) || _module.Beliefs.ContainsKey(name))
        {
            return "metrics and beliefs are named in `metric(…)`, `observe(…)` and `belief(…)` only";
        }

        VariantSymbol? variant = _module.Symbol.Variants.FirstOrDefault(one => one.Cases.Any(c => c.Name == name));
        return variant is null ? ForeignNames.MendOf(name) : $"write `{variant.Name}.{name}`";
    }

    private IEnumerable<string> VisibleNames()
    {
        IEnumerable<string> names = _locals.Names.Concat(_module.Constants.Keys).Concat(_module.Params.Keys);
        if (_agent is not null && _kind.SeesState())
        {
            names = names.Concat(_agent.State.Keys);
        }

        return _kind == CodeKind.Expectation ? names.Concat(_module.Metrics.Keys) : names;
    }

    private BoundExpr BindIndex(Expr.Index index)
    {
        BoundExpr target = BindSome(index.Target);
        switch (target.Type)
        {
            case LangType.List list:
                return new BoundExpr.Index(target, BindAs(index.At, CoreTypes.Int), list.Element, index.Span);
            case LangType.Map map:
                return new BoundExpr.Index(target, BindAs(index.At, map.Key), map.Value, index.Span);
            case LangType.Bytes:
                return new BoundExpr.Index(target, BindAs(index.At, CoreTypes.Int), CoreTypes.Int, index.Span);
            default:
                Bind(index.At, expected: null);
                if (!ReportAbsent(target, index.Span) && !target.Type.IsBad())
                {
                    Report(Diagnostics.Report.NoIndex(index.Span, TypeText.Of(target.Type)));
                }

                return new BoundExpr.Bad(index.Span);
        }
    }

    /// <summary>Says that a <c>T?</c> or <c>T!</c> must be unwrapped first; false for other types.</summary>
    private bool ReportAbsent(BoundExpr target, TextSpan at)
    {
        if (target.Type is not (LangType.Optional or LangType.Fallible))
        {
            return false;
        }

        Report(Diagnostics.Report.MayBeAbsent(at, TypeText.Of(target.Type)));
        return true;
    }

    private BoundExpr BindList(Expr.List list, LangType? expected)
    {
        LangType? core = TypeRules.Core(expected);
        if (list.Items.IsEmpty)
        {
            return core is LangType.Map
                ? new BoundExpr.MapLiteral([], core, list.Span)
                : new BoundExpr.ListLiteral([], core is LangType.List ? core : CoreTypes.EmptyLiteral, list.Span);
        }

        int first = IndexOfTypical(list.Items);
        BoundExpr? typical = core is LangType.List ? null : BindSome(list.Items[first].Value);
        LangType element = core is LangType.List wanted ? wanted.Element : typical!.Type;
        var items = list.Items.Select((item, index) =>
            index == first && typical is not null ? typical : BindItem(item.Value, element));
        return new BoundExpr.ListLiteral(
            [.. items], new LangType.List(Storable(element, list.Span)), list.Span);
    }

    // A whole number may stand for a float, so it says least about the type of a list.
    private static int IndexOfTypical(ImmutableArray<ListItem> items)
    {
        for (int index = 0; index < items.Length; index++)
        {
            if (!IsIntLiteral(items[index].Value))
            {
                return index;
            }
        }

        return 0;
    }

    private BoundExpr.MapLiteral BindMap(Expr.Map map, LangType? expected)
    {
        MapEntry first = map.Entries[0];
        var wanted = TypeRules.Core(expected) as LangType.Map;
        BoundExpr firstKey = wanted is null ? BindSome(first.Key) : BindAs(first.Key, wanted.Key);
        BoundExpr firstValue = wanted is null ? BindSome(first.Value) : BindAs(first.Value, wanted.Value);
        LangType key = wanted?.Key ?? firstKey.Type;
        LangType value = wanted?.Value ?? firstValue.Type;
        if (!TypeRules.CanBeKey(key))
        {
            Report(Diagnostics.Report.NotAKey(first.Key.Span, TypeText.Of(key)));
            key = CoreTypes.Error;
        }

        var others = map.Entries.Skip(1).Select(entry => KeyValuePair.Create(
            BindItem(entry.Key, key), BindItem(entry.Value, value)));
        return new BoundExpr.MapLiteral(
            [KeyValuePair.Create(firstKey, firstValue), .. others],
            new LangType.Map(key, Storable(value, map.Span)),
            map.Span);
    }

    // A type that is not known because the first item is wrong asks nothing of the others.
    private BoundExpr BindItem(Expr item, LangType type) => type.IsBad() ? BindSome(item) : BindAs(item, type);

    private LangType Storable(LangType element, TextSpan at)
    {
        if (element is LangType.Optional or LangType.Fallible)
        {
            Report(Diagnostics.Report.NestedOptional(at, $"`{TypeText.Of(element)}` as an element"));
            return CoreTypes.Error;
        }

        return element;
    }

    private BoundExpr BindIf(Expr.If branch, LangType? expected)
    {
        BoundExpr condition = BindAs(branch.Condition, CoreTypes.Bool);
        BoundExpr then = Bind(branch.Then, expected);
        BoundExpr other = Bind(branch.Else, expected);
        LangType? type = JoinOf(then, other, expected);
        if (type is null)
        {
            Report(Diagnostics.Report.BranchesDiffer(branch.Span, TypeText.Of(then.Type), TypeText.Of(other.Type)));
            return new BoundExpr.Bad(branch.Span);
        }

        return type.IsBad()
            ? new BoundExpr.Bad(branch.Span)
            : new BoundExpr.If(condition, Convert(then, type), Convert(other, type), type, branch.Span);
    }

    /// <summary>The type that both sides of an if can have, or null.</summary>
    private static LangType? JoinOf(BoundExpr then, BoundExpr other, LangType? expected)
    {
        LangType left = then.Type;
        LangType right = other.Type;
        if (left.IsBad() || right.IsBad())
        {
            return CoreTypes.Error;
        }

        if (left.Equals(right))
        {
            return left;
        }

        if (left is LangType.NoneLiteral)
        {
            return right is LangType.Optional ? right : new LangType.Optional(right);
        }

        if (right is LangType.NoneLiteral)
        {
            return left is LangType.Optional ? left : new LangType.Optional(left);
        }

        bool bothFit = expected is not null
            && TryConvert(then, expected) is not null && TryConvert(other, expected) is not null;
        return bothFit ? expected
            : TryConvert(then, right) is not null ? right
            : TryConvert(other, left) is not null ? left
            : null;
    }
}
