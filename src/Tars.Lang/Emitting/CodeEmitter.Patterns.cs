using System.Buffers.Binary;
using System.Text;
using Tars.Bundle.Wasm;
using Tars.Lang.Binding;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>
/// Text patterns: literals must occur, each hole takes the shortest run up to the next, nothing is tried twice.
/// </summary>
internal sealed partial class CodeEmitter
{
    private void EmitPattern(BoundTextArm arm, Variable start, Variable end, Label next)
    {
        var at = Register(ValType.I32);
        byte[] first = Encoding.UTF8.GetBytes(arm.First);
        _body.Set(at, start);
        if (first.Length != 0)
        {
            _body.BreakIf(next, (end - at).Below(first.Length));
            _body.BreakIf(next, !IsLiteral(at, arm.First, first));
            _body.Set(at, at + first.Length);
        }

        if (arm.Holes.IsEmpty)
        {
            _body.BreakIf(next, at.IsNot(end));
        }

        for (int place = 0; place < arm.Holes.Length; place++)
        {
            EmitHole(arm.Holes[place], place == arm.Holes.Length - 1, at, end, next);
        }
    }

    private void EmitHole(BoundPatternHole hole, bool isLast, Variable at, Variable end, Label next)
    {
        byte[] then = Encoding.UTF8.GetBytes(hole.Then);
        var stop = Register(ValType.I32);
        if (isLast && then.Length == 0)
        {
            _body.Set(stop, end);
        }
        else if (isLast)
        {
            _body.BreakIf(next, (end - at).Below(then.Length));
            _body.Set(stop, end - then.Length);
            _body.BreakIf(next, !IsLiteral(stop, hole.Then, then));
        }
        else
        {
            _body.Set(stop, then.Length == 1
                ? Texts.FindOctet.Call(at, end, then[0])
                : Texts.Find.Call(at, end, _unit.Module.TextAt(hole.Then), then.Length));
            _body.BreakIf(next, !stop);
        }

        BindHole(hole, at, stop, next);
        if (!isLast)
        {
            _body.Set(at, stop + then.Length);
        }
    }

    private void BindHole(BoundPatternHole hole, Variable from, Variable stop, Label next)
    {
        if (hole.Local is not { } local)
        {
            return;
        }

        var value = Register(LayoutOf(local.Type).Scalar!.Value);
        switch (local.Type)
        {
            case LangType.Int:
                _body.BreakIf(next, !Parse(StandardModule.WholeNumbers, from, stop));
                _body.Set(value, Term.I32(MemoryMap.Result).Load64());
                break;
            case LangType.Float:
                _body.BreakIf(next, !Parse(StandardModule.FloatParsing, from, stop));
                _body.Set(value, Term.I32(MemoryMap.Result).LoadF64());
                break;
            default:
                _body.Set(value, Texts.Pack(from, stop - from));
                break;
        }

        var home = new Home.Register(value);
        _homes[local] = home;
        if (IsKept(local) && local.Type is LangType.Text)
        {
            // The text that it is a slice of ends before the name does.
            _body.Set(value, Texts.Copy.Call(value));
            Own(LayoutOf(local.Type), home);
        }
    }

    /// <summary>Not zero when the range is a number, which the cell Result then holds.</summary>
    private Term Parse(StandardModule module, Variable from, Variable stop) => _unit.Standard(module, "parse").Call(
        from.ExtendUnsigned(), stop.ExtendUnsigned(), Term.I64(MemoryMap.Result));

    /// <summary>
    /// True when these bytes stand at an address; there are that many. Short ones are compared as one number.
    /// </summary>
    private Term IsLiteral(Variable at, string text, byte[] literal)
    {
        if (8 < literal.Length)
        {
            return Texts.Same.Call(at, _unit.Module.TextAt(text), literal.Length);
        }

        byte[] word = new byte[8];
        literal.CopyTo(word, 0);
        long wanted = BinaryPrimitives.ReadInt64LittleEndian(word);
        long mask = literal.Length == 8 ? -1 : (1L << (8 * literal.Length)) - 1;
        return (at.Load64() & mask).Is(wanted);
    }
}
