using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Library;

/// <summary>Values out of JSON: one routine for each type (docs/bundle.md, values as JSON). JSON is hostile.</summary>
/// <remarks>
/// Invariants:
///   I1  The whole document was found well formed before anything of it is read, so that what reads it meets values
///       and brackets where they must be, and only asks whether they are of the type.
///   I2  A routine answers 1, or 0 and has said why in the cell Result: what is wrong, behind it the way from here.
///       Who called it puts its own step before that.
///   I3  A value is read into zeros and is whole at every moment, so that what was read can be freed when it fails.
/// </remarks>
internal sealed partial class JsonReading(Emitter unit)
{
    private const int DepthMax = 256;
    private const string NotUnicodeName = ": a name that is not Unicode";

    private Values Values => unit.Values;

    private ModuleWriter Module => unit.Module;

    private static Term Why => Term.I32(MemoryMap.Result).Load64();

    /// <summary>(bytes, to): the value, or the Failure malformed, is put into memory.</summary>
    public Routine Decode(Layout layout) => Values.Named(
        "json.decode", layout, [ValType.I32, ValType.I32], [], body =>
    {
        var (bytes, to) = (body.Parameters[0], body.Parameters[1]);
        var value = layout.Cases[0][0];
        var failure = layout.Cases[1][0];
        var at = body.I32(bytes + Lists.Items);
        var end = body.I32(at + bytes.Load32(Lists.Length));
        var start = body.I32(0);
        body.Fill(to, 0, layout.Size);
        body.If(
            unit.Standard(StandardModule.Texts, "is_utf8").Call(at.ExtendUnsigned(), end.ExtendUnsigned()),
            () => body.Set(start, Call("document", at, end)));
        body.If(
            start,
            () => body.If(
                Read(value.Layout).Call(to + value.Offset, start, ValueEnd(start, end)), () => body.Return()),
            () => Because(body, ": not JSON"));
        Values.DropAt(body, value.Layout, to + value.Offset);
        body.Fill(to, 0, layout.Size);
        Prepend(body, "$");
        var (kind, detail) = (failure.Layout.Parts[0], failure.Layout.Parts[1]);
        body.Store32(to, 1);
        body.Store32(to, CaseOf(kind.Layout, "malformed"), failure.Offset + kind.Offset);
        body.Store64(to, Why, failure.Offset + detail.Offset);
    });

    /// <summary>(to, at, stop) → 1, or 0 when the JSON from there to there is not of the type.</summary>
    private Routine Read(Layout layout) => Values.Named(
        "json.read", layout, [ValType.I32, ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        ReadValue(body, layout, body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        body.Push(1);
    });

    private void ReadValue(Body body, Layout layout, Variable to, Variable at, Variable stop)
    {
        switch (layout.Shape)
        {
            case Shape.Unit:
                FailUnless(body, at.Load8().Is('n'), ": null expected");
                break;
            case Shape.Bool:
                FailUnless(body, at.Load8().Is('t') | at.Load8().Is('f'), ": true or false expected");
                body.Store32(to, at.Load8().Is('t'));
                break;
            case Shape.Int when layout.Type is LangType.Int:
                FailUnless(
                    body,
                    IsNumber(at).AndThen(Parse(StandardModule.WholeNumbers, at, stop)),
                    ": a whole number of 64 bits expected");
                body.Store64(to, Why);
                break;
            case Shape.Int when layout.Type is not (LangType.Duration or LangType.Instant):
                Fail(body, ": a process, capability or blob cannot be written as JSON");
                break;
            case Shape.Float:
                var number = Term.I32(MemoryMap.Result).LoadF64();
                FailUnless(
                    body,
                    IsNumber(at).AndThen(Parse(StandardModule.FloatParsing, at, stop))
                        .AndThen((number - number).Is(0.0)),
                    ": a number expected");
                body.Store64(to, Why);
                break;
            case Shape.Choice:
                FailUnless(
                    body, at.Load8().Is('"') | at.Load8().Is('{'), ": a case expected");
                FailUnless(body, at.Load8().Is('"'), OneOf(layout));
                ReadString(body, layout, to, at);
                break;
            case Shape.Text or Shape.Bytes or Shape.Int:
                FailUnless(body, at.Load8().Is('"'), ": text expected");
                ReadString(body, layout, to, at);
                break;
            case Shape.List:
                ReadList(body, Values.ElementOf(layout), to, at, stop);
                break;
            case Shape.Map:
                ReadMap(body, layout, to, at, stop);
                break;
            case Shape.Record:
                var fields = ((LangType.Record)layout.Type).Symbol;
                body.If(!Fields(layout, fields.Module, fields.Fields, layout.Parts, "").Call(to, at, stop), () =>
                    body.Return(0));
                break;
            case Shape.Variant:
                ReadVariant(body, layout, to, at, stop);
                break;
            case Shape.Optional:
                body.If(at.Load8().IsNot('n'), () =>
                {
                    body.Store32(to, 1);
                    body.If(!Read(layout.Parts[0].Layout).Call(to + layout.Parts[0].Offset, at, stop), () =>
                        body.Return(0));
                });
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void ReadString(Body body, Layout layout, Variable to, Variable at)
    {
        var start = body.I32(at + 1);
        var size = body.I32(Call("string_size", start));
        FailUnless(body, size >= 0, ": text that is not Unicode");
        var text = body.I64(Json("string_text").Call(start.ExtendUnsigned(), size.ExtendUnsigned()));
        if (layout.Shape == Shape.Text)
        {
            body.Store64(to, text);
            return;
        }

        var fits = body.I32(FromText(layout).Call(to, text));
        body.Call(Values.Heap.Release, Texts.At(text));
        body.If(!fits, () => body.Return(0));
    }

    private void ReadList(Body body, Layout element, Variable to, Variable at, Variable stop)
    {
        FailUnless(body, at.Load8().Is('['), ": a list expected");
        var next = body.I32(SkipBlank(at + 1, stop));
        var index = body.I64(0L);
        var end = body.I32();
        var item = body.I32();
        body.While(next.Load8().IsNot(']'), () =>
        {
            body.Set(end, ValueEnd(next, stop));
            body.Set(item, Values.Lists.Push.Call(to, element.Size));
            body.Fill(item, 0, element.Size); // I3
            body.If(!Read(element).Call(item, next, end), () =>
            {
                Prepend(body, "]");
                var room = Frames.Enter(body, Formats.Room);
                body.Call(PrependText, unit.Formats.TextOf(unit.Layouts.Of(CoreTypes.Int), index, room));
                Frames.Leave(body, room);
                Prepend(body, "[");
                body.Return(0);
            });
            body.Set(index, index + 1L);
            NextMember(body, next, end, stop);
        });
    }

    private void ReadMap(Body body, Layout layout, Variable to, Variable at, Variable stop)
    {
        var type = (LangType.Map)layout.Type;
        var (key, value) = (unit.Layouts.Of(type.Key), unit.Layouts.Of(type.Value));
        FailUnless(body, at.Load8().Is('{'), ": an object expected");
        var keyAt = Frames.Enter(body, 8);
        var member = new Member(this, body, at, stop);
        var found = body.I32();
        body.While(member.Next.Load8().IsNot('}'), () =>
        {
            member.Open(() => Frames.Leave(body, keyAt));
            body.Store64(keyAt, 0L);
            body.If(!ReadName(key).Call(keyAt, member.Name), () => FailInMember(body, member, keyAt));
            var code = Values.MapOf(layout);
            body.If(code.Find.Call(to.Load32(), Values.Load(key, keyAt)), () =>
            {
                Values.DropAt(body, key, keyAt);
                Because(body, ": each key once expected");
                FailInMember(body, member, keyAt);
            });
            body.Set(found, code.Insert.Call(to, Values.Load(key, keyAt)));
            Values.DropAt(body, key, keyAt);
            body.If(!Read(value).Call(found, member.Start, member.End), () => FailInMember(body, member, keyAt));
            NextMember(body, member.Next, member.End, stop);
        });
        Frames.Leave(body, keyAt);
    }

    // The way to the member by its name, as it stands for itself.
    private void FailInMember(Body body, Member member, Variable frame)
    {
        Frames.Leave(body, frame);
        var size = body.I64(Json("string_size").Call(member.Name.ExtendUnsigned()));
        var name = body.I64(Json("string_text").Call(member.Name.ExtendUnsigned(), size));
        body.Call(PrependText, name);
        body.Call(Values.Heap.Release, Texts.At(name));
        Prepend(body, ".");
        body.Return(0);
    }

    /// <summary>(to, at) → 1 when the name of a member, a string of Unicode, is of the key's type.</summary>
    private Routine ReadName(Layout key) => Values.Named(
        "json.name", key, [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        ReadString(body, key, body.Parameters[0], body.I32(body.Parameters[1] - 1));
        body.Push(1);
    });

    private void ReadVariant(Body body, Layout layout, Variable to, Variable at, Variable stop)
    {
        var cases = ((LangType.Variant)layout.Type).Symbol;
        body.If(at.Load8().Is('"'), () =>
        {
            FailUnless(body, Call("string_size", at + 1) >= 0, ": text that is not Unicode");
            foreach (var one in cases.Cases.Where(one => one.Fields.IsEmpty))
            {
                body.If(IsName(at + 1, one.Name), () =>
                {
                    body.Store32(to, one.Index);
                    body.Return(1);
                });
            }

            Fail(body, OneOf(layout));
        });
        FailUnless(body, at.Load8().Is('{'), ": a case expected");
        var member = new Member(this, body, at, stop);
        FailUnless(body, member.Next.Load8().IsNot('}'), OneOf(layout));
        member.Open(() => { });
        foreach (var one in cases.Cases.Where(one => !one.Fields.IsEmpty))
        {
            body.If(IsName(member.Name, one.Name), () =>
            {
                body.Store32(to, one.Index);
                var code = Fields(layout, cases.Module, one.Fields, layout.Cases[one.Index], $".{one.Index}");
                body.If(!code.Call(to, member.Start, member.End), () =>
                {
                    Prepend(body, $".{one.Name}");
                    body.Return(0);
                });
                FailUnless(body, SkipBlank(member.End, stop).Load8().Is('}'), OneOf(layout));
                body.Return(1);
            });
        }

        Fail(body, OneOf(layout));
    }

    /// <summary>
    /// (to, at, stop) → 1 when it is an object with these fields: members that are not fields are skipped, fields that
    /// are no members are `none` or take their default.
    /// </summary>
    /// <param name="module">Where the type was declared, for its defaults.</param>
    /// <param name="part">Tells the case of a variant.</param>
    private Routine Fields(
        Layout layout, string module, ImmutableArray<FieldSymbol> fields, ImmutableArray<Part> parts, string part) =>
        Values.Named(
            $"json.fields{part}", layout, [ValType.I32, ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (to, at, stop) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        FailUnless(body, at.Load8().Is('{'), ": an object expected");
        var found = Frames.Enter(body, 8 * fields.Length);
        body.Fill(found, 0, 8 * fields.Length);
        FindFields(body, fields, found, at, stop);
        for (int place = 0; place < fields.Length; place++)
        {
            int index = place;
            body.If(
                found.Load32(8 * index),
                () => body.If(
                    !Read(parts[index].Layout).Call(
                        to + parts[index].Offset, found.Load32(8 * index), found.Load32((8 * index) + 4)),
                    () =>
                    {
                        Frames.Leave(body, found);
                        Prepend(body, $".{fields[index].Name}");
                        body.Return(0);
                    }),
                () => FillIn(body, layout, module, fields[index], index, to + parts[index].Offset, part, found));
        }

        Frames.Leave(body, found);
        body.Push(1);
    });

    // Notes where the value of each field begins and ends.
    private void FindFields(Body body, ImmutableArray<FieldSymbol> fields, Variable found, Variable at, Variable stop)
    {
        var member = new Member(this, body, at, stop);
        body.While(member.Next.Load8().IsNot('}'), () =>
        {
            member.Open(() => Frames.Leave(body, found));
            for (int place = 0; place < fields.Length; place++)
            {
                int index = place;
                body.If(IsName(member.Name, fields[index].Name), () =>
                {
                    body.If(found.Load32(8 * index), () =>
                    {
                        Frames.Leave(body, found);
                        Fail(body, $".{fields[index].Name}: each member once expected");
                    });
                    body.Store32(found, member.Start, 8 * index);
                    body.Store32(found, member.End, (8 * index) + 4);
                });
            }

            NextMember(body, member.Next, member.End, stop);
        });
    }

    private void FillIn(
        Body body, Layout layout, string module, FieldSymbol field, int place, Term to, string part, Variable frame)
    {
        if (field.Default is { } value)
        {
            var code = Values.Named($"json.default{part}.{place}", layout, [ValType.I32], [], inner =>
                new CodeEmitter(unit, inner, module, agent: null, unit.Layouts.Of(CoreTypes.Unit)).WriteInto(
                    value, new Home.Memory(inner.Parameters[0], 0)));
            body.Call(code, to);
        }
        else if (field.Type is not LangType.Optional)
        {
            Frames.Leave(body, frame);
            Fail(body, $": `{field.Name}` is missing");
        }
    }
}
