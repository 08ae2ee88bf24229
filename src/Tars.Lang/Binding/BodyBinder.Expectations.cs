using System.Diagnostics;
using Tars.Bundle.Manifest;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>What only an expectation can say: metrics, state of agents, counts of a run.</summary>
internal sealed partial class BodyBinder
{
    /// <summary><c>agent.field</c> or <c>world.metric</c>; null where the name before the point is neither.</summary>
    private BoundExpr? BindObservedField(Expr.Field field, Expr.Name name)
    {
        if (_module.Agents.TryGetValue(name.Value, out AgentScope? agent))
        {
            return BindAgentState(field, agent);
        }

        if (Expectation is null || !Expectation.Environment.TryGetValue(name.Value, out ModuleScope? world))
        {
            return null;
        }

        if (world is not null && world.Metrics.TryGetValue(field.Member.Text, out int index))
        {
            world.Usage.Mark(world.Symbol.Metrics[index]);
            return new BoundExpr.Observed(
                new Observation.EnvironmentMetric(name.Value, world.Symbol, index), CoreTypes.Float, field.Span);
        }

        if (world is not null && !field.Member.IsMissing)
        {
            Report(Diagnostics.Report.UnknownMetric(
                field.Member.Span,
                $"{name.Value}.{field.Member.Text}",
                NearMend(field.Member.Text, world.Metrics.Keys)));
        }

        return new BoundExpr.Bad(field.Span);
    }

    private BoundExpr BindAgentState(Expr.Field field, AgentScope agent)
    {
        if (!agent.State.TryGetValue(field.Member.Text, out StateSymbol? state))
        {
            if (!field.Member.IsMissing && !_complaints.Recovery.MayBeDeclared(field.Member.Text))
            {
                Report(Diagnostics.Report.UnknownField(
                    field.Member.Span,
                    agent.Symbol.Name,
                    field.Member.Text,
                    NearMend(field.Member.Text, agent.State.Keys)));
            }

            return new BoundExpr.Bad(field.Span);
        }

        _module.Usage.Mark(state);
        if (agent.Symbol.Starts != AgentStart.WithModule)
        {
            Report(Diagnostics.Report.ManyProcesses(field.Target.Span, agent.Symbol.Name));
            return new BoundExpr.Bad(field.Span);
        }

        return new BoundExpr.Observed(
            new Observation.AgentState(agent.Symbol, state), state.Type, field.Span);
    }

    private BoundExpr BindObservation(Expr.Call call) => call.Callee.Text switch
    {
        "traps" => PlainArguments(call, 0) is null
            ? new BoundExpr.Bad(call.Span)
            : new BoundExpr.Observed(new Observation.Traps(), CoreTypes.Int, call.Span),
        "published" => BindPublished(call),
        "alive" => BindAlive(call),
        _ => throw new UnreachableException(),
    };

    private BoundExpr BindPublished(Expr.Call call)
    {
        if (PlainArguments(call, 1) is not [var channel])
        {
            return new BoundExpr.Bad(call.Span);
        }

        string? pattern = channel is Expr.Text text ? PatternOf(text.Parts) : null;
        if (pattern is null)
        {
            Report(Diagnostics.Report.ChannelNotLiteral(channel.Span));
            return new BoundExpr.Bad(call.Span);
        }

        if (ChannelPattern.Find(_module.Symbol.Publishes, pattern) is null && !IsPublishedByWorld(pattern))
        {
            Report(Diagnostics.Report.ChannelNotDeclared(
                channel.Span,
                pattern,
                "publish",
                NearMend(pattern, _module.Symbol.Publishes.Select(one => one.Pattern))));
            return new BoundExpr.Bad(call.Span);
        }

        return new BoundExpr.Observed(new Observation.Published(pattern), CoreTypes.Int, call.Span);
    }

    private bool IsPublishedByWorld(string pattern) =>
        Expectation is not null && Expectation.Environment.Values.Any(world =>
            world is null || ChannelPattern.Find(world.Symbol.Publishes, pattern) is not null);

    private BoundExpr BindAlive(Expr.Call call)
    {
        if (PlainArguments(call, 1) is not [var named])
        {
            return new BoundExpr.Bad(call.Span);
        }

        if (named is Expr.Name name && _module.Agents.TryGetValue(name.Value, out AgentScope? agent))
        {
            return new BoundExpr.Observed(new Observation.Alive(agent.Symbol), CoreTypes.Int, call.Span);
        }

        string written = named is Expr.Name one ? one.Value : "this";
        if (!_complaints.Recovery.MayBeDeclared(written))
        {
            Report(Diagnostics.Report.NoSuchTarget(
                named.Span, $"no agent `{written}`", NearMend(written, _module.Agents.Keys)));
        }

        return new BoundExpr.Bad(call.Span);
    }
}
