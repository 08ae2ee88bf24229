using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>Handler events: decode what is bound, run the code, reply, check the invariants.</summary>
internal sealed partial class Emitter
{
    private void HandleBy(Body body)
    {
        if (_symbol.Agents.IsEmpty)
        {
            body.Trap(GuestTrap.MalformedEvent);
            return;
        }

        ForgetPending(body);
        Switch(body, AgentIndex, [.. _symbol.Agents.Select(agent => (Action)(() => HandleBy(body, agent)))],
            GuestTrap.MalformedEvent);
    }

    private void HandleBy(Body body, AgentSymbol agent)
    {
        Switch(
            body,
            Event.Load16(EventRecord.Handler),
            [.. agent.Handlers.Select(handler => (Action)(() => HandleBy(body, agent, handler)))],
            GuestTrap.MalformedEvent);
        if (!agent.Invariants.IsEmpty)
        {
            body.Call(InvariantsOf(agent));
        }
    }

    private void HandleBy(Body body, AgentSymbol agent, HandlerSymbol handler)
    {
        if (_plans[handler].Points.IsEmpty)
        {
            body.Call(EventOf(agent, handler));
        }
        else
        {
            body.Call(AskingOf(agent, handler), 0);
        }
    }

    /// <summary>Decodes the payload, runs the handler and sends the answer of an ask.</summary>
    private Routine EventOf(AgentSymbol agent, HandlerSymbol handler) => Module.Routine(
        $"{agent.Name}.{handler.Index}.event", [], [], body =>
    {
        var emitter = new CodeEmitter(this, body, _symbol.Name, agent, Layouts.Of(new LangType.Unit()));
        var answer = AnswerOf(handler);
        emitter.WriteEvent(handler, RoutineOf(agent, handler, answer), Layouts.Of(answer));
    });

    private Routine RoutineOf(AgentSymbol agent, HandlerSymbol handler, LangType answer) => Code(
        handler,
        $"{agent.Name}.{handler.Index}.{handler.Kind}",
        _symbol.Name,
        agent,
        handler.Parameters,
        answer,
        () => handler.Body!);

    // An ask may decline, so its code returns a T!.
    private static LangType AnswerOf(HandlerSymbol handler) => handler.Kind == HandlerKind.Ask
        ? new LangType.Fallible(handler.Returns)
        : handler.Returns;

    private Routine InvariantsOf(AgentSymbol agent) => Module.Routine($"{agent.Name}.invariants", [], [], body =>
    {
        var emitter = new CodeEmitter(this, body, _symbol.Name, agent, Layouts.Of(new LangType.Unit()));
        emitter.WriteInvariants(agent.Invariants);
    });
}
