using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;

namespace Tars.Lang.Emitting;

/// <summary>Writing to places: state fields, vars and what lies inside them.</summary>
/// <remarks>
/// The indexes of a place are evaluated before anything is looked up, so no code runs between finding an address and
/// writing to it. What a var holds was made in this event, so only places in state are saved for undo.
/// </remarks>
internal sealed partial class CodeEmitter
{
    /// <summary>A place that was found.</summary>
    /// <param name="IsOctet">True for an octet of bytes; the home is its address.</param>
    private readonly record struct Found(Home Home, Layout Layout, bool IsOctet);

    private Undo Undo => new(_unit.Module);

    private void EmitAssign(BoundStmt.Assign assign)
    {
        if (assign.Value is BoundSource.Value { Expr: var counted } && TryEmitCount(assign.Place, counted))
        {
            return;
        }

        var layout = LayoutOf(assign.Value.Type);
        if (layout.InMemory || assign.Value is not BoundSource.Value { Expr: var expr })
        {
            var slot = Slot(layout);
            SourceInto(assign.Value, layout, slot);
            if (!layout.InMemory)
            {
                _body.Push(slot.Value(layout));
                AssignPushed(assign.Place, layout);
                return;
            }

            var at = Locate(assign.Place, insert: true, touch: true);
            DropHome(layout, at.Home);
            Values.CopyWords(_body, ((Home.Memory)at.Home).Address, slot.Address, layout.Size);
            return;
        }

        PushOwned(expr);
        AssignPushed(assign.Place, layout);
    }

    /// <summary>Writes the value on the stack, which the place then owns.</summary>
    private void AssignPushed(BoundPlace place, Layout layout)
    {
        var value = Register(layout.Scalar!.Value);
        _body.Pop(value);
        var found = Locate(place, insert: true, touch: true);
        if (found.IsOctet)
        {
            StoreOctet(found, value);
            return;
        }

        DropHome(layout, found.Home);
        StoreHome(found.Home, layout, value);
    }

    private void StoreOctet(Found found, Variable value)
    {
        _body.TrapIf(value.Above(255L), GuestTrap.ValueOutOfRange);
        _body.Store8(((Home.Memory)found.Home).Address, value.Wrap());
    }

    private void StoreHome(Home home, Layout layout, Term value)
    {
        switch (home)
        {
            case Home.Register register:
                _body.Set(register.Variable, value);
                break;
            case Home.Memory memory:
                Values.Store(_body, layout, memory.Base, value, memory.Offset);
                break;
        }
    }

    private void EmitUpdate(BoundStmt.Update update)
    {
        var layout = LayoutOf(update.Place.Type);
        var literal = update.Value as BoundExpr.IntLiteral;
        var right = Register(LayoutOf(update.Value.Type).Scalar!.Value);
        if (literal is null)
        {
            PushValue(update.Value);
            _body.Pop(right);
        }

        var found = Locate(update.Place, insert: false, touch: true);
        if (found.IsOctet)
        {
            _body.Push(((Home.Memory)found.Home).Address.Load(Opcode.I64Load8U, ValType.I64, 0));
        }
        else
        {
            _body.Push(found.Home.Value(layout));
        }

        if (literal is null)
        {
            _body.Get(right);
            ApplyBinary(update.Op, update.Place.Type, update.Value.Type);
        }
        else if (!TryApplyLiteral(update.Op, update.Place.Type, literal.Value))
        {
            _body.Code.I64Const(literal.Value);
            ApplyBinary(update.Op, update.Place.Type, update.Value.Type);
        }

        var result = Register(layout.Scalar!.Value);
        _body.Pop(result);
        if (found.IsOctet)
        {
            StoreOctet(found, result);
        }
        else
        {
            StoreHome(found.Home, layout, result);
        }
    }

    /// <summary>Finds the address of a place.</summary>
    /// <param name="insert">True when the last step, in a map, may make the entry.</param>
    /// <param name="touch">True when the memory that holds the place is going to be written.</param>
    private Found Locate(BoundPlace place, bool insert, bool touch)
    {
        var indexes = EvaluateIndexes(place);
        var layout = LayoutOf(place.Local?.Type ?? place.State!.Type);
        if (place.Path.IsEmpty && place.Local is { } plain)
        {
            return new Found(_homes[plain], layout, IsOctet: false);
        }

        bool isState = place.State is not null;
        var home = isState ? StateHome(place) : (Home.Memory)_homes[place.Local!];
        Variable? block = null;
        bool isRoot = isState;
        bool isOctet = false;
        for (int step = 0; step < place.Path.Length; step++)
        {
            switch (place.Path[step])
            {
                case BoundStep.Field field:
                    var part = layout.Parts[field.FieldIndex];
                    home = home.At(part.Offset);
                    layout = part.Layout;
                    break;
                case BoundStep.Index index when layout.Shape == Shape.Map:
                    bool last = insert && step == place.Path.Length - 1;
                    if (last)
                    {
                        Touch(isState, isRoot, block);
                    }

                    home = FindInMap(layout, home, indexes[step]!, last);
                    layout = LayoutOf(index.Type);
                    (block, isRoot) = (null, false);
                    break;
                case BoundStep.Index index:
                    block = Register(ValType.I32);
                    _body.Set(block, home.Base.Load32(home.Offset));
                    isRoot = false;
                    isOctet = layout.Shape == Shape.Bytes;
                    home = FindInList(layout, block, indexes[step]!);
                    layout = LayoutOf(index.Type);
                    break;
            }
        }

        if (touch)
        {
            Touch(isState, isRoot, block);
        }

        return new Found(home, layout, isOctet);
    }

    private Home.Memory StateHome(BoundPlace place)
    {
        var at = Register(ValType.I32);
        _body.Set(at, _unit.StateAt(place.State!));
        return new Home.Memory(at, 0);
    }

    /// <summary>The values of all indexes of the path, in order; null for the steps that are fields.</summary>
    private Variable?[] EvaluateIndexes(BoundPlace place)
    {
        var all = place.Path.OfType<BoundStep.Index>().Select(one => one.At).ToArray();
        var values = new Variable?[place.Path.Length];
        int seen = 0;
        for (int step = 0; step < values.Length; step++)
        {
            if (place.Path[step] is BoundStep.Index index)
            {
                seen++;
                values[step] = Borrowed(index.At, all.AsSpan(seen));
            }
        }

        return values;
    }

    private void Touch(bool isState, bool isRoot, Variable? block)
    {
        if (isRoot)
        {
            Undo.TouchRoot(_body, _unit.StateRoot);
        }
        else if ((isState || _plan is not null) && block is not null) // I8
        {
            Undo.Touch(_body, block);
        }
    }

    // Both answer an address whose leaf may be written.
    private Home.Memory FindInMap(Layout map, Home.Memory home, Variable key, bool insert)
    {
        var at = Register(ValType.I32);
        _body.Set(at, insert
            ? Values.MapOf(map).Insert.Call(home.Address, key)
            : Values.MapOf(map).Locate.Call(home.Base.Load32(home.Offset), key));
        return new Home.Memory(at, 0);
    }

    private Home.Memory FindInList(Layout list, Variable block, Variable index)
    {
        var at = Register(ValType.I32);
        _body.Set(at, list.Shape == Shape.Bytes
            ? Lists.Range.Call(block, index, 1)
            : Lists.At(_body, block, index, Values.ElementOf(list).Size));
        return new Home.Memory(at, 0);
    }

    private void EmitMutate(BoundStmt.Mutate mutate)
    {
        switch (mutate.Method)
        {
            case Method.ListPush:
                EmitPush(mutate);
                return;
            case Method.ListRemoveAt:
                EmitRemoveAt(mutate);
                return;
            case Method.MapRemove:
                var key = Borrowed(mutate.Arguments[0], IndexesOf(mutate.Place));
                var map = Locate(mutate.Place, insert: false, touch: false);
                _body.Call(Values.MapOf(map.Layout).Remove, map.Home.Value(map.Layout), key);
                return;
            default:
                EmitBytesWrite(mutate);
                return;
        }
    }

    private static BoundExpr[] IndexesOf(BoundPlace place) =>
        [.. place.Path.OfType<BoundStep.Index>().Select(one => one.At)];

    private void EmitPush(BoundStmt.Mutate push)
    {
        var item = push.Arguments[0];
        var element = LayoutOf(item.Type);
        var held = Slot(element);
        Into(item, held);
        var list = Locate(push.Place, insert: false, touch: true);
        var at = Register(ValType.I32);
        _body.Set(at, Lists.Push.Call(((Home.Memory)list.Home).Address, element.Size));
        Values.CopyWords(_body, at, held.Address, element.Size);
    }

    private void EmitRemoveAt(BoundStmt.Mutate remove)
    {
        var index = Borrowed(remove.Arguments[0]);
        var list = Locate(remove.Place, insert: false, touch: false);
        var element = Values.ElementOf(list.Layout);
        var block = Register(ValType.I32);
        var at = Register(ValType.I32);
        _body.Set(block, list.Home.Value(list.Layout));
        _body.Set(at, Lists.At(_body, block, index, element.Size));
        Undo.Touch(_body, block);
        Values.DropAt(_body, element, at);
        _body.Call(Lists.Remove, block, at, element.Size);
    }

    private void EmitBytesWrite(BoundStmt.Mutate write)
    {
        var at = Borrowed(write.Arguments[0]);
        var value = Borrowed(write.Arguments[1], IndexesOf(write.Place));
        var bytes = Locate(write.Place, insert: false, touch: false);
        var block = Register(ValType.I32);
        var to = Register(ValType.I32);
        _body.Set(block, bytes.Home.Value(bytes.Layout));
        Term size = write.Method switch
        {
            Method.BytesSetU32 => 4,
            Method.BytesSetI64 => 8,
            _ => value.Load32(Lists.Length),
        };
        _body.Set(to, Lists.Range.Call(block, at, size));
        _body.If(block, () => Undo.Touch(_body, block));
        switch (write.Method)
        {
            case Method.BytesSetU32:
                _body.TrapIf(value.Above(0xFFFF_FFFFL), GuestTrap.ValueOutOfRange);
                _body.Store32(to, value.Wrap());
                break;
            case Method.BytesSetI64:
                _body.Store64(to, value);
                break;
            default:
                _body.Copy(to, value + Lists.Items, size);
                break;
        }
    }
}
