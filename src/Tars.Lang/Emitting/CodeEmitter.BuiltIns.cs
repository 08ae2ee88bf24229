using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>Built-in functions and the methods of values.</summary>
internal sealed partial class CodeEmitter
{
    private void PushBuiltIn(BoundExpr.CallBuiltIn call, Layout layout)
    {
        bool isFloat = call.Type is LangType.Float;
        switch (call.BuiltIn)
        {
            case BuiltIn.Now:
                _body.Push(Term.I32(MemoryMap.Event).Load32().Load64(EventRecord.Instant));
                break;
            case BuiltIn.Random:
                _body.Push(_unit.Randoms.Float);
                break;
            case BuiltIn.RandomInt:
                _body.Push(_unit.Randoms.Int(Borrowed(call.Arguments[0]), Borrowed(call.Arguments[1])));
                break;
            case BuiltIn.Abs when !isFloat:
                PushArguments(call);
                _body.CallPushed(_unit.Numbers.Absolute);
                break;
            case BuiltIn.Min or BuiltIn.Max when !isFloat:
                PushExtreme(call);
                break;
            case BuiltIn.Clamp:
                PushClamp(call);
                break;
            case BuiltIn.ListOf:
                PushListOf(call, layout);
                break;
            case BuiltIn.BlobOf:
                OpenScope();
                PushBorrowed(call.Arguments[0]);
                _body.CallPushed(_unit.Blobs.Make);
                CloseScope();
                break;
            default:
                PushArguments(call);
                PushSimpleBuiltIn(call.BuiltIn);
                break;
        }
    }

    private void PushArguments(BoundExpr.CallBuiltIn call)
    {
        foreach (var argument in call.Arguments)
        {
            PushValue(argument);
        }
    }

    private void PushSimpleBuiltIn(BuiltIn builtIn)
    {
        switch (builtIn)
        {
            case BuiltIn.Abs:
                _body.Code.Op(Opcode.F64Abs);
                break;
            case BuiltIn.Min:
                _body.Code.Op(Opcode.F64Min);
                break;
            case BuiltIn.Max:
                _body.Code.Op(Opcode.F64Max);
                break;
            case BuiltIn.Sqrt:
                _body.Code.Op(Opcode.F64Sqrt);
                break;
            case BuiltIn.Ceil:
                _body.Code.Op(Opcode.F64Ceil);
                break;
            case BuiltIn.Round:
                _body.Code.Op(Opcode.F64Nearest);
                break;
            case BuiltIn.FloatOfInt:
                _body.Code.Op(Opcode.F64ConvertI64S);
                break;
            case BuiltIn.IntOfFloat:
                _body.CallPushed(_unit.Numbers.OfFloat);
                break;
            case BuiltIn.BytesOf:
                _body.CallPushed(Lists.Zeros);
                break;
            case BuiltIn.Exp:
                _body.CallPushed(_unit.Standard(StandardModule.Elementary, "exponential"));
                break;
            case BuiltIn.Ln:
                _body.CallPushed(_unit.Standard(StandardModule.Elementary, "logarithm"));
                break;
            case BuiltIn.Pow:
                _body.CallPushed(_unit.Standard(StandardModule.Powers, "power"));
                break;
            case BuiltIn.Sin:
                _body.CallPushed(_unit.Standard(StandardModule.Circular, "sine"));
                break;
            case BuiltIn.Cos:
                _body.CallPushed(_unit.Standard(StandardModule.Circular, "cosine"));
                break;
            case BuiltIn.Atan2:
                _body.CallPushed(_unit.Standard(StandardModule.Elementary, "angle_of"));
                break;
            default:
                throw NotHere();
        }
    }

    private void PushExtreme(BoundExpr.CallBuiltIn call)
    {
        var a = Borrowed(call.Arguments[0]);
        var b = Borrowed(call.Arguments[1]);
        _body.Push(Term.Select(call.BuiltIn == BuiltIn.Min ? b < a : b > a, b, a));
    }

    private void PushClamp(BoundExpr.CallBuiltIn call)
    {
        var x = Borrowed(call.Arguments[0]);
        var low = Borrowed(call.Arguments[1]);
        var high = Borrowed(call.Arguments[2]);
        _body.Push(Term.Select(x < low, low, Term.Select(x > high, high, x)));
    }

    private void PushListOf(BoundExpr.CallBuiltIn call, Layout layout)
    {
        var element = Values.ElementOf(layout);
        OpenScope();
        var count = Borrowed(call.Arguments[0]);
        var item = Materialize(call.Arguments[1]);
        var made = Register(ValType.I32);
        _body.Set(made, Lists.Make.Call(count, element.Size));
        Values.EachItem(_body, made, element, at => Values.CopyPart(_body, element, at, item.Address));
        _body.Get(made);
        CloseScope();
    }

    private void PushMethod(BoundExpr.CallMethod call, Layout layout)
    {
        switch (call.Method)
        {
            case Method.TextTrim:
                // The result is a slice: who holds the text holds it.
                PushBorrowed(call.Receiver);
                _body.CallPushed(Texts.Trim);
                return;
        }

        OpenScope();
        PushBorrowed(call.Receiver, [.. call.Arguments]);
        for (int index = 0; index < call.Arguments.Length; index++)
        {
            PushBorrowed(call.Arguments[index], [.. call.Arguments.Skip(index + 1)]);
        }

        ApplyMethod(call, LayoutOf(call.Receiver.Type), layout);
        CloseScope();
    }

    /// <summary>Receiver and arguments lie on the stack.</summary>
    private void ApplyMethod(BoundExpr.CallMethod call, Layout receiver, Layout layout)
    {
        switch (call.Method)
        {
            case Method.TextSize:
                _body.Code.I64Const(32).Op(Opcode.I64ShrU);
                break;
            case Method.ListLen or Method.MapLen or Method.BytesLen:
                _body.Code.Load(Opcode.I64Load32U);
                break;
            case Method.MapHas:
                _body.CallPushed(Values.MapOf(receiver).Find);
                _body.Code.Op(Opcode.I32Eqz).Op(Opcode.I32Eqz);
                break;
            case Method.MapKeys:
                _body.CallPushed(Values.MapOf(receiver).KeysOf(layout));
                break;
            case Method.ListTake:
                _body.CallPushed(Values.Take(receiver));
                break;
            default:
                _body.CallPushed(SimpleMethod(call.Method));
                break;
        }
    }

    private Routine SimpleMethod(Method method) => method switch
    {
        Method.TextContains => Texts.Contains,
        Method.TextStartsWith => Texts.StartsWith,
        Method.TextLower => _unit.Standard(StandardModule.Texts, "lower"),
        Method.TextSplit => _unit.Standard(StandardModule.Texts, "split"),
        Method.TextReplace => _unit.Standard(StandardModule.Texts, "replace"),
        Method.TextToBytes => Lists.OfText,
        Method.ListJoin => _unit.Standard(StandardModule.Texts, "join"),
        Method.BytesSlice => Lists.Slice,
        Method.BytesCrc32 => _unit.Standard(StandardModule.Octets, "crc32"),
        Method.BytesU32 => Lists.U32,
        Method.BytesI64 => Lists.I64,
        Method.BlobLen => _unit.Blobs.LengthOf,
        Method.BlobRead => _unit.Blobs.Read,
        _ => throw NotHere(),
    };

    private void MakeBuiltIn(BoundExpr.CallBuiltIn call, Layout layout, Home.Memory place)
    {
        switch (call.BuiltIn)
        {
            case BuiltIn.JsonDecode:
                PushBorrowed(call.Arguments[0]);
                _body.Push(place.Address);
                _body.CallPushed(_unit.JsonReading.Decode(layout));
                break;
            case BuiltIn.JsonResponse:
                var status = Borrowed(call.Arguments[0], call.Arguments[1]);
                var value = Borrowed(call.Arguments[1]);
                MakeResponse(status, LayoutOf(call.Arguments[1].Type), value, layout, place);
                break;
            default:
                throw NotHere();
        }
    }

    /// <summary>The record Response: status, headers, body.</summary>
    private void MakeResponse(Variable status, Layout type, Variable value, Layout layout, Home.Memory place)
    {
        var headers = layout.Parts[1];
        _body.Store64(place.Base, status, place.Offset + layout.Parts[0].Offset);
        _body.Store32(place.Base, 0, place.Offset + headers.Offset);
        var at = Register(ValType.I32);
        var map = Values.MapOf(headers.Layout);
        _body.Set(at, map.Insert.Call(place.At(headers.Offset).Address, _unit.Module.TextValue("content-type")));
        _body.Store64(at, _unit.Module.TextValue("application/json"));
        _body.Call(_unit.JsonWriting.Write(type), value);
        _body.Store32(
            place.Base, Lists.OfRange.Call(MemoryBase, OutSize), place.Offset + layout.Parts[2].Offset);
        Output.Reset(_body);
    }

    private void MakeMethod(BoundExpr.CallMethod call, Layout layout, Home.Memory place)
    {
        var part = layout.Parts[0];
        switch (call.Method)
        {
            case Method.MapGet:
                var maybe = Open(call, keep: true);
                _body.If(
                    maybe.Has,
                    () =>
                    {
                        StoreTag(place, 1);
                        Values.CopyPart(_body, part.Layout, place.At(part.Offset).Address, maybe.Address.Address);
                    },
                    () => StoreTag(place, 0));
                break;
            case Method.ListMax:
                MakeListMax(Borrowed(call.Receiver), part, place);
                break;
            case Method.BytesToText:
                var bytes = Borrowed(call.Receiver);
                var at = bytes + Lists.Items;
                var size = bytes.Load32(Lists.Length);
                var isText = _unit.Standard(StandardModule.Texts, "is_utf8");
                _body.If(
                    isText.Call(at.ExtendUnsigned(), (at + size).ExtendUnsigned()),
                    () =>
                    {
                        StoreTag(place, 1);
                        _body.Store64(place.Base, Texts.Copy.Call(Texts.Pack(at, size)), place.Offset + part.Offset);
                    },
                    () => StoreTag(place, 0));
                break;
            default:
                throw NotHere();
        }
    }

    private void MakeListMax(Variable list, Part part, Home.Memory place)
    {
        var element = part.Layout;
        var best = Register(ValType.I32);
        _body.Set(best, 0);
        Values.EachItem(_body, list, element, at =>
        {
            var value = Values.Load(element, at);
            TrapIfNaN(element, value);
            _body.If(
                (!best).OrElse(Values.Compare(element, value, Values.Load(element, best)) > 0),
                () => _body.Set(best, at));
        });
        StoreFound(best, part, place);
    }

    /// <summary>A copy of the element at the address, or none for 0.</summary>
    private void StoreFound(Variable found, Part part, Home.Memory place) => _body.If(
        found,
        () =>
        {
            StoreTag(place, 1);
            Values.CopyPart(_body, part.Layout, place.At(part.Offset).Address, found);
        },
        () => StoreTag(place, 0));

    private void TrapIfNaN(Layout layout, Term value)
    {
        if (layout.Shape == Shape.Float)
        {
            _body.TrapIf(value.IsNot(value), GuestTrap.ValueOutOfRange);
        }
    }
}
