using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Calls that give a value: functions, procedures and built-ins.</summary>
internal sealed partial class BodyBinder
{
    private BoundExpr BindCall(Expr.Call call, LangType? expected)
    {
        string name = call.Callee.Text;
        if (_module.Functions.TryGetValue(name, out FunctionSymbol? function))
        {
            _module.Usage.Mark(function);
            return BindFunctionCall(call, function);
        }

        if (_agent is not null && _agent.Procedures.TryGetValue(name, out ProcedureSymbol? procedure))
        {
            return BindProcedureCall(call, procedure);
        }

        if (BuiltInNames.Find(name) is BuiltInRow row)
        {
            return BindBuiltIn(call, row);
        }

        if (_module.IsStandard && Intrinsics.Find(name) is IntrinsicRow intrinsic)
        {
            var arguments = BindPositional(call.Arguments, intrinsic.Parameters, name, call.Callee.Span);
            return arguments.IsDefault
                ? new BoundExpr.Bad(call.Span)
                : new BoundExpr.CallIntrinsic(intrinsic.Intrinsic, arguments, intrinsic.Returns, call.Span);
        }

        if (BuiltInNames.IsEffect(name) || name == "narrow")
        {
            BindLoose(call.Arguments);
            Report(Diagnostics.Report.WrongType(
                call.Span, "a value", "no value", $"write `{name}(…)` as a statement of its own"));
            return new BoundExpr.Bad(call.Span);
        }

        if (_kind == CodeKind.Expectation && BuiltInNames.IsExpectation(name))
        {
            return BindObservation(call);
        }

        return name switch
        {
            "abs" => BindNumeric(call, BuiltIn.Abs, 1, expected),
            "min" => BindNumeric(call, BuiltIn.Min, 2, expected),
            "max" => BindNumeric(call, BuiltIn.Max, 2, expected),
            "clamp" => BindNumeric(call, BuiltIn.Clamp, 3, expected),
            "list_of" => BindListOf(call, expected),
            "json_decode" => BindJsonDecode(call),
            "json_response" => BindJsonResponse(call),
            "belief" => BindBelief(call),
            _ => UnknownFunction(call),
        };
    }

    private BoundExpr.Bad UnknownFunction(Expr.Call call)
    {
        BindLoose(call.Arguments);
        string name = call.Callee.Text;
        if (!call.Callee.IsMissing && !_complaints.IsSettled && !_complaints.Recovery.MayBeDeclared(name))
        {
            Report(Diagnostics.Report.UnknownFunction(call.Callee.Span, name, MendOfUnknownFunction(name)));
        }

        return new BoundExpr.Bad(call.Span);
    }

    private string MendOfUnknownFunction(string name)
    {
        if (BuiltInNames.IsExpectation(name))
        {
            return $"`{name}(…)` is known in `expect` of a scenario only";
        }

        if (_agent is null && _module.Agents.Values.Any(agent => agent.Procedures.ContainsKey(name)))
        {
            return $"{_kind.Describe()} calls no procedure";
        }

        string mend = ForeignNames.MendOf(name);
        if (mend.Length > 0)
        {
            return mend;
        }

        IEnumerable<string> known = BuiltInNames.Callable.Concat(_module.Functions.Keys);
        string nearest = NearestName.Of(name, _agent is null ? known : known.Concat(_agent.Procedures.Keys));
        _complaints.Recovery.Mention(nearest);
        return nearest.Length == 0 ? "" : $"did you mean `{nearest}`?";
    }

    private BoundExpr BindFunctionCall(Expr.Call call, FunctionSymbol function) =>
        BindPositional(
            call.Arguments, [.. function.Parameters.Select(one => one.Type)], function.Name, call.Callee.Span)
            is { IsDefault: false } arguments
            ? new BoundExpr.CallFunction(function, arguments, call.Span)
            : new BoundExpr.Bad(call.Span);

    private BoundExpr BindProcedureCall(Expr.Call call, ProcedureSymbol procedure)
    {
        _module.Usage.Mark(procedure);
        var arguments = BindPositional(
            call.Arguments, [.. procedure.Parameters.Select(one => one.Type)], procedure.Name, call.Callee.Span);
        if (!_kind.HasEffects() || _lambdaDepth > 0)
        {
            string where = _lambdaDepth > 0 ? "a lambda" : _kind.Describe();
            Report(Diagnostics.Report.ProcedureInPureCode(call.Callee.Span, procedure.Name, where));
            return new BoundExpr.Bad(call.Span);
        }

        if (procedure.Asks)
        {
            Report(Diagnostics.Report.CallWithoutAsk(call.Callee.Span, procedure.Name));
            return new BoundExpr.Bad(call.Span);
        }

        ReportMigrateEffect(call.Callee);
        return arguments.IsDefault
            ? new BoundExpr.Bad(call.Span)
            : new BoundExpr.CallProcedure(procedure, arguments, call.Span);
    }

    private void ReportMigrateEffect(Identifier callee)
    {
        string effect = _kind == CodeKind.MigrateHandler ? _agent!.Facts.EffectOf(callee.Text) : "";
        if (effect.Length > 0)
        {
            Report(Diagnostics.Report.EffectInPureCode(callee.Span, effect, _kind.Describe()));
        }
    }

    private BoundExpr BindBuiltIn(Expr.Call call, BuiltInRow row)
    {
        var arguments = BindPositional(call.Arguments, row.Parameters, call.Callee.Text, call.Callee.Span);
        bool isAllowed = row.BuiltIn switch
        {
            BuiltIn.Now => _kind.SeesNow(),
            BuiltIn.Random or BuiltIn.RandomInt or BuiltIn.BlobOf =>
                _kind.HasEffects() && _kind != CodeKind.MigrateHandler,
            _ => true,
        };
        if (!isAllowed)
        {
            Report(Diagnostics.Report.EffectInPureCode(call.Callee.Span, call.Callee.Text, _kind.Describe()));
        }

        MarkNondeterminism(row.BuiltIn);
        return isAllowed && !arguments.IsDefault
            ? new BoundExpr.CallBuiltIn(row.BuiltIn, arguments, row.Returns, call.Span)
            : new BoundExpr.Bad(call.Span);
    }

    // A test runs at a time that is always the same, and is no part of what runs.
    private void MarkNondeterminism(BuiltIn builtIn)
    {
        bool runs = _kind != CodeKind.Test;
        _module.Symbol.DrawsByChance |= runs && builtIn is (BuiltIn.Random or BuiltIn.RandomInt);
        _module.Symbol.AsksForTime |= runs && builtIn == BuiltIn.Now;
    }

    /// <summary>Arguments by position; default where their number or form is wrong, which is reported.</summary>
    private ImmutableArray<BoundExpr> BindPositional(
        ArgumentList arguments, ImmutableArray<LangType> types, string owner, TextSpan at)
    {
        Argument? named = arguments.Items.FirstOrDefault(one => one.Name is not null);
        if (named is not null || arguments.Items.Length != types.Length)
        {
            BindLoose(arguments);
            Report(named is not null
                ? Diagnostics.Report.ArgumentsByPosition(named.Span, owner)
                : Diagnostics.Report.ArgumentCount(at, owner, types.Length, arguments.Items.Length));
            return default;
        }

        var bound = ImmutableArray.CreateBuilder<BoundExpr>(types.Length);
        for (int index = 0; index < types.Length; index++)
        {
            bound.Add(BindArgument(arguments.Items[index], types[index]));
        }

        return bound.ToImmutable();
    }

    /// <summary>The plain expressions of a call with that many arguments, or null, which is reported.</summary>
    private Expr[]? PlainArguments(Expr.Call call, int count)
    {
        var plain = call.Arguments.Items
            .Where(one => one.Name is null)
            .Select(one => one.Value)
            .OfType<ArgumentValue.Value>()
            .Select(one => one.Expr)
            .ToArray();
        if (plain.Length == count && call.Arguments.Items.Length == count)
        {
            return plain;
        }

        BindLoose(call.Arguments);
        Report(call.Arguments.Items.FirstOrDefault(one => one.Name is not null) is Argument named
            ? Diagnostics.Report.ArgumentsByPosition(named.Span, call.Callee.Text)
            : Diagnostics.Report.ArgumentCount(
                call.Callee.Span, call.Callee.Text, count, call.Arguments.Items.Length));
        return null;
    }

    /// <summary>abs, min, max, clamp: of one type of numbers, durations or instants.</summary>
    private BoundExpr BindNumeric(Expr.Call call, BuiltIn builtIn, int count, LangType? expected)
    {
        if (PlainArguments(call, count) is not Expr[] plain)
        {
            return new BoundExpr.Bad(call.Span);
        }

        int typical = Math.Max(0, Array.FindIndex(plain, one => !IsIntLiteral(one)));
        LangType? hint = TypeRules.Core(expected) is LangType.Float ? CoreTypes.Float : null;
        BoundExpr first = BindSome(plain[typical], hint);
        LangType type = first.Type;
        if (type.IsBad())
        {
            foreach (Expr other in plain.Where(one => one != plain[typical]))
            {
                Bind(other, expected: null);
            }

            return new BoundExpr.Bad(call.Span);
        }

        if (type is not (LangType.Int or LangType.Float or LangType.Duration or LangType.Instant)
            || (type is LangType.Instant && builtIn == BuiltIn.Abs))
        {
            Report(Diagnostics.Report.NoSuchOperator(
                call.Callee.Span, call.Callee.Text, TypeText.Of(type), "", OperandMend(BoundBinaryOp.Add, type, type)));
            return new BoundExpr.Bad(call.Span);
        }

        var arguments = plain.Select((one, index) => index == typical ? first : BindAs(one, type));
        return new BoundExpr.CallBuiltIn(builtIn, [.. arguments], type, call.Span);
    }

    private BoundExpr BindListOf(Expr.Call call, LangType? expected)
    {
        if (PlainArguments(call, 2) is not [var count, var item])
        {
            return new BoundExpr.Bad(call.Span);
        }

        BoundExpr length = BindAs(count, CoreTypes.Int);
        BoundExpr value = TypeRules.Core(expected) is LangType.List list
            ? BindAs(item, list.Element)
            : BindSome(item);
        var type = new LangType.List(Storable(value.Type, item.Span));
        return new BoundExpr.CallBuiltIn(BuiltIn.ListOf, [length, value], type, call.Span);
    }

    private BoundExpr BindJsonDecode(Expr.Call call)
    {
        if (call.Arguments.Items is not [{ Name: null } first, { Name: null } second])
        {
            BindLoose(call.Arguments);
            Report(Diagnostics.Report.ArgumentCount(
                call.Callee.Span, call.Callee.Text, 2, call.Arguments.Items.Length));
            return new BoundExpr.Bad(call.Span);
        }

        BoundExpr bytes = BindArgument(second, CoreTypes.Bytes);
        if (TypeArgument(first) is not LangType type)
        {
            Report(Diagnostics.Report.TypeArgumentExpected(first.Span, "json_decode(TYPE, bytes)"));
            return new BoundExpr.Bad(call.Span);
        }

        if (!TypeRules.HasJson(type))
        {
            Report(Diagnostics.Report.NoJson(first.Span, TypeText.Of(type)));
        }

        return type.IsBad()
            ? new BoundExpr.Bad(call.Span)
            : new BoundExpr.CallBuiltIn(BuiltIn.JsonDecode, [bytes], new LangType.Fallible(type), call.Span);
    }

    /// <summary>The type that stands as an argument, or null where none stands there.</summary>
    private LangType? TypeArgument(Argument argument) => argument.Value switch
    {
        ArgumentValue.TypeArgument type => _types.Bind(type.Type, TypePlace.Plain),
        ArgumentValue.Value { Expr: Expr.Name name } => CoreTypes.ByName.GetValueOrDefault(name.Value),
        _ => null,
    };

    private BoundExpr BindJsonResponse(Expr.Call call)
    {
        if (PlainArguments(call, 2) is not [var status, var body])
        {
            return new BoundExpr.Bad(call.Span);
        }

        BoundExpr code = BindAs(status, CoreTypes.Int);
        BoundExpr value = BindSome(body);
        if (!value.Type.IsBad() && !TypeRules.HasJson(value.Type) && !ReportFallible(value))
        {
            Report(Diagnostics.Report.NoJson(body.Span, TypeText.Of(value.Type)));
        }

        return new BoundExpr.CallBuiltIn(
            BuiltIn.JsonResponse, [code, value], new LangType.Record(BuiltInSymbols.Response), call.Span);
    }

    private bool ReportFallible(BoundExpr value) =>
        value.Type is LangType.Fallible && ReportAbsent(value, value.Span);

    private BoundExpr BindBelief(Expr.Call call)
    {
        if (PlainArguments(call, 1) is not [var id])
        {
            return new BoundExpr.Bad(call.Span);
        }

        return FindBelief(id) is int index ? new BoundExpr.Belief(index, call.Span) : new BoundExpr.Bad(call.Span);
    }

    /// <summary>Index of the belief that is named, or null, which is reported.</summary>
    private int? FindBelief(Expr id)
    {
        if (id is not Expr.Name name || !_module.Beliefs.TryGetValue(name.Value, out int index))
        {
            string written = id is Expr.Name one ? one.Value : "this";
            if (id is not Expr.Missing && !_complaints.Recovery.MayBeDeclared(written))
            {
                Report(Diagnostics.Report.UnknownBelief(id.Span, written, NearMend(written, _module.Beliefs.Keys)));
            }

            return null;
        }

        _module.Usage.Mark(_module.Symbol.Beliefs!.Beliefs[index]);
        if (_module.BeliefsOf is string owner && _agent?.Symbol.Name != owner)
        {
            Report(Diagnostics.Report.BeliefOfAnother(id.Span, name.Value, owner));
            return null;
        }

        return index;
    }

    /// <summary>Index of a metric, which is marked as used.</summary>
    private int? FindMetric(string name)
    {
        if (!_module.Metrics.TryGetValue(name, out int index))
        {
            return null;
        }

        _module.Usage.Mark(_module.Symbol.Metrics[index]);
        return index;
    }
}
