using System.Collections.Immutable;
using Tars.Bundle.Abi;
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
        var slot = Register(ValType.I64);
        switch (tell.Target)
        {
            case BoundTarget.Slot place:
                _body.Set(slot, (long)place.Place);
                break;
            case BoundTarget.Value reference:
                PushValue(reference.Reference);
                _body.Pop(slot);
                break;
        }

        EncodeInOrder(tell.Arguments, tell.ArgumentOrder);
        _body.Call(HostCall.Send, slot, tell.Operation, MemoryBase, OutSize);
        _body.Call(Output.Reset);
    }

    private static Term MemoryBase => Term.I32(MemoryMap.OutBase).Load32();

    private static Term OutSize => Term.I32(MemoryMap.OutAt).Load32() - MemoryBase;

    /// <summary>Evaluates as written, encodes in the order of the parameters.</summary>
    private void EncodeInOrder(ImmutableArray<BoundExpr> arguments, ImmutableArray<int> order)
    {
        var values = new Variable[arguments.Length];
        for (int index = 0; index < arguments.Length; index++)
        {
            values[index] = Borrowed(arguments[index], [.. arguments.Skip(index + 1)]);
        }

        for (int parameter = 0; parameter < arguments.Length; parameter++)
        {
            int index = order.IndexOf(parameter);
            EncodeValue(LayoutOf(arguments[index].Type), values[index]);
        }
    }

    private void EncodeValue(Layout layout, Term value)
    {
        if (layout.Shape != Shape.Unit)
        {
            _body.Call(_unit.Wire.Encode(layout), value);
        }
    }

    private void EmitPublish(BoundStmt.Publish publish)
    {
        var pieces = PiecesOf(publish.Channel, publish.Value);
        var value = Borrowed(publish.Value);
        for (int index = 0; index < publish.Channel.Length; index++)
        {
            if (publish.Channel[index] is BoundTemplatePart.Hole)
            {
                _body.Call(Texts.CheckSegment, pieces[index]);
            }

            _body.Call(Output.Text, pieces[index]);
        }

        var split = Register(ValType.I32);
        _body.Set(split, OutSize);
        EncodeValue(LayoutOf(publish.Value.Type), value);
        _body.Call(
            HostCall.Publish, (long)publish.Slot, MemoryBase, split, MemoryBase + split, OutSize - split);
        _body.Call(Output.Reset);
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
        _body.Call(Output.Reset);
    }

    private void EmitTimer(BoundStmt.SetTimer timer)
    {
        var delay = Borrowed(timer.Delay);
        _body.TrapIf(timer.Every ? delay <= 0L : delay < 0L, GuestTrap.ValueOutOfRange);
        EndBatch();
        _body.Call(HostCall.SetTimer, timer.Handler, delay, timer.Every ? delay : 0L);
    }

    /// <summary>
    /// What only may stand on the right of let and =. Its value is left on the stack when it fits a register.
    /// </summary>
    private void PushSource(BoundSource source)
    {
        switch (source)
        {
            case BoundSource.Spawn spawn:
                PushSpawn(spawn);
                break;
            default:
                // An ask ends the transaction and goes on in another one; that is not built yet.
                Trap(GuestTrap.NotInForce);
                break;
        }
    }

    private void PushSpawn(BoundSource.Spawn spawn)
    {
        var slot = Register(ValType.I64);
        EncodeInOrder(spawn.Arguments, spawn.ArgumentOrder);
        _body.Set(slot, Term.I32(MemoryMap.NextSlot).Load64());
        _body.Store64(MemoryMap.NextSlot, slot + 1L);
        EndBatch();
        _body.Call(HostCall.Spawn, _unit.IndexOf(spawn.Agent), slot, MemoryBase, OutSize);
        _body.Call(Output.Reset);
        _body.Get(slot);
    }

    private void AssignSource(BoundStmt.Assign assign)
    {
        PushSource(assign.Value);
        if (assign.Value is BoundSource.Spawn)
        {
            AssignPushed(assign.Place, LayoutOf(assign.Value.Type));
        }
    }

    private void EmitLetSource(BoundStmt.Let let)
    {
        var home = NewHome(let.Local);
        _homes[let.Local] = home;
        InScope(() =>
        {
            PushSource(let.Source);
            if (let.Source is BoundSource.Spawn)
            {
                _body.Pop(((Home.Register)home).Variable);
            }
        });
        if (let.Else is { } otherwise)
        {
            // The code behind the trap is still checked by the validator, so that its names need homes.
            if (otherwise.Failure is { } name)
            {
                _homes[name] = Slot(_unit.Layouts.Failure);
            }

            InScope(() => EmitBlock(otherwise.Block));
        }
    }
}
