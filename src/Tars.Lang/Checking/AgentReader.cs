using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads one agent: settings, state, procedures and handlers; then binds its code.</summary>
internal sealed class AgentReader(CodeReader code, AgentScope agent, YamlNode node)
{
    private readonly List<KeyValuePair<StateSymbol, Expr>> _initials = [];
    private readonly List<KeyValuePair<ProcedureSymbol, Block>> _procedures = [];
    private readonly Waits _waits = new();

    private HandlerReader? _handlers;

    public AgentScope Scope => agent;

    private ModuleScope Module => code.Module;

    private AgentSymbol Symbol => agent.Symbol;

    /// <summary>Everything but signatures and code.</summary>
    public void ReadSettings()
    {
        Symbol.Role = node.Get("role").Text();
        Symbol.Goal = node.Get("goal").Text();
        Symbol.Starts = node.Get("starts").Text() switch
        {
            "by_spawn" => AgentStart.BySpawn,
            "per_request" => AgentStart.PerRequest,
            _ => AgentStart.WithModule,
        };
        Symbol.OnTrap = node.Get("on_trap").Text() switch
        {
            "continue" => TrapPolicy.Continue,
            "restart" => TrapPolicy.Restart,
            "stop" => TrapPolicy.Stop,
            _ => Symbol.Starts == AgentStart.WithModule ? TrapPolicy.Continue : TrapPolicy.Stop,
        };
        Symbol.Journal = node.Get("journal").Text() switch
        {
            "off" => JournalLevel.Off,
            "durable" => JournalLevel.Durable,
            _ => JournalLevel.Recent,
        };
        Symbol.Isolation = node.Get("isolation").Text() == "microvm" ? IsolationFloor.MicroVm : IsolationFloor.Any;
        Symbol.RejectAfter = InRange(node.Get("reject_after"), 1, int.MaxValue) ?? 0;
        ReadSchedule(node.Get("schedule"));
        ReadLimits(node.Get("limits"));
        if (node.Get("mailbox") is YamlNode mailbox)
        {
            int length = (int)(InRange(mailbox.Get("length"), 1, 1_000_000) ?? 1);
            Symbol.Mailbox = new MailboxSpec(length, mailbox.Get("when_full").Text() switch
            {
                "drop_oldest" => WhenFull.DropOldest,
                "reject" => WhenFull.Reject,
                _ => WhenFull.Block,
            });
        }
    }

    private void ReadSchedule(YamlNode? schedule) => Symbol.Schedule = new ScheduleSpec(
        (int)(InRange(schedule.Get("priority"), 0, 9) ?? Symbol.Schedule.Priority),
        schedule.Get("deadline").Duration(),
        (int)(InRange(schedule.Get("weight"), 1, 1000) ?? Symbol.Schedule.Weight));

    private void ReadLimits(YamlNode? limits) => Symbol.Limits = new LimitSpec(
        InRange(limits.Get("fuel"), 1, long.MaxValue),
        limits.Get("memory").Scalar() is { } memory ? Literals.Size(memory.Value) : null,
        InRange(limits.Get("fuel_per_second"), 1, long.MaxValue),
        (int?)InRange(limits.Get("sends"), 0, int.MaxValue));

    private long? InRange(YamlNode? written, long low, long high)
    {
        if (written.Int() is not long value)
        {
            return null;
        }

        if (low <= value && value <= high)
        {
            return value;
        }

        string range = high is long.MaxValue or int.MaxValue ? $"{low} and above" : $"{low} to {high}";
        code.Report(Report.NotInRange(written!.Span, written.Text(), range));
        return null;
    }

    public void DeclareState()
    {
        foreach (YamlEntry entry in node.Get("state").Entries())
        {
            Declaration declaration = code.Declaration(entry.Value);
            var state = new StateSymbol(entry.Key.Value, declaration.Type, Symbol.State.Length, entry.Key.Span)
            {
                HasInitial = declaration.Value is not null,
            };
            if (declaration.Value is Expr value)
            {
                _initials.Add(KeyValuePair.Create(state, value));
            }
            else if (!declaration.IsLost && Symbol.Starts != AgentStart.BySpawn)
            {
                code.Report(entry.Span, Report.StateWithoutValue(entry.Key.Span, state.Name));
            }

            Claim(entry.Key);
            agent.State[state.Name] = state;
            Symbol.State = Symbol.State.Add(state);
        }
    }

    public void DeclareProcedures()
    {
        var blocks = new List<KeyValuePair<string, Block>>();
        foreach (YamlEntry entry in node.Get("procedures").Entries())
        {
            var procedure = new ProcedureSymbol(
                entry.Key.Value,
                code.Parameters(entry.Value.Get("with")),
                code.Type(entry.Value.Get("returns"), TypePlace.Returns),
                entry.Key.Span);
            Block body = code.Body(entry.Value.Get("do"));
            Claim(entry.Key);
            agent.Procedures[procedure.Name] = procedure;
            _procedures.Add(KeyValuePair.Create(procedure, body));
            blocks.Add(KeyValuePair.Create(procedure.Name, body));
        }

        Symbol.Procedures = [.. _procedures.Select(one => one.Key)];
        agent.Facts = ProcedureFacts.Of(blocks);
        HashSet<string> writers = agent.Facts.WritersOf(agent.State.Keys);
        foreach (ProcedureSymbol procedure in Symbol.Procedures)
        {
            procedure.Asks = agent.Facts.Asks(procedure.Name);
            procedure.WritesState = writers.Contains(procedure.Name);
            if (procedure.Asks && agent.Facts.IsRecursive(procedure.Name))
            {
                code.Report(Report.AskingCircle(procedure.Span, procedure.Name));
            }
        }
    }

    public void DeclareHandlers()
    {
        _handlers = new HandlerReader(code, agent);
        _handlers.Declare(node.Get("handlers"));
    }

    private void Claim(YamlNode.Scalar key)
    {
        string? what = Module.WhatIs(key.Value)
            ?? (agent.State.ContainsKey(key.Value) ? "a state field" : null)
            ?? (agent.Procedures.ContainsKey(key.Value) ? "a procedure" : null);
        if (what is not null)
        {
            code.Report(Report.NameTaken(key.Span, key.Value, what));
        }
    }

    public void BindCode()
    {
        foreach (var (state, value) in _initials)
        {
            var binder = new BodyBinder(Module, agent: null, CodeKind.Initial);
            state.Initial = binder.BindValue(value, state.Type);
        }

        if (Module.Symbol.IsForeign)
        {
            ForeignRights.GiveTo(agent, Module);
            return;
        }

        foreach (var (procedure, block) in _procedures)
        {
            BindProcedure(procedure, block);
        }

        foreach (HandlerSymbol handler in Symbol.Handlers)
        {
            BindHandler(handler);
        }

        Symbol.Invariants = [.. node.Get("invariants").Items().OfType<YamlNode.Scalar>().Select(BindInvariant)];
        Symbol.Slots = [.. agent.Slots];
        Symbol.Operations = [.. agent.Operations];
    }

    /// <summary>Each handler and procedure, by the path of its code inside the agent.</summary>
    public IEnumerable<CodeUnit> Units() =>
    [
        .. _procedures.Select(one => new CodeUnit(
            agent,
            $"procedures.{one.Key.Name}.do",
            Handler: null,
            agent.Facts.Own(one.Key.Name)!,
            CodeFlow.Of(one.Value)) { Procedure = one.Key.Name }),
        .. Symbol.Handlers.Select(handler => new CodeUnit(
            agent,
            $"handlers.{DocumentPath.Part(Module.Source.Text[handler.Span.Start..handler.Span.End])}.do",
            handler,
            CodeFacts.Of(_handlers!.BodyOf(handler)),
            CodeFlow.Of(_handlers.BodyOf(handler)))),
    ];

    private void BindProcedure(ProcedureSymbol procedure, Block block)
    {
        var binder = new BodyBinder(Module, agent, CodeKind.Procedure);
        DeclareAll(binder, procedure.Parameters);
        procedure.Body = binder.BindBody(block, procedure.Returns, procedure.Span);
    }

    private void BindHandler(HandlerSymbol handler)
    {
        CodeKind kind = handler.Kind switch
        {
            HandlerKind.Stop => CodeKind.StopHandler,
            HandlerKind.Migrate => CodeKind.MigrateHandler,
            HandlerKind.Start or HandlerKind.Timer or HandlerKind.Message or HandlerKind.Ask => CodeKind.Handler,
            HandlerKind.Exit or HandlerKind.Http or HandlerKind.Device or HandlerKind.Refused => CodeKind.Handler,
        };
        var binder = new BodyBinder(Module, agent, kind);
        DeclareAll(binder, handler.Parameters);
        LangType returns = handler.Kind == HandlerKind.Ask
            ? new LangType.Fallible(handler.Returns)
            : handler.Returns;
        Block block = _handlers!.BodyOf(handler);
        handler.Body = binder.BindBody(block, handler.Returns.IsBad() ? CoreTypes.Error : returns, handler.Span);
        handler.Asks = binder.FirstAsk is not null;
        if (Limits.WaitCountMax < _waits.CountIn(handler.Body))
        {
            code.Report(Report.TooManyWaits(handler.Span, Limits.WaitCountMax));
        }

        bool queues = handler.Kind == HandlerKind.Http && Symbol.Starts != AgentStart.PerRequest;
        if (binder.FirstAsk is { } ask && queues)
        {
            code.Report(Report.AskInQueue(ask));
        }
    }

    private void DeclareAll(BodyBinder binder, ImmutableArray<LocalSymbol> parameters)
    {
        foreach (LocalSymbol parameter in parameters)
        {
            TextSpan? outer = Module.Complaints.Enter(parameter.Span);
            binder.DeclareGiven(parameter);
            Module.Complaints.Leave(outer);
        }
    }

    private InvariantSymbol BindInvariant(YamlNode.Scalar scalar)
    {
        var binder = new BodyBinder(Module, agent, CodeKind.Invariant);
        BoundExpr condition = binder.BindValue(code.Expression(scalar), CoreTypes.Bool);
        return new InvariantSymbol(condition, scalar.Value, scalar.Span);
    }
}

/// <summary>A handler or procedure, and what its code does by itself.</summary>
/// <param name="Path">Below the agent.</param>
/// <param name="Handler">Null for a procedure.</param>
internal sealed record CodeUnit(
    AgentScope Agent, string Path, HandlerSymbol? Handler, CodeFacts Facts, CodeFlow Flow)
{
    /// <summary>The name of a procedure, empty for a handler.</summary>
    public string Procedure { get; init; } = "";

    /// <summary>What it does itself, and what the procedures do that it calls.</summary>
    public IEnumerable<CodeFacts> All =>
        Agent.Facts.Reachable(Facts)
            .Order(StringComparer.Ordinal)
            .Select(name => Agent.Facts.Own(name)!)
            .Prepend(Facts);
}
