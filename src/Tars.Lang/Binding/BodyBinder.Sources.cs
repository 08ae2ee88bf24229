using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Sources: values, asks, spawns; and whom an ask or tell goes to.</summary>
internal sealed partial class BodyBinder
{
    private const int ModelLevelsMax = 4;

    private BoundSource BindSource(Source source, LangType? hint)
    {
        switch (source)
        {
            case Source.Ask ask:
                return BindAsk(ask);
            case Source.Spawn spawn:
                return BindSpawn(spawn);
            case Source.Value { Expr: Expr.Call call } when call.Callee.Text == "narrow":
                return BindNarrow(call);
            case Source.Value { Expr: Expr.Call call } when BuiltInNames.IsEffect(call.Callee.Text):
                BindLoose(call.Arguments);
                Report(Diagnostics.Report.NothingToBind(source.Span));
                return Lost(source.Span);
            case Source.Value value:
                return new BoundSource.Value(Bind(value.Expr, hint));
            default:
                return Lost(source.Span);
        }
    }

    private static BoundSource.Value Lost(TextSpan span) => new(new BoundExpr.Bad(span));

    private BoundSource Fit(BoundSource source, LangType type, TextSpan at)
    {
        if (source is BoundSource.Value value)
        {
            return new BoundSource.Value(Convert(value.Expr, type));
        }

        if (source.Type.Equals(type) || source.Type.IsBad() || type.IsBad())
        {
            return source;
        }

        if (type is LangType.Optional optional && optional.Inner.Equals(source.Type))
        {
            return new BoundSource.Some(source);
        }

        Report(Diagnostics.Report.WrongType(
            at, TypeText.Of(type), TypeText.Of(source.Type), MendOf(source.Type, type)));
        return Lost(at);
    }

    private BoundStmt.Do BindAskStatement(Stmt.Ask ask)
    {
        BoundSource source = BindAsk(ask.Request);
        if (ask.Else is not ElseClause clause)
        {
            if (source.Type is LangType.Fallible)
            {
                Report(Diagnostics.Report.FailureNotHandled(ask.Request.Span));
            }

            return new BoundStmt.Do(source, Else: null, ask.Span);
        }

        if (source.Type is not (LangType.Optional or LangType.Fallible) && !source.Type.IsBad())
        {
            Report(Diagnostics.Report.NothingToUnwrap(
                ask.Request.Span, "`else` needs a `T?` or a `T!`", TypeText.Of(source.Type)));
        }

        return new BoundStmt.Do(source, BindElse(clause, source.Type, CoreTypes.Error, needsValue: false), ask.Span);
    }

    private BoundSource BindAsk(Source.Ask ask)
    {
        if (!_kind.MayAsk())
        {
            BindLoose(ask.Arguments);
            Report(Diagnostics.Report.AskNotAllowed(ask.Span, _kind.Describe()));
            return Lost(ask.Span);
        }

        return ask.Operation is Identifier operation ? BindAskOfOther(ask, operation) : BindAskOfOwn(ask);
    }

    private BoundSource BindAskOfOwn(Source.Ask ask)
    {
        if (!_agent!.Procedures.TryGetValue(ask.Target.Text, out ProcedureSymbol? procedure))
        {
            BindLoose(ask.Arguments);
            ReportNoTarget(ask.Target, $"no procedure `{ask.Target.Text}`", _agent.Procedures.Keys);
            return Lost(ask.Span);
        }

        _module.Usage.Mark(procedure);
        var arguments = BindPositional(
            ask.Arguments, [.. procedure.Parameters.Select(one => one.Type)], procedure.Name, ask.Target.Span);
        if (ask.Within is Expr within)
        {
            BindAs(within, CoreTypes.Duration);
            Report(Diagnostics.Report.WithinOfOwn(within.Span, procedure.Name));
        }
        else if (!procedure.Asks)
        {
            Report(Diagnostics.Report.AsksNobody(ask.Target.Span, procedure.Name));
        }

        NoteAsk(ask.Span);
        return arguments.IsDefault ? Lost(ask.Span) : new BoundSource.AskProcedure(procedure, arguments);
    }

    private BoundSource BindAskOfOther(Source.Ask ask, Identifier operation)
    {
        Target? target = FindTarget(ask.Target, operation, isTell: false);
        BoundExpr? within = ask.Within is null ? null : BindAs(ask.Within, CoreTypes.Duration);
        if (target is null)
        {
            BindLoose(ask.Arguments);
            return Lost(ask.Span);
        }

        LangType answer = target.Returns;
        NamedArguments? arguments = target.AnyRecord
            ? BindFill(ask, out answer)
            : BindNamed(
                ask.Arguments, target.Parameters, new bool[target.Parameters.Length], operation.Text, operation.Span);
        if (within is null)
        {
            Report(Diagnostics.Report.WithinMissing(ask.Span));
        }

        NoteAsk(ask.Span);
        var type = new LangType.Fallible(answer);
        return arguments is null || within is null || answer.IsBad()
            ? new BoundSource.Value(new BoundExpr.Bad(ask.Span))
            : new BoundSource.Ask(
                target.Bound,
                NumberOf(target, isAsk: true, answer),
                arguments.Values,
                arguments.Order,
                within,
                type,
                ask.Span);
    }

    /// <summary><c>fill(returns = TYPE, prompt = text)</c> of a model.</summary>
    private NamedArguments? BindFill(Source.Ask ask, out LangType answer)
    {
        Argument? returns = ask.Arguments.Items.FirstOrDefault(one => one.Name?.Text == "returns");
        answer = returns is null ? CoreTypes.Error : TypeArgument(returns) ?? CoreTypes.Error;
        if (returns is null || TypeArgument(returns) is null)
        {
            Report(Diagnostics.Report.TypeArgumentExpected(
                returns?.Span ?? ask.Span, "fill(returns = TYPE, prompt = …)"));
        }
        else if (!TypeRules.CanBeFilled(answer, ModelLevelsMax))
        {
            Report(Diagnostics.Report.NotForModel(returns.Span, TypeText.Of(answer)));
            answer = CoreTypes.Error;
        }

        var others = ask.Arguments with { Items = ask.Arguments.Items.RemoveAll(one => one.Name?.Text == "returns") };
        return BindNamed(others, [new NamedType("prompt", CoreTypes.Text)], [false], "fill", ask.Target.Span);
    }

    private void NoteAsk(TextSpan span) => FirstAsk ??= span;

    private BoundSource BindSpawn(Source.Spawn spawn)
    {
        if (!CheckEffect(spawn.Span, "spawn"))
        {
            BindLoose(spawn.Arguments);
            return Lost(spawn.Span);
        }

        string name = spawn.Agent.Text;
        AgentScope? agent = _module.FindAgent(name);
        int place = agent is null ? -1 : _module.Spawns.GetValueOrDefault(_module.NameOf(agent.Symbol), -1);
        bool isDeclared = 0 <= place;
        if (isDeclared)
        {
            _module.Usage.Mark(_module.Symbol.Spawns[place]);
        }

        if (agent is null || !isDeclared || !MayBeSpawned(agent.Symbol))
        {
            BindLoose(spawn.Arguments);
            ReportSpawn(spawn.Agent, agent, isDeclared);
            return Lost(spawn.Span);
        }

        var given = agent.Symbol.State.Where(field => !field.HasInitial).ToImmutableArray();
        var arguments = BindNamed(
            spawn.Arguments,
            [.. given.Select(field => new NamedType(field.Name, field.Type))],
            new bool[given.Length],
            name,
            spawn.Agent.Span);
        return arguments is null
            ? Lost(spawn.Span)
            : new BoundSource.Spawn(
                agent.Symbol, arguments.Values, arguments.Order, new LangType.Ref(agent.Symbol));
    }

    private void ReportSpawn(Identifier name, AgentScope? agent, bool isDeclared)
    {
        if (agent is null)
        {
            if (!_module.MayBeLost(name.Text))
            {
                ReportNoTarget(name, $"no agent `{name.Text}`", _module.AgentNames);
            }
        }
        else if (!isDeclared && !_complaints.Recovery.MayBeDeclared(name.Text))
        {
            Report(Diagnostics.Report.SpawnNotDeclared(name.Span, name.Text));
        }
        else if (!MayBeSpawned(agent.Symbol))
        {
            Report(Diagnostics.Report.NotBySpawn(name.Span, name.Text));
        }
    }

    // Nothing of an import starts by itself, so one that is a single agent has no process beside those spawned.
    private bool MayBeSpawned(AgentSymbol agent) =>
        agent.Starts == AgentStart.BySpawn || (agent.Module != _module.Symbol && agent.Module.IsOneAgent);

    private BoundSource BindNarrow(Expr.Call call)
    {
        if (!CheckEffect(call.Span, "narrow"))
        {
            BindLoose(call.Arguments);
            return Lost(call.Span);
        }

        if (FindNarrowed(call) is not { } found)
        {
            return Lost(call.Span);
        }

        ImmutableArray<NamedType> parameters =
        [
            .. Restrictions.Of(found.Type.Kind).Select(one =>
                new NamedType(one.Name, BuiltInSymbols.FromSchema(one.Type, marker: null, CoreTypes.Error))),
        ];
        bool[] isOptional = [.. parameters.Select(_ => true)];
        var others = call.Arguments with { Items = call.Arguments.Items.RemoveAt(0) };
        var given = BindNamed(others, parameters, isOptional, "narrow", call.Callee.Span);
        return given is null
            ? Lost(call.Span)
            : new BoundSource.Narrow(found.From, found.Type, given.Values, given.Order);
    }

    /// <summary>What is narrowed, the first argument: a device or a capability; null where that is wrong.</summary>
    private (BoundTarget From, LangType.Cap Type)? FindNarrowed(Expr.Call call)
    {
        if (call.Arguments.Items is not [{ Name: null, Value: ArgumentValue.Value { Expr: var named } }, ..])
        {
            Report(Diagnostics.Report.ArgumentCount(call.Span, "narrow", 1, 0));
            return null;
        }

        // No state and no local has the name of a device.
        if (named is Expr.Name name && _module.Devices.TryGetValue(name.Value, out DeviceScope? device))
        {
            _module.Usage.Mark(device.Symbol);
            var slot = new BoundTarget.Slot(SlotOf(SlotKind.Device, name.Value));
            return (slot, new LangType.Cap(device.Symbol.Kind.Name));
        }

        BoundExpr value = BindSome(named);
        if (value.Type is LangType.Cap type)
        {
            return (new BoundTarget.Value(value), type);
        }

        if (!value.Type.IsBad())
        {
            Report(Diagnostics.Report.WrongType(
                named.Span, "a device or capability", TypeText.Of(value.Type), "name a device of `capabilities`"));
        }

        return null;
    }

    /// <summary>Whom an ask or tell goes to and what it takes; null where that is wrong, which is reported.</summary>
    private Target? FindTarget(Identifier name, Identifier operation, bool isTell)
    {
        BoundExpr? value = _locals.Find(name.Text) is LocalSymbol local
            ? new BoundExpr.Local(local, name.Span)
            : null;
        if (value is null && _agent!.State.TryGetValue(name.Text, out StateSymbol? state))
        {
            _module.Usage.Mark(state);
            value = new BoundExpr.State(state, name.Span);
        }

        if (value is not null)
        {
            return FindByValue(value, name, operation, isTell);
        }

        if (_module.Devices.TryGetValue(name.Text, out DeviceScope? device))
        {
            _module.Usage.Mark(device.Symbol);
            var slot = new BoundTarget.Slot(SlotOf(SlotKind.Device, name.Text));
            return FindOperation(device, slot, operation, isTell);
        }

        if (_module.Agents.TryGetValue(name.Text, out AgentScope? agent))
        {
            return FindAgent(agent, name, operation, isTell);
        }

        ReportNoTarget(
            name, $"no agent, device or process `{name.Text}`", _module.Agents.Keys.Concat(_module.Devices.Keys));
        return null;
    }

    private Target? FindByValue(BoundExpr value, Identifier name, Identifier operation, bool isTell)
    {
        switch (value.Type)
        {
            case LangType.Ref reference:
                _module.Use(reference.Agent);
                return FindHandler(reference.Agent, new BoundTarget.Value(value), operation);
            case LangType.Cap cap:
                return FindCapability(cap, value, name, operation, isTell);
            default:
                if (!value.Type.IsBad() && !ReportAbsent(value, name.Span))
                {
                    Report(Diagnostics.Report.NoSuchTarget(
                        name.Span, $"`{name.Text}` is not a process", "name an agent, a device or a `ref`"));
                }

                return null;
        }
    }

    private Target? FindCapability(
        LangType.Cap capability, BoundExpr value, Identifier name, Identifier operation, bool isTell)
    {
        var known = DeviceScope.OfKind(capability.Kind);
        if (known.Symbol.Kind.TakesValue)
        {
            // The kind alone does not say what such a device holds; the module's own devices of the kind do.
            DeviceScope[] declared = [.. _module.Devices.Values.Where(one => one.Symbol.Kind.Name == capability.Kind)];
            if (declared.DistinctBy(one => one.Symbol.Value).ToArray() is not [var only])
            {
                Report(Diagnostics.Report.NoSuchTarget(
                    name.Span,
                    $"what a `cap<{capability.Kind}>` holds is not known here",
                    $"declare one device of kind `{capability.Kind}` with its `value` in this module"));
                return null;
            }

            known = only;
        }

        return FindOperation(known, new BoundTarget.Value(value), operation, isTell);
    }

    private Target? FindAgent(AgentScope agent, Identifier name, Identifier operation, bool isTell)
    {
        if (agent.Symbol.Starts != AgentStart.WithModule)
        {
            Report(Diagnostics.Report.ManyProcesses(name.Span, name.Text));
            return null;
        }

        if (agent == _agent && !isTell)
        {
            Report(Diagnostics.Report.AsksItself(name.Span, name.Text));
            return null;
        }

        return FindHandler(agent.Symbol, new BoundTarget.Slot(SlotOf(SlotKind.Agent, name.Text)), operation);
    }

    private Target? FindHandler(AgentSymbol agent, BoundTarget bound, Identifier operation)
    {
        var asks = agent.Handlers.Where(one => one.Kind == HandlerKind.Ask);
        if (asks.LastOrDefault(one => one.Subject == operation.Text) is HandlerSymbol handler)
        {
            return new Target(
                bound,
                SlotKind.Agent,
                _module.NameOf(agent),
                handler.Subject,
                [.. handler.Parameters.Select(one => new NamedType(one.Name, one.Type))],
                handler.Returns,
                AnyRecord: false);
        }

        ReportNoTarget(
            operation, $"agent `{agent.Name}` has no `ask {operation.Text}`", asks.Select(one => one.Subject));
        return null;
    }

    private Target? FindOperation(DeviceScope device, BoundTarget bound, Identifier name, bool isTell)
    {
        var operations = isTell ? device.Tells : device.Asks;
        if (operations.FirstOrDefault(one => one.Name == name.Text) is DeviceOperation found)
        {
            return new Target(
                bound,
                SlotKind.Device,
                device.Symbol.Kind.Name,
                found.Name,
                found.Parameters,
                found.Returns,
                found.AnyRecord);
        }

        string verb = isTell ? "tell" : "ask";
        ReportNoTarget(
            name,
            $"a device of kind `{device.Symbol.Kind.Name}` has no `{name.Text}` to {verb}",
            operations.Select(one => one.Name));
        return null;
    }

    private void ReportNoTarget(Identifier name, string title, IEnumerable<string> known)
    {
        if (!name.IsMissing && !_complaints.IsSettled && !_complaints.Recovery.MayBeDeclared(name.Text))
        {
            Report(Diagnostics.Report.NoSuchTarget(name.Span, title, NearMend(name.Text, known)));
        }
    }

    private int NumberOf(Target target, bool isAsk, LangType answer) => _agent!.NumberOf(new OperationSpec(
        target.Kind,
        target.Owner,
        target.Operation,
        isAsk,
        [.. target.Parameters.Select(one => new SchemaField(one.Name, SchemaOf.Type(one.Type)))],
        SchemaOf.Type(answer)));

    /// <param name="Owner">The agent, or the kind of device.</param>
    private sealed record Target(
        BoundTarget Bound,
        SlotKind Kind,
        string Owner,
        string Operation,
        ImmutableArray<NamedType> Parameters,
        LangType Returns,
        bool AnyRecord);
}
