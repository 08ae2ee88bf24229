using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Library;

namespace Tars.Lang.Emitting;

/// <summary>
/// The one pattern that is worth code of its own: <c>m[k] = (m.get(k) ?? start) + step</c> looks the key up once.
/// </summary>
internal sealed partial class CodeEmitter
{
    /// <summary>Writes the assignment when it has that form. What it means is the same as without this.</summary>
    private bool TryEmitCount(BoundPlace place, BoundExpr value)
    {
        if (value is not BoundExpr.Binary
            {
                Left: BoundExpr.Coalesce
                {
                    Left: BoundExpr.CallMethod { Method: Method.MapGet } get,
                    Right: var start,
                },
                Right: var step,
                Op: var op,
            }
            || place.Path is not [.. var path, BoundStep.Index { At: var key }]
            || !IsSamePlace(get.Receiver, place, path.Length)
            || !IsSameValue(get.Arguments[0], key)
            || LayoutOf(value.Type) is not { Owns: false, Scalar: { } scalar } layout
            || start.Type != value.Type
            || step.Type != value.Type
            || IsDisturbed(get, [start, step]))
        {
            return false;
        }

        var map = Locate(place with { Path = path, Type = get.Receiver.Type }, insert: false, touch: false);
        var code = Values.MapOf(map.Layout);
        var wanted = Borrowed(key);
        var at = Register(ValType.I32);
        var leaf = Register(ValType.I32);
        var result = Register(scalar);
        _body.Set(at, code.Find.Call(map.Home.Value(map.Layout), wanted));
        _body.Set(leaf, Writing.Term.I32(Writing.MemoryMap.Result).Load32());
        _body.Get(at);
        _body.Code.If(BlockType.Of(scalar));
        _body.Push(Library.Values.Load(layout, at));
        _body.Code.Else();
        PushCondition(start);
        _body.Code.End();
        PushValue(step);
        ApplyBinary(op, value.Type, value.Type);
        _body.Pop(result);
        bool isState = place.State is not null;
        _body.If(
            at,
            () => Touch(isState, isRoot: false, leaf),
            () =>
            {
                // The place may get its first entry, and with it another block.
                Touch(isState, isRoot: isState, block: null);
                _body.Set(at, code.InsertNew.Call(((Home.Memory)map.Home).Address, wanted));
            });
        StoreHome(new Home.Memory(at, 0), layout, result);
        return true;
    }

    /// <summary>True when the expression reads exactly the first steps of the place, which are fields.</summary>
    private static bool IsSamePlace(BoundExpr expr, BoundPlace place, int steps)
    {
        for (int step = steps - 1; 0 <= step; step--)
        {
            if (expr is not BoundExpr.Field field
                || place.Path[step] is not BoundStep.Field { FieldIndex: var index }
                || field.FieldIndex != index)
            {
                return false;
            }

            expr = field.Target;
        }

        return expr switch
        {
            BoundExpr.State state => state.Symbol == place.State,
            BoundExpr.Local local => local.Symbol == place.Local,
            _ => false,
        };
    }

    /// <summary>True when both have the same value and evaluating either does nothing else.</summary>
    private static bool IsSameValue(BoundExpr a, BoundExpr b) => (a, b) switch
    {
        (BoundExpr.Local x, BoundExpr.Local y) => x.Symbol == y.Symbol,
        (BoundExpr.State x, BoundExpr.State y) => x.Symbol == y.Symbol,
        (BoundExpr.Field x, BoundExpr.Field y) => x.FieldIndex == y.FieldIndex && IsSameValue(x.Target, y.Target),
        (BoundExpr.TextLiteral x, BoundExpr.TextLiteral y) => x.Value == y.Value,
        (BoundExpr.IntLiteral x, BoundExpr.IntLiteral y) => x.Value == y.Value,
        (BoundExpr.MakeCase { Fields: [] } x, BoundExpr.MakeCase { Fields: [] } y) => x.Case == y.Case,
        _ => false,
    };
}
