using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Library;

/// <summary>What readers of all types share: members, texts that stand for values, and saying why not.</summary>
internal sealed partial class JsonReading
{
    /// <summary>(to, text) → 1 when the text is a value of a type that JSON holds as a string.</summary>
    private Routine FromText(Layout layout) => Values.Named(
        "json.text", layout, [ValType.I32, ValType.I64], [ValType.I32], body =>
    {
        var (to, text) = (body.Parameters[0], body.Parameters[1]);
        var at = body.I32(Texts.At(text));
        var end = body.I32(Texts.End(text));
        switch (layout.Type)
        {
            case LangType.Bool:
                var isTrue = body.I32(Values.Texts.Equal.Call(text, Module.TextValue("true")));
                FailUnless(
                    body,
                    isTrue | Values.Texts.Equal.Call(text, Module.TextValue("false")),
                    ": true or false expected");
                body.Store32(to, isTrue);
                break;
            case LangType.Int:
                FailUnless(body, Parse(StandardModule.WholeNumbers, at, end), ": a whole number expected");
                body.Store64(to, Why);
                break;
            case LangType.Duration:
                ReadDuration(body, to, at, end);
                break;
            case LangType.Instant:
                FailUnless(
                    body,
                    Json("parse_instant").Call(at.ExtendUnsigned(), end.ExtendUnsigned(), to.ExtendUnsigned()),
                    ": an instant such as \"2000-01-01T00:00:00Z\" expected");
                break;
            case LangType.Bytes:
                ReadBytes(body, to, at, end);
                break;
            case LangType.Variant variant:
                foreach (var one in variant.Symbol.Cases)
                {
                    body.If(Values.Texts.Equal.Call(text, Module.TextValue(one.Name)), () =>
                    {
                        body.Store32(to, one.Index);
                        body.Return(1);
                    });
                }

                Fail(body, OneOf(layout));
                break;
            case LangType.Text:
                body.Store64(to, Values.Texts.Copy.Call(text));
                break;
            default:
                Fail(body, ": a process cannot be written as JSON");
                break;
        }

        body.Push(1);
    });

    private void ReadDuration(Body body, Variable to, Variable at, Variable end)
    {
        const string Expected = ": a duration such as \"250ms\" expected";
        var name = body.I32(Call("unit_start", at, end));
        var size = body.I64(Json("unit_size").Call(Texts.Pack(name, end - name)));
        FailUnless(body, size.IsNot(0L).AndThen(Parse(StandardModule.WholeNumbers, at, name)), Expected);
        var count = body.I64(Why);
        FailUnless(body, Json("fits").Call(count, size), Expected);
        body.Store64(to, count * size);
    }

    private void ReadBytes(Body body, Variable to, Variable at, Variable end)
    {
        var size = body.I64(Json("base64_size").Call(at.ExtendUnsigned(), (end - at).ExtendUnsigned()));
        FailUnless(body, size >= 0L, ": base64 expected");
        var made = body.I32(Values.Lists.Make.Call(size, 1));
        body.Store32(to, made);
        body.Call(Json("put_octets"), (made + Lists.Items).ExtendUnsigned(), at.ExtendUnsigned(), size);
    }

    private Term IsName(Term at, string name) =>
        Json("is_name").Call(at.ExtendUnsigned(), Module.TextValue(name));

    private static Term IsNumber(Variable at) => at.Load8().Is('-') | (at.Load8() - '0').Below(10);

    /// <summary>Not zero when the range is a number, which the cell Result then holds.</summary>
    private Term Parse(StandardModule module, Variable at, Variable end) => unit.Standard(module, "parse").Call(
        at.ExtendUnsigned(), end.ExtendUnsigned(), Term.I64(MemoryMap.Result));

    private Term ValueEnd(Variable at, Variable stop) => Json("value_end").Call(
        at.ExtendUnsigned(), stop.ExtendUnsigned(), Term.I64(DepthMax)).Wrap();

    private Term SkipBlank(Term at, Variable stop) =>
        Json("skip_blank").Call(at.ExtendUnsigned(), stop.ExtendUnsigned()).Wrap();

    // From behind a value to the next one, or to the bracket that closes.
    private void NextMember(Body body, Variable next, Variable end, Variable stop)
    {
        body.Set(next, SkipBlank(end, stop));
        body.If(next.Load8().Is(','), () => body.Set(next, SkipBlank(next + 1, stop)));
    }

    private Routine Json(string function) => unit.Standard(StandardModule.Json, function);

    private Term Call(string function, params Term[] addresses) =>
        Json(function).Call([.. addresses.Select(one => one.ExtendUnsigned())]).Wrap();

    private static int CaseOf(Layout layout, string name) =>
        ((LangType.Variant)layout.Type).Symbol.Cases.First(one => one.Name == name).Index;

    private static string OneOf(Layout layout) =>
        $": one of {string.Join(", ", ((LangType.Variant)layout.Type).Symbol.Cases.Select(one => one.Name))} expected";

    private void FailUnless(Body body, Term condition, string why) => body.If(!condition, () => Fail(body, why));

    private void Fail(Body body, string why)
    {
        Because(body, why);
        body.Return(0);
    }

    private void Because(Body body, string why) => body.Store64(MemoryMap.Result, Module.TextValue(why));

    private void Prepend(Body body, string step) => body.Call(PrependText, Module.TextValue(step));

    /// <summary>(text): it stands before why it failed.</summary>
    private Routine PrependText => Module.Routine("json.prepend", [ValType.I64], [], body =>
    {
        var step = body.Parameters[0];
        var old = body.I64(Why);
        var size = body.I32(Texts.Size(step) + Texts.Size(old));
        var block = body.I32(Values.Heap.Allocate.Call(size));
        body.Copy(block, Texts.At(step), Texts.Size(step));
        body.Copy(block + Texts.Size(step), Texts.At(old), Texts.Size(old));
        body.Call(Values.Heap.Release, Texts.At(old));
        body.Store64(MemoryMap.Result, Texts.Pack(block, size));
    });

    /// <summary>Walks the members of an object: the registers for its name and its value.</summary>
    private sealed class Member
    {
        private readonly JsonReading _json;
        private readonly Body _body;
        private readonly Variable _stop;

        public Member(JsonReading json, Body body, Variable at, Variable stop)
        {
            _json = json;
            _body = body;
            _stop = stop;
            Next = body.I32(json.SkipBlank(at + 1, stop));
            Name = body.I32();
            Start = body.I32();
            End = body.I32();
        }

        /// <summary>The quote of the next member's name, or the bracket that closes.</summary>
        public Variable Next { get; }

        /// <summary>Behind the quote.</summary>
        public Variable Name { get; }

        public Variable Start { get; }

        public Variable End { get; }

        /// <summary>Finds name and value of the next member; a name that is not Unicode fails.</summary>
        /// <param name="leave">What is done before that.</param>
        public void Open(Action leave)
        {
            _body.Set(Name, Next + 1);
            _body.If(_json.Call("string_size", Name) < 0, () =>
            {
                leave();
                _json.Fail(_body, NotUnicodeName);
            });
            var end = _json.Call("string_end", Name, _stop);
            _body.Set(Start, _json.SkipBlank(_json.SkipBlank(end, _stop) + 1, _stop));
            _body.Set(End, _json.ValueEnd(Start, _stop));
        }
    }
}
