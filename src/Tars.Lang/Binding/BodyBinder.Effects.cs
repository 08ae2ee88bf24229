using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Effects: what a handler or procedure does to the outside when it commits.</summary>
internal sealed partial class BodyBinder
{
    /// <summary>Whether this kind of code may have the effect; if not that is reported.</summary>
    private bool CheckEffect(TextSpan at, string what)
    {
        bool isAllowed = _kind.HasEffects() && (_kind != CodeKind.MigrateHandler || what == "log");
        if (!isAllowed)
        {
            Report(Diagnostics.Report.EffectInPureCode(at, what, _kind.Describe()));
        }

        return isAllowed;
    }

    private BoundStmt BindEffect(Expr.Call call)
    {
        if (!CheckEffect(call.Callee.Span, call.Callee.Text))
        {
            BindLoose(call.Arguments);
            return new BoundStmt.Bad(call.Span);
        }

        BoundStmt? bound = call.Callee.Text switch
        {
            "publish" => BindPublish(call),
            "log" => BindLog(call),
            "metric" => BindMetric(call),
            "observe" => BindObserve(call),
            "retract" => BindRetract(call),
            "revoke" => BindRevoke(call),
            _ => PlainArguments(call, 0) is null ? null : new BoundStmt.Exit(call.Span),
        };
        return bound ?? new BoundStmt.Bad(call.Span);
    }

    private BoundStmt.Publish? BindPublish(Expr.Call call)
    {
        if (PlainArguments(call, 2) is not [var channel, var value])
        {
            return null;
        }

        string? pattern = channel is Expr.Text text ? PatternOf(text.Parts) : null;
        int? declared = pattern is null ? null : ChannelPattern.Find(_module.Symbol.Publishes, pattern);
        if (channel is not Expr.Text written || pattern is null || declared is not int place)
        {
            BindSome(value);
            ReportChannel(channel, pattern);
            return null;
        }

        ChannelSymbol symbol = _module.Symbol.Publishes[place];
        _module.Usage.Mark(symbol);
        var parts = BindParts(written.Parts);
        foreach (BoundTemplatePart part in parts)
        {
            if (part is BoundTemplatePart.Hole hole
                && hole.Value.Type is not (LangType.Text or LangType.Int or LangType.Variant or LangType.Error))
            {
                Report(Diagnostics.Report.NoTextForm(hole.Value.Span, TypeText.Of(hole.Value.Type)));
            }
        }

        return new BoundStmt.Publish(
            SlotOf(SlotKind.Channel, symbol.Pattern), parts, BindAs(value, symbol.Type), call.Span);
    }

    private void ReportChannel(Expr channel, string? pattern)
    {
        if (channel is Expr.Missing)
        {
            return;
        }

        if (pattern is null)
        {
            Report(Diagnostics.Report.ChannelNotLiteral(channel.Span));
        }
        else if (!_complaints.Recovery.MayBeDeclared(pattern.Split('/')[^1]))
        {
            Report(Diagnostics.Report.ChannelNotDeclared(
                channel.Span,
                pattern,
                "publish",
                NearMend(pattern, _module.Symbol.Publishes.Select(one => one.Pattern))));
        }
    }

    /// <summary>The channel with a plus for each hole; null where a hole fills only part of a segment.</summary>
    private static string? PatternOf(ImmutableArray<TextPart> parts)
    {
        string pattern = "";
        for (int index = 0; index < parts.Length; index++)
        {
            switch (parts[index])
            {
                case TextPart.Literal literal:
                    pattern += literal.Value;
                    break;
                case TextPart.Hole { Format: null } when IsWholeSegment(parts, index, pattern):
                    pattern += ChannelPattern.AnySegment;
                    break;
                default:
                    return null;
            }
        }

        return ChannelPattern.IsWellFormed(pattern) ? pattern : null;
    }

    private static bool IsWholeSegment(ImmutableArray<TextPart> parts, int index, string before)
    {
        string after = parts.Skip(index + 1).OfType<TextPart.Literal>().FirstOrDefault()?.Value ?? "";
        bool isHoleNext = index + 1 < parts.Length && parts[index + 1] is TextPart.Hole;
        return (before.Length == 0 || before.EndsWith('/')) && !isHoleNext
            && (after.Length == 0 || after.StartsWith('/'));
    }

    private BoundStmt.Log? BindLog(Expr.Call call)
    {
        if (call.Arguments.Items is not [{ Name: null } first, .. var others]
            || others.Any(one => one.Name is null))
        {
            BindLoose(call.Arguments);
            Report(Diagnostics.Report.LogForm(call.Span));
            return null;
        }

        BoundExpr message = BindArgument(first, CoreTypes.Text);
        var fields = ImmutableArray.CreateBuilder<KeyValuePair<string, BoundExpr>>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Argument argument in others)
        {
            string name = argument.Name!.Value.Text;
            BoundExpr value = argument.Value is ArgumentValue.Value given
                ? BindSome(given.Expr)
                : BindArgument(argument, CoreTypes.Error);
            if (!TypeRules.CanBeText(value.Type) && !ReportAbsent(value, argument.Value.Span))
            {
                Report(Diagnostics.Report.NoTextForm(argument.Value.Span, TypeText.Of(value.Type)));
            }

            if (!names.Add(name))
            {
                Report(Diagnostics.Report.ArgumentTwice(argument.Name.Value.Span, name));
            }

            fields.Add(KeyValuePair.Create(name, value));
        }

        return new BoundStmt.Log(message, fields.ToImmutable(), call.Span);
    }

    private BoundStmt.Metric? BindMetric(Expr.Call call)
    {
        if (PlainArguments(call, 2) is not [var id, var value])
        {
            return null;
        }

        BoundExpr number = BindAs(value, CoreTypes.Float);
        string name = id is Expr.Name named ? named.Value : "this";
        if (FindMetric(name) is not int index)
        {
            if (id is not Expr.Missing && !_complaints.Recovery.MayBeDeclared(name))
            {
                Report(Diagnostics.Report.UnknownMetric(id.Span, name, NearMend(name, _module.Metrics.Keys)));
            }

            return null;
        }

        if (_module.Symbol.Metrics[index].From != MetricSource.Module)
        {
            Report(Diagnostics.Report.MetricNotReported(id.Span, name));
        }

        return new BoundStmt.Metric(index, number, call.Span);
    }

    private BoundStmt.Observe? BindObserve(Expr.Call call)
    {
        if (PlainArguments(call, 2) is not [var id, var value])
        {
            return null;
        }

        int? belief = FindBelief(id);
        BoundExpr strength = BindAs(value, CoreTypes.Float);
        return belief is int index ? new BoundStmt.Observe(index, strength, call.Span) : null;
    }

    private BoundStmt.Retract? BindRetract(Expr.Call call) =>
        PlainArguments(call, 1) is [var id] && FindBelief(id) is int index
            ? new BoundStmt.Retract(index, call.Span)
            : null;

    private BoundStmt.Revoke? BindRevoke(Expr.Call call)
    {
        if (PlainArguments(call, 1) is not [var value])
        {
            return null;
        }

        BoundExpr capability = BindSome(value);
        if (capability.Type is not (LangType.Cap or LangType.Error))
        {
            Report(Diagnostics.Report.WrongType(
                value.Span, "a capability", TypeText.Of(capability.Type), "give what `narrow(…)` gave"));
        }

        return new BoundStmt.Revoke(capability, call.Span);
    }

    private BoundStmt BindTell(Stmt.Tell tell)
    {
        if (!CheckEffect(tell.Span, "tell"))
        {
            BindLoose(tell.Arguments);
            return new BoundStmt.Bad(tell.Span);
        }

        if (FindTarget(tell.Target, tell.Operation, isTell: true) is not Target target)
        {
            BindLoose(tell.Arguments);
            return new BoundStmt.Bad(tell.Span);
        }

        NamedArguments? arguments = BindNamed(
            tell.Arguments,
            target.Parameters,
            new bool[target.Parameters.Length],
            tell.Operation.Text,
            tell.Operation.Span);
        return arguments is null
            ? new BoundStmt.Bad(tell.Span)
            : new BoundStmt.Tell(
                target.Bound,
                NumberOf(target, isAsk: false, target.Returns),
                arguments.Values,
                arguments.Order,
                tell.Span);
    }

    private BoundStmt BindTimer(Stmt.Timer timer)
    {
        string word = timer.Kind == TimerKind.Every ? "every" : "after";
        BoundExpr delay = BindAs(timer.Delay, CoreTypes.Duration);
        if (!CheckEffect(timer.Span, word) || FindTimer(timer.Name) is not HandlerSymbol handler)
        {
            return new BoundStmt.Bad(timer.Span);
        }

        _module.Usage.Mark(TimersUse);
        if (_module.Symbol.ShortestTimer is not long shortest)
        {
            if (!_complaints.Recovery.MayBeDeclared("timers"))
            {
                Report(Diagnostics.Report.TimersNotDeclared(timer.Span));
            }
        }
        else if (KnownDuration(delay) is long length && length < shortest)
        {
            Report(Diagnostics.Report.TimerTooShort(timer.Delay.Span));
        }

        return new BoundStmt.SetTimer(timer.Kind == TimerKind.Every, delay, handler.Index, timer.Span);
    }

    /// <summary>What the use of timers is marked by.</summary>
    public static object TimersUse { get; } = new();

    private static long? KnownDuration(BoundExpr delay) => delay switch
    {
        BoundExpr.IntLiteral literal => literal.Value,
        BoundExpr.Constant { Symbol.Value: BoundExpr.IntLiteral literal } => literal.Value,
        _ => null,
    };

    private BoundStmt BindCancel(Stmt.Cancel cancel) =>
        CheckEffect(cancel.Span, "cancel") && FindTimer(cancel.Name) is HandlerSymbol handler
            ? new BoundStmt.CancelTimer(handler.Index, cancel.Span)
            : new BoundStmt.Bad(cancel.Span);

    private HandlerSymbol? FindTimer(Identifier name)
    {
        if (_agent!.Timers.TryGetValue(name.Text, out HandlerSymbol? handler))
        {
            return handler;
        }

        if (!name.IsMissing && !_complaints.Recovery.MayBeDeclared(name.Text))
        {
            Report(Diagnostics.Report.UnknownTimer(name.Span, name.Text, NearMend(name.Text, _agent.Timers.Keys)));
        }

        return null;
    }
}
