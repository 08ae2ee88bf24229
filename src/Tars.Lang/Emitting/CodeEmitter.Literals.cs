using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>Texts with holes, lists and maps as they are written.</summary>
internal sealed partial class CodeEmitter
{
    /// <summary>Text with holes, as a fresh text: the pieces are evaluated first, then joined in one block.</summary>
    private void PushTemplate(IReadOnlyList<BoundTemplatePart> parts)
    {
        if (parts is [BoundTemplatePart.Literal only])
        {
            _body.Code.I64Const(_unit.Module.TextValue(only.Text));
            return;
        }

        OpenScope();
        var pieces = PiecesOf(parts);
        var size = Register(ValType.I64);
        var at = Register(ValType.I32);
        var block = Register(ValType.I32);
        _body.Set(size, 0L);
        foreach (var piece in pieces)
        {
            _body.Set(size, size + (piece >>> 32L));
        }

        _body.Set(block, Texts.Room.Call(size));
        _body.Set(at, block);
        foreach (var piece in pieces)
        {
            _body.Set(at, Texts.Append.Call(at, piece));
        }

        _body.Push(Texts.Pack(block, size.Wrap()));
        CloseScope();
    }

    /// <summary>The texts of the pieces of a template, in order; the innermost scope owns them.</summary>
    /// <param name="later">What else is evaluated before the pieces are used.</param>
    private List<Term> PiecesOf(IReadOnlyList<BoundTemplatePart> parts, params BoundExpr[] later)
    {
        var pieces = new List<Term>();
        for (int index = 0; index < parts.Count; index++)
        {
            var rest = parts.Skip(index + 1).OfType<BoundTemplatePart.Hole>().Select(one => one.Value);
            switch (parts[index])
            {
                case BoundTemplatePart.Literal literal:
                    pieces.Add(_unit.Module.TextValue(literal.Text));
                    break;
                case BoundTemplatePart.Hole hole:
                    pieces.Add(TextOf(hole.Value, hole.Digits, [.. rest, .. later]));
                    break;
            }
        }

        return pieces;
    }

    /// <summary>The text of a value, good until the scope closes.</summary>
    private Variable TextOf(BoundExpr value, int? digits, BoundExpr[] later)
    {
        var layout = LayoutOf(value.Type);
        var text = Register(ValType.I64);
        if (layout.Shape == Shape.Text)
        {
            PushBorrowed(value, later);
            _body.Pop(text);
            return text;
        }

        var plain = Register(Values.PassedAs(layout));
        PushBorrowed(value);
        _body.Pop(plain);
        if (digits is { } count)
        {
            var room = Slot(Formats.DigitsRoom);
            _body.Set(text, _unit.Formats.WithDigits(room.Address, plain, count));
        }
        else
        {
            var room = Slot(Formats.Room);
            // A variant with fields shows its case.
            _body.Set(text, _unit.Formats.TextOf(layout, layout.InMemory ? plain.Load32() : plain, room.Address));
        }

        return text;
    }

    private void PushList(BoundExpr.ListLiteral list, Layout layout)
    {
        if (list.Items.IsEmpty)
        {
            _body.Code.I32Const(0);
            return;
        }

        // The items are evaluated first: until then the list would hold elements that are not set.
        var element = Values.ElementOf(layout);
        OpenScope();
        var items = Slot(element.Size * list.Items.Length);
        for (int index = 0; index < list.Items.Length; index++)
        {
            Into(list.Items[index], items.At(index * element.Size));
        }

        var made = Register(ValType.I32);
        _body.Set(made, Lists.Make.Call((long)list.Items.Length, element.Size));
        _body.Copy(made + Lists.Items, items.Address, element.Size * list.Items.Length);
        _body.Get(made);
        CloseScope();
    }

    private void PushMap(BoundExpr.MapLiteral map, Layout layout)
    {
        if (map.Entries.IsEmpty)
        {
            _body.Code.I32Const(0);
            return;
        }

        var type = (LangType.Map)layout.Type;
        var value = LayoutOf(type.Value);
        OpenScope();
        var made = Slot(8);
        _body.Store32(made.Base, 0, made.Offset);
        foreach (var entry in map.Entries)
        {
            OpenScope();
            var key = Register(Values.PassedAs(LayoutOf(type.Key)));
            PushBorrowed(entry.Key, entry.Value);
            _body.Pop(key);
            var held = Slot(value);
            Into(entry.Value, held);
            var at = Register(ValType.I32);
            _body.Set(at, Values.MapOf(layout).Insert.Call(made.Address, key));
            Values.DropAt(_body, value, at);
            Values.CopyWords(_body, at, held.Address, value.Size);
            CloseScope();
        }

        _body.Push(made.Base.Load32(made.Offset));
        CloseScope();
    }
}
