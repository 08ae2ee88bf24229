using System.Collections.Immutable;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>
/// The record of the wait that is pending: a number, 0 for none, then what the wait keeps. And who uses it: the event
/// Answer, an event that comes instead, Save and Load.
/// </summary>
internal sealed partial class Emitter
{
    /// <summary>u32: the number of the pending wait among those of the agent, and one more.</summary>
    public const int PendingNumber = 0;

    private const int PendingValues = 8;

    private readonly Dictionary<HandlerSymbol, WaitPlan> _plans = [];

    public Root PendingRoot => _pending;

    public Waits Waits { get; } = new();

    /// <summary>The address of the record's fields.</summary>
    public Term Pending => RootAt(_pending);

    private bool AnyWaits => PendingValues <= _pending.Size;

    // The record is as large as the largest of all waits.
    private int PlanWaits()
    {
        int size = 0;
        foreach (var agent in _symbol.Agents)
        {
            int number = 0;
            foreach (var handler in agent.Handlers)
            {
                var points = Waits.Of(handler);
                _plans.Add(handler, new WaitPlan(number, [.. points.Select(point => Plan(point, ref size))]));
                number += points.Length;
            }
        }

        return (size + 7) & ~7;
    }

    private PlannedWait Plan(WaitPoint point, ref int size)
    {
        int at = PendingValues;
        var values = ImmutableArray.CreateBuilder<PlannedValue>(point.Kept.Length);
        foreach (var kept in point.Kept)
        {
            var layout = Layouts.Of(kept.Type);
            at = (at + layout.Align - 1) & -layout.Align;
            values.Add(new PlannedValue(kept.Key, layout, at));
            at += layout.Size;
        }

        size = Math.Max(size, at);
        return new PlannedWait(point, values.DrainToImmutable());
    }

    /// <summary>The answer that the process waits for: the rest of the handler runs.</summary>
    private Routine Answer => Module.Routine("event.answer", [], [], body =>
    {
        if (!AnyWaits)
        {
            body.Trap(GuestTrap.MalformedEvent);
            return;
        }

        var number = body.I32(Event.Load16(EventRecord.Handler));
        body.TrapIf(Pending.Load32(PendingNumber).IsNot(number + 1), GuestTrap.MalformedEvent);
        Undo.TouchRoot(body, _pending);
        body.Store32(Pending, 0, PendingNumber);
        Switch(body, AgentIndex, [.. _symbol.Agents.Select(agent => (Action)(() => AnswerOf(body, agent, number)))],
            GuestTrap.MalformedEvent);
    });

    private void AnswerOf(Body body, AgentSymbol agent, Variable number)
    {
        Switch(
            body,
            number,
            [.. agent.Handlers.SelectMany(handler => Resumptions(body, agent, handler))],
            GuestTrap.MalformedEvent);
        if (!agent.Invariants.IsEmpty)
        {
            body.Call(InvariantsOf(agent));
        }
    }

    private IEnumerable<Action> Resumptions(Body body, AgentSymbol agent, HandlerSymbol handler) =>
        _plans[handler].Points.Select((_, place) => (Action)(() => body.Call(AskingOf(agent, handler), place + 1)));

    /// <summary>
    /// (resume): the whole handler, from its event when 0, else from the answer of its wait with that number, from 1.
    /// </summary>
    private Routine AskingOf(AgentSymbol agent, HandlerSymbol handler) => Module.Routine(
        $"{agent.Name}.{handler.Index}.{handler.Kind}", [ValType.I32], [], body =>
    {
        var emitter = new CodeEmitter(
            this, body, _symbol.Name, agent, Layouts.Of(new LangType.Unit()), _plans[handler]);
        emitter.WriteAsking(handler, Layouts.Of(AnswerOf(handler)));
    });

    /// <summary>What a pending wait keeps is free again, and nothing is pending.</summary>
    private Routine Forget => Module.Routine("event.forget", [], [], body =>
    {
        Undo.TouchRoot(body, _pending);
        EachPending(body, value => Values.DropAt(body, value.Layout, Pending + value.Offset));
        body.Store32(Pending, 0, PendingNumber);
    });

    private void ForgetPending(Body body)
    {
        if (AnyWaits)
        {
            body.If(Pending.Load32(PendingNumber), () => body.Call(Forget));
        }
    }

    private void SavePending(Body body)
    {
        body.Store32(Output.Room.Call(4), AnyWaits ? Pending.Load32(PendingNumber) : 0);
        if (AnyWaits)
        {
            EachPending(body, value => Wire.EncodeAt(body, value.Layout, Pending + value.Offset));
        }
    }

    private void LoadPending(Body body, Variable at)
    {
        var number = body.I32(at.Load32());
        body.Set(at, at + 4);
        if (!AnyWaits)
        {
            body.TrapIf(number, GuestTrap.MalformedEvent);
            return;
        }

        ForgetPending(body);
        Undo.TouchRoot(body, _pending);
        body.Store32(Pending, number, PendingNumber);
        EachPending(body, value =>
            body.Set(at, Wire.Decode(value.Layout, borrow: false).Call(Pending + value.Offset, at)));
    }

    // Runs for each value of the wait that is pending, if one is.
    private void EachPending(Body body, Action<PlannedValue> each) => body.If(Pending.Load32(PendingNumber), () =>
        Switch(body, AgentIndex, [.. _symbol.Agents.Select(agent => (Action)(() => OfAgent(body, agent, each)))],
            GuestTrap.MalformedEvent));

    private void OfAgent(Body body, AgentSymbol agent, Action<PlannedValue> each)
    {
        var points = agent.Handlers.SelectMany(handler => _plans[handler].Points);
        Switch(body, Pending.Load32(PendingNumber) - 1, [.. points.Select(point => (Action)(() => All(point)))],
            GuestTrap.MalformedEvent);

        void All(PlannedWait point)
        {
            foreach (var value in point.Values)
            {
                each(value);
            }
        }
    }
}
