using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;

namespace Tars.Lang.Emitting;

/// <summary>List methods with a lambda, each expanded into a loop.</summary>
internal sealed partial class CodeEmitter
{
    private void PushLambda(BoundExpr.LambdaMethod lambda, Layout layout)
    {
        OpenScope();
        var list = Borrowed(lambda.Receiver, lambda.Body);
        switch (lambda.Method)
        {
            case Method.ListMap:
                PushMapped(lambda, list, layout);
                break;
            case Method.ListFilter:
                PushFiltered(lambda, list, layout);
                break;
            case Method.ListAny:
                PushAny(lambda, list);
                break;
            case Method.ListSum:
                PushSum(lambda, list, layout);
                break;
            case Method.ListSortBy:
                PushSorted(lambda, list, layout);
                break;
            default:
                throw NotHere();
        }

        CloseScope();
    }

    /// <summary>Runs for each element, with the lambda's name bound to it and a scope of its own.</summary>
    private void EachTurn(BoundExpr.LambdaMethod lambda, Variable list, Action<Variable> turn)
    {
        var element = Values.ElementOf(LayoutOf(lambda.Receiver.Type));
        Values.EachItem(_body, list, element, at => InScope(() =>
        {
            BindElement(lambda.Item, element, at)();
            turn(at);
        }));
    }

    private void PushMapped(BoundExpr.LambdaMethod lambda, Variable list, Layout layout)
    {
        var element = Values.ElementOf(layout);
        var made = Register(ValType.I32);
        var to = Register(ValType.I32);
        _body.Set(made, Lists.Make.Call(Lists.LengthOf(list), element.Size));
        _body.Set(to, made + Lists.Items);
        EachTurn(lambda, list, _ =>
        {
            Into(lambda.Body, new Home.Memory(to, 0));
            _body.Set(to, to + element.Size);
        });
        _body.Get(made);
    }

    private void PushFiltered(BoundExpr.LambdaMethod lambda, Variable list, Layout layout)
    {
        var element = Values.ElementOf(layout);
        var made = Slot(layout);
        var to = Register(ValType.I32);
        _body.Store32(made.Base, 0, made.Offset);
        EachTurn(lambda, list, at =>
        {
            PushCondition(lambda.Body);
            _body.IfPushed(() =>
            {
                _body.Set(to, Lists.Push.Call(made.Address, element.Size));
                Values.CopyPart(_body, element, to, at);
            });
        });
        _body.Push(made.Base.Load32(made.Offset));
    }

    private void PushAny(BoundExpr.LambdaMethod lambda, Variable list)
    {
        var found = Register(ValType.I32);
        _body.Set(found, 0);
        _body.Block(done => EachTurn(lambda, list, _ =>
        {
            PushCondition(lambda.Body);
            _body.Tee(found);
            _body.BreakIfPushed(done);
        }));
        _body.Get(found);
    }

    private void PushSum(BoundExpr.LambdaMethod lambda, Variable list, Layout layout)
    {
        var sum = Register(layout.Scalar!.Value);
        _body.Set(sum, 0);
        EachTurn(lambda, list, _ =>
        {
            _body.Get(sum);
            PushValue(lambda.Body);
            ApplyBinary(BoundBinaryOp.Add, lambda.Type, lambda.Type);
            _body.Pop(sum);
        });
        _body.Get(sum);
    }

    private void PushSorted(BoundExpr.LambdaMethod lambda, Variable list, Layout layout)
    {
        var element = Values.ElementOf(layout);
        var key = LayoutOf(lambda.Body.Type);
        var sorting = new Sorting(Values, key);
        var entries = Register(ValType.I32);
        var entry = Register(ValType.I32);
        var made = Register(ValType.I32);
        var to = Register(ValType.I32);
        _body.Set(entries, Lists.Make.Call(Lists.LengthOf(list), Sorting.EntrySize));
        _body.Set(entry, entries + Lists.Items);
        EachTurn(lambda, list, at =>
        {
            Into(lambda.Body, new Home.Memory(entry, Sorting.Key));
            TrapIfNaN(key, Values.Load(key, entry, Sorting.Key));
            _body.Store32(entry, at, Sorting.Item);
            _body.Set(entry, entry + Sorting.EntrySize);
        });
        _body.Set(entries, sorting.Sort.Call(entries));
        _body.Set(made, Lists.Make.Call(Lists.LengthOf(list), element.Size));
        _body.Set(entry, entries + Lists.Items);
        Values.EachItem(_body, made, element, item =>
        {
            _body.Set(to, entry.Load32(Sorting.Item));
            Values.CopyPart(_body, element, item, to);
            Values.DropAt(_body, key, entry + Sorting.Key);
            _body.Set(entry, entry + Sorting.EntrySize);
        });
        _body.Call(Values.Heap.Release, entries);
        _body.Get(made);
    }

    /// <summary>min_by and max_by: the first element whose key is least or greatest.</summary>
    private void MakeLambda(BoundExpr.LambdaMethod lambda, Layout layout, Home.Memory place)
    {
        var list = Borrowed(lambda.Receiver, lambda.Body);
        var key = LayoutOf(lambda.Body.Type);
        var best = Register(ValType.I32);
        var bestKey = Register(Values.PassedAs(key));
        var thisKey = Register(Values.PassedAs(key));
        _body.Set(best, 0);
        _body.Set(bestKey, 0);
        EachTurn(lambda, list, at =>
        {
            PushOwned(lambda.Body);
            _body.Pop(thisKey);
            TrapIfNaN(key, thisKey);
            var order = Values.Compare(key, thisKey, bestKey);
            _body.If(
                (!best).OrElse(lambda.Method == Method.ListMinBy ? order < 0 : order > 0),
                () =>
                {
                    DropHome(key, new Home.Register(bestKey));
                    _body.Set(bestKey, thisKey);
                    _body.Set(best, at);
                },
                () => DropHome(key, new Home.Register(thisKey)));
        });
        StoreFound(best, layout.Parts[0], place);
        DropHome(key, new Home.Register(bestKey));
    }
}
