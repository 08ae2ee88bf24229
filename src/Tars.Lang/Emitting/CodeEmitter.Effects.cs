using System.Collections.Immutable;
using Tars.Bundle.Abi;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>
/// Effects: arguments are evaluated in the order of the text, then encoded, then the host call is made.
/// </summary>
internal sealed partial class CodeEmitter
{
    private Output Output => new(_unit.Module);

    private void EmitEffect(BoundStmt statement)
    {
        switch (statement)
        {
            case BoundStmt.Tell tell:
                EmitTell(tell);
                break;
            case BoundStmt.Publish publish:
                EmitPublish(publish);
                break;
            case BoundStmt.Log log:
                EmitLog(log);
                break;
            case BoundStmt.SetTimer timer:
                EmitTimer(timer);
                break;
            case BoundStmt.CancelTimer timer:
                EndBatch();
                _body.Call(HostCall.CancelTimer, timer.Handler);
                break;
            case BoundStmt.Metric metric:
                var value = Borrowed(metric.Value);
                // A NaN and the infinities differ from themselves less themselves.
                _body.TrapIf(!(value - value).Is(0.0), GuestTrap.ValueOutOfRange);
                _body.Call(HostCall.Metric, metric.Index, value);
                break;
            case BoundStmt.Observe observe:
                var strength = Borrowed(observe.Value);
                _body.TrapIf(!((strength >= 0.0) & (strength <= 1.0)), GuestTrap.ValueOutOfRange);
                EndBatch();
                _body.Call(HostCall.Observe, observe.Belief, strength, 0);
                break;
            case BoundStmt.Retract retract:
                EndBatch();
                _body.Call(HostCall.Observe, retract.Belief, 0.0, 1);
                break;
            case BoundStmt.Exit:
                EndBatch();
                _body.Call(HostCall.Exit);
                break;
            case BoundStmt.Revoke revoke:
                var slot = Borrowed(revoke.Capability);
                EndBatch();
                _body.Call(HostCall.Revoke, slot);
                break;
            default:
                throw NotHere();
        }
    }

    /// <summary>The event made a call that changes what comes next.</summary>
    private void EndBatch() => _body.Store32(MemoryMap.EndBatch, 1);

    private void EmitTell(BoundStmt.Tell tell)
    {
        var slot = SlotOf(tell.Target);
        EncodeInOrder(tell.Arguments, tell.ArgumentOrder);
        _body.Call(HostCall.Send, slot, tell.Operation, MemoryBase, OutSize);
        Output.Reset(_body);
    }

    private Variable SlotOf(BoundTarget target)
    {
        var slot = Register(ValType.I64);
        if (target is BoundTarget.Slot { Place: var place })
        {
            _body.Set(slot, (long)place);
        }
        else
        {
            PushValue(((BoundTarget.Value)target).Reference);
            _body.Pop(slot);
        }

        return slot;
    }

    private static Term MemoryBase => Term.I32(MemoryMap.OutBase).Load32();

    private static Term OutSize => Term.I32(MemoryMap.OutAt).Load32() - MemoryBase;

    /// <summary>Evaluates as written, encodes in the order of the parameters.</summary>
    private void EncodeInOrder(ImmutableArray<BoundExpr> arguments, ImmutableArray<int> order) =>
        Encode(arguments, order, InOrder(arguments));

    /// <summary>The values, in the order of the text.</summary>
    /// <param name="later">What is evaluated behind them, before they are used.</param>
    private Variable[] InOrder(ImmutableArray<BoundExpr> arguments, params BoundExpr[] later)
    {
        var values = new Variable[arguments.Length];
        for (int index = 0; index < arguments.Length; index++)
        {
            values[index] = Borrowed(arguments[index], [.. arguments.Skip(index + 1), .. later]);
        }

        return values;
    }

    private void Encode(ImmutableArray<BoundExpr> arguments, ImmutableArray<int> order, Variable[] values)
    {
        for (int parameter = 0; parameter < arguments.Length; parameter++)
        {
            int index = order.IndexOf(parameter);
            EncodeValue(LayoutOf(arguments[index].Type), values[index]);
        }
    }

    private void EncodeValue(Layout layout, Term value)
    {
        _unit.Wire.EncodeValue(_body, layout, value);
    }

    private void EmitPublish(BoundStmt.Publish publish)
    {
        var pieces = PiecesOf(publish.Channel, publish.Value);
        var value = Borrowed(publish.Value);
        for (int index = 0; index < publish.Channel.Length; index++)
        {
            if (publish.Channel[index] is BoundTemplatePart.Hole)
            {
                _body.Call(_unit.Standard(StandardModule.Texts, "check_segment"), pieces[index]);
            }

            _body.Call(Output.Text, pieces[index]);
        }

        var split = Register(ValType.I32);
        _body.Set(split, OutSize);
        EncodeValue(LayoutOf(publish.Value.Type), value);
        _body.Call(
            HostCall.Publish, (long)publish.Slot, MemoryBase, split, MemoryBase + split, OutSize - split);
        Output.Reset(_body);
    }

    private void EmitLog(BoundStmt.Log log)
    {
        BoundExpr[] rest = [.. log.Fields.Select(one => one.Value)];
        var message = Borrowed(log.Message, rest);
        var texts = new List<Variable>();
        for (int index = 0; index < rest.Length; index++)
        {
            texts.Add(TextOf(rest[index], digits: null, rest[(index + 1)..]));
        }

        var encode = _unit.Wire.Encode(LayoutOf(new LangType.Text()));
        _body.Call(encode, message);
        _body.Store32(Output.Room.Call(4), rest.Length);
        for (int index = 0; index < rest.Length; index++)
        {
            _body.Call(encode, _unit.Module.TextValue(log.Fields[index].Key));
            _body.Call(encode, texts[index]);
        }

        _body.Call(HostCall.Log, MemoryBase, OutSize);
        Output.Reset(_body);
    }

    private void EmitTimer(BoundStmt.SetTimer timer)
    {
        var delay = Borrowed(timer.Delay);
        _body.TrapIf(timer.Every ? delay <= 0L : delay < 0L, GuestTrap.ValueOutOfRange);
        EndBatch();
        _body.Call(HostCall.SetTimer, timer.Handler, delay, timer.Every ? delay : 0L);
    }

    /// <summary>The slot of the capability that is derived at the commit.</summary>
    private Variable Narrowed(BoundSource.Narrow narrow)
    {
        var from = SlotOf(narrow.From);
        var values = InOrder(narrow.Arguments);
        for (int place = 0; place < Restrictions.Of(narrow.Capability.Kind).Length; place++)
        {
            int index = narrow.ArgumentOrder.IndexOf(place);
            _body.Call(Output.Octet, 0 <= index ? 1 : 0);
            if (0 <= index)
            {
                EncodeValue(LayoutOf(narrow.Arguments[index].Type), values[index]);
            }
        }

        var slot = TakeSlot();
        _body.Call(HostCall.Narrow, from, slot, MemoryBase, OutSize);
        Output.Reset(_body);
        return slot;
    }

    /// <summary>The next slot of what this transaction makes; after it the batch must end.</summary>
    private Variable TakeSlot()
    {
        var slot = Register(ValType.I64);
        _body.Set(slot, Term.I32(MemoryMap.NextSlot).Load64());
        _body.Store64(MemoryMap.NextSlot, slot + 1L);
        EndBatch();
        return slot;
    }

    /// <summary>The slot of the process that is born at the commit.</summary>
    private Variable Spawned(BoundSource.Spawn spawn)
    {
        EncodeInOrder(spawn.Arguments, spawn.ArgumentOrder);
        var slot = TakeSlot();
        _body.Call(HostCall.Spawn, _unit.IndexOf(spawn.Agent), slot, MemoryBase, OutSize);
        Output.Reset(_body);
        return slot;
    }
}
