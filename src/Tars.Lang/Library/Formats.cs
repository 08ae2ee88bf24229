using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Library;

/// <summary>Values as text, as in holes of templates: each is written to memory that the caller gives.</summary>
internal sealed class Formats(Values values)
{
    /// <summary>Bytes that the text of any value but a text or a float with digits fits in.</summary>
    public const int Room = 40;

    private static readonly (string Name, long Size)[] _units =
    [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1_000),
    ];

    private ModuleWriter Module => values.Module;

    /// <summary>The text of a value in a register; what is not a constant lies in the room.</summary>
    public Term TextOf(Layout layout, Term value, Term room) => layout.Type switch
    {
        LangType.Text => value,
        LangType.Bool => Term.Select(value, Module.TextValue("true"), Module.TextValue("false")),
        LangType.Variant => CaseName(layout, value),
        LangType.Float => new FloatTexts(Module).Shortest.Call(room, value),
        LangType.Duration => Duration.Call(room, value),
        LangType.Instant => Instant.Call(room, value),
        LangType.Int or LangType.Ref or LangType.Cap or LangType.Blob => Int.Call(room, value),
        _ => throw new UnreachableException(),
    };

    /// <summary>(room, value) → text</summary>
    public Routine Int => Module.Routine("format.int", [ValType.I32, ValType.I64], [ValType.I64], body =>
    {
        var (room, value) = (body.Parameters[0], body.Parameters[1]);
        var end = room + 20;
        var at = body.I32(end);
        var left = body.I64(Term.Select(value < 0L, -value.Get(), value));
        var tenth = body.I64();
        body.Forever(exit =>
        {
            body.Set(tenth, left.Get().OverUnsigned(10L));
            body.Set(at, at - 1);
            body.Store8(at, (left - (tenth * 10L)).Wrap() + '0');
            body.Set(left, tenth);
            body.BreakIf(exit, !left);
        });
        body.If(value < 0L, () =>
        {
            body.Set(at, at - 1);
            body.Store8(at, '-');
        });
        body.Push(Texts.Pack(at, end - at));
    });

    /// <summary>(room, value) → text: a whole number of the largest unit that divides it.</summary>
    public Routine Duration => Module.Routine("format.duration", [ValType.I32, ValType.I64], [ValType.I64], body =>
    {
        var (room, value) = (body.Parameters[0], body.Parameters[1]);
        body.If(!value, () => body.Return(Module.TextValue("0s")));
        foreach (var (name, size) in _units)
        {
            body.If(!(value.Get() % size), () =>
                body.Return(WithUnit.Call(room, value / size, Module.TextValue(name))));
        }

        body.Push(WithUnit.Call(room, value, Module.TextValue("ns")));
    });

    /// <summary>(room, value) → text: RFC 3339 in UTC, with as many digits of the second as it has.</summary>
    public Routine Instant => Module.Routine("format.instant", [ValType.I32, ValType.I64], [ValType.I64], body =>
    {
        var (room, value) = (body.Parameters[0], body.Parameters[1]);
        var nano = body.I64(value.Get() % 1_000_000_000L);
        var second = body.I64(value / 1_000_000_000L);
        body.If(nano < 0L, () =>
        {
            body.Set(nano, nano + 1_000_000_000L);
            body.Set(second, second - 1L);
        });
        var inDay = body.I64(second.Get() % 86_400L);
        body.If(inDay < 0L, () => body.Set(inDay, inDay + 86_400L));
        var day = body.I64((second - inDay) / 86_400L);
        WriteDate(body, room, day);
        var at = body.I32(room + 10);
        Digits(body, room + 11, inDay / 3600L, 2);
        Digits(body, room + 14, (inDay.Get() % 3600L) / 60L, 2);
        Digits(body, room + 17, inDay.Get() % 60L, 2);
        body.Store8(at, 'T');
        body.Store8(at, ':', 3);
        body.Store8(at, ':', 6);
        body.Set(at, room + 19);
        body.If(nano.IsNot(0L), () =>
        {
            body.Store8(at, '.');
            Digits(body, room + 20, nano, 9);
            body.Set(at, room + 29);
            body.While((at - 1).Load8().Is('0'), () => body.Set(at, at - 1));
        });
        body.Store8(at, 'Z');
        body.Push(Texts.Pack(room, at + 1 - room));
    });

    /// <summary>The name of a case, by its index.</summary>
    public Term CaseName(Layout layout, Term index)
    {
        var names = new ByteWriter();
        foreach (var one in ((LangType.Variant)layout.Type).Symbol.Cases)
        {
            names.I64(Module.TextValue(one.Name));
        }

        int table = Module.TableAt($"cases#{layout.Id}", names.Written);
        return (table + (index << 3)).Load64();
    }

    private Routine WithUnit => Module.Routine(
        "format.unit", [ValType.I32, ValType.I64, ValType.I64], [ValType.I64], body =>
    {
        var (room, value, unit) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        var number = body.I64(Int.Call(room, value));
        body.Copy(Texts.End(number), Texts.At(unit), Texts.Size(unit));
        body.Push(Texts.Pack(Texts.At(number), Texts.Size(number) + Texts.Size(unit)));
    });

    // The proleptic Gregorian calendar, with years that begin in March so that the leap day is the last.
    private static void WriteDate(Body body, Variable room, Variable day)
    {
        var shifted = body.I64(day + 719_468L);
        var era = body.I64(shifted / 146_097L);
        var inEra = body.I64(shifted - (era * 146_097L));
        var year = body.I64((inEra - (inEra / 1460L) + (inEra / 36_524L) - (inEra / 146_096L)) / 365L);
        var inYear = body.I64(inEra - ((year * 365L) + (year / 4L) - (year / 100L)));
        var march = body.I64(((inYear * 5L) + 2L) / 153L);
        var inMonth = inYear - (((march * 153L) + 2L) / 5L) + 1L;
        var month = body.I64(Term.Select(march < 10L, march + 3L, march - 9L));
        var full = year + (era * 400L) + (month <= 2L).ExtendUnsigned();
        Digits(body, room, full, 4);
        body.Store8(room, '-', 4);
        Digits(body, room + 5, month, 2);
        body.Store8(room, '-', 7);
        Digits(body, room + 8, inMonth, 2);
    }

    private static void Digits(Body body, Term at, Term value, int count)
    {
        var left = body.Borrow(ValType.I64);
        body.Set(left, value);
        for (int place = count - 1; 0 <= place; place--)
        {
            body.Store8(at, (left.Get() % 10L).Wrap() + '0', place);
            body.Set(left, left / 10L);
        }

        body.GiveBack(left);
    }
}
