using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;

namespace Tars.Lang.Emitting;

/// <summary>
/// The code around handlers, and code that is one expression: payloads, answers, invariants, initial values.
/// </summary>
internal sealed partial class CodeEmitter
{
    /// <summary>Evaluates an expression into a place that holds nothing yet.</summary>
    public void WriteInto(BoundExpr value, Home.Memory place) => Whole(() =>
    {
        Mark(value.Span);
        Into(value, place);
    });

    /// <summary>Decodes what the event carries, calls the handler with it, and replies to an ask.</summary>
    public void WriteEvent(HandlerSymbol handler, Routine code, Layout answer) => Whole(() =>
    {
        Mark(handler.Span);
        DecodeParameters(handler.Parameters);
        CallHandler(handler, code, answer);
    });

    /// <summary>Decodes what the event carries and encodes the value of an expression over it.</summary>
    public void WriteGiven(IEnumerable<LocalSymbol> given, BoundExpr value) => Whole(() =>
    {
        Mark(value.Span);
        DecodeParameters(given);
        var layout = LayoutOf(value.Type);
        var slot = Slot(layout);
        Into(value, slot);
        Own(layout, slot);
        EncodeValue(layout, slot.Value(layout));
    });

    /// <summary>Puts what the event carries into the homes of a handler's parameters.</summary>
    private void DecodeParameters(IEnumerable<LocalSymbol> parameters)
    {
        var at = Register(ValType.I32);
        _body.Set(at, Term.I32(MemoryMap.Event).Load32() + EventRecord.Payload);
        _body.Store32(MemoryMap.InEnd, at + Term.I32(MemoryMap.Event).Load32().Load32(EventRecord.PayloadSize));
        foreach (var parameter in parameters)
        {
            var layout = LayoutOf(parameter.Type);
            if (layout.Shape == Shape.Unit)
            {
                continue;
            }

            // Texts stay in the ring, which nobody writes while the event is handled.
            bool borrow = Wire.CanBorrow(layout) && !IsKept(parameter);
            var slot = Slot(layout);
            _unit.Wire.DecodeAt(_body, layout, slot.Address, at, borrow);
            if (!borrow)
            {
                Own(layout, slot);
            }

            _homes[parameter] = slot;
        }

        _body.TrapIf(at.IsNot(Term.I32(MemoryMap.InEnd).Load32()), GuestTrap.MalformedEvent);
    }

    private void CallHandler(HandlerSymbol handler, Routine code, Layout answer)
    {
        Term[] parameters =
        [
            .. handler.Parameters.Where(_homes.ContainsKey).Select(one => _homes[one].Value(LayoutOf(one.Type))),
        ];
        if (answer.Shape == Shape.Unit)
        {
            _body.Call(code, parameters);
            return;
        }

        var slot = Slot(answer);
        // A handler that returns nothing may reach its end: that is a value, tag 0.
        StoreTag(slot, 0);
        _body.Call(code, [.. parameters, slot.Address]);
        Own(answer, slot);
        Reply(handler, answer, slot);
    }

    private void Reply(HandlerSymbol handler, Layout answer, Home.Memory slot)
    {
        if (handler.Kind != HandlerKind.Ask)
        {
            EncodeValue(answer, slot.Value(answer));
            Send(0);
            return;
        }

        // For an answer that nobody waits for nothing is done.
        _body.If(Term.I32(MemoryMap.Event).Load32().Load32(EventRecord.Turns), () =>
        {
            var status = slot.Base.Load32(slot.Offset);
            var good = answer.Cases[0];
            _body.If(
                status,
                () => EncodeValue(_unit.Layouts.Failure, slot.At(answer.Cases[1][0].Offset).Address),
                () => EncodeValue(good[0].Layout, slot.At(good[0].Offset).Value(good[0].Layout)));
            Send(status);
        });

        void Send(Term status)
        {
            _body.Call(HostCall.Reply, status, MemoryBase, OutSize);
            Output.Reset(_body);
        }
    }

    public void WriteInvariants(IEnumerable<InvariantSymbol> invariants) => Whole(() =>
    {
        // Where all hold, what ran last is a statement of the handler.
        var last = _body.I32(Term.I32(MemoryMap.Control).Load32(ControlBlock.Site));
        foreach (var invariant in invariants)
        {
            Mark(invariant.Span);
            PushCondition(invariant.Condition);
            _body.Code.Op(Opcode.I32Eqz);
            _body.IfPushed(() => Trap(GuestTrap.InvariantBroken));
        }

        _body.Store32(MemoryMap.Control, last, ControlBlock.Site);
    });
}
