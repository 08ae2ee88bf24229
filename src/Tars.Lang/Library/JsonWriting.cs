using System.Diagnostics;
using Tars.Bundle.Abi;
using Tars.Lang.Emitting;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Library;

/// <summary>Values as JSON, into the output: one routine for each type (docs/bundle.md, values as JSON).</summary>
internal sealed class JsonWriting(Emitter unit)
{
    private Values Values => unit.Values;

    private Output Output => new(unit.Module);

    /// <summary>(value or address): its JSON is written; a NaN or an infinity in it traps.</summary>
    public Routine Write(Layout layout) => Values.Named(
        "json.write", layout, [Values.PassedAs(layout)], [], body => WriteValue(body, layout, body.Parameters[0]));

    private void WriteAt(Body body, Layout layout, Term address, int offset = 0) =>
        body.Call(Write(layout), Values.Load(layout, address, offset));

    private void WriteValue(Body body, Layout layout, Variable value)
    {
        switch (layout.Shape)
        {
            case Shape.Unit:
                Put(body, "null");
                break;
            case Shape.Bool:
                PutText(body, layout, value, isQuoted: false);
                break;
            case Shape.Choice:
                PutText(body, layout, value, isQuoted: true);
                break;
            case Shape.Int:
                PutText(body, layout, value, layout.Type is LangType.Duration or LangType.Instant);
                break;
            case Shape.Float:
                body.TrapIf(!(value - value).Is(0.0), GuestTrap.ValueOutOfRange);
                PutText(body, layout, value, isQuoted: false);
                break;
            case Shape.Text:
                var room = Output.Room.Call(Call("quoted_size", value).Wrap());
                body.Call(Json("put_quoted"), room.ExtendUnsigned(), value);
                break;
            case Shape.Bytes:
                WriteBytes(body, value);
                break;
            case Shape.List:
                WriteList(body, Values.ElementOf(layout), value);
                break;
            case Shape.Map:
                WriteMap(body, layout, value);
                break;
            case Shape.Record:
                WriteFields(body, ((LangType.Record)layout.Type).Symbol.Fields, layout.Parts, value);
                break;
            case Shape.Variant:
                WriteCases(body, layout, value);
                break;
            case Shape.Optional:
                body.If(
                    value.Load32(),
                    () => WriteAt(body, layout.Parts[0].Layout, value, layout.Parts[0].Offset),
                    () => Put(body, "null"));
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void Put(Body body, string text) => body.Call(Output.Text, unit.Module.TextValue(text));

    private void PutText(Body body, Layout layout, Variable value, bool isQuoted)
    {
        var room = Frames.Enter(body, Formats.Room);
        var text = body.I64(unit.Formats.TextOf(layout, value, room));
        Quoted(body, isQuoted, () => body.Call(Output.Text, text));
        Frames.Leave(body, room);
    }

    private void Quoted(Body body, bool isQuoted, Action inside)
    {
        if (isQuoted)
        {
            body.Call(Output.Octet, '"');
        }

        inside();
        if (isQuoted)
        {
            body.Call(Output.Octet, '"');
        }
    }

    private void WriteBytes(Body body, Variable bytes) => Quoted(body, isQuoted: true, () =>
    {
        var size = body.I32(bytes.Load32(Lists.Length));
        var room = body.I32(Output.Room.Call((size + 2).OverUnsigned(3) << 2));
        body.Call(
            Json("put_base64"), room.ExtendUnsigned(), (bytes + Lists.Items).ExtendUnsigned(), size.ExtendUnsigned());
    });

    private void WriteList(Body body, Layout element, Variable list)
    {
        var isNext = body.I32(0);
        body.Call(Output.Octet, '[');
        Values.EachItem(body, list, element, at =>
        {
            Separate(body, isNext);
            WriteAt(body, element, at);
        });
        body.Call(Output.Octet, ']');
    }

    private void WriteMap(Body body, Layout layout, Variable map)
    {
        var type = (LangType.Map)layout.Type;
        var (key, value) = (unit.Layouts.Of(type.Key), unit.Layouts.Of(type.Value));
        var isNext = body.I32(0);
        var cursor = Frames.Enter(body, Maps.CursorSize);
        body.Call(Output.Octet, '{');
        Values.MapOf(layout).Walk(body, map, cursor, (keyAt, valueAt) =>
        {
            Separate(body, isNext);
            // What is no string as a value is one as a name.
            bool isPlain = type.Key is LangType.Bool or LangType.Int or LangType.Ref;
            Quoted(body, isPlain, () => WriteAt(body, key, keyAt));
            body.Call(Output.Octet, ':');
            WriteAt(body, value, valueAt);
        });
        body.Call(Output.Octet, '}');
        Frames.Leave(body, cursor);
    }

    private void Separate(Body body, Variable isNext)
    {
        body.If(isNext, () => body.Call(Output.Octet, ','));
        body.Set(isNext, 1);
    }

    private void WriteCases(Body body, Layout layout, Variable value)
    {
        foreach (var one in ((LangType.Variant)layout.Type).Symbol.Cases)
        {
            body.If(value.Load32().Is(one.Index), () =>
            {
                if (one.Fields.IsEmpty)
                {
                    Put(body, $"\"{one.Name}\"");
                    return;
                }

                Put(body, $"{{\"{one.Name}\":");
                WriteFields(body, one.Fields, layout.Cases[one.Index], value);
                body.Call(Output.Octet, '}');
            });
        }
    }

    private void WriteFields(
        Body body, IReadOnlyList<FieldSymbol> fields, IReadOnlyList<Part> parts, Variable value)
    {
        for (int place = 0; place < fields.Count; place++)
        {
            Put(body, $"{(place == 0 ? '{' : ',')}\"{fields[place].Name}\":");
            WriteAt(body, parts[place].Layout, value, parts[place].Offset);
        }

        Put(body, fields.Count == 0 ? "{}" : "}");
    }

    private Routine Json(string function) => unit.Standard(StandardModule.Json, function);

    private Term Call(string function, params Term[] arguments) => Json(function).Call(arguments);
}
