using System.Diagnostics;
using Tars.Base;
using Tars.Lang.Emitting;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Library;

/// <summary>Values as text, as in holes of templates: each is written to memory that the caller gives.</summary>
internal sealed class Formats(Emitter unit)
{
    /// <summary>Bytes that the text of any value but a text or a float with digits fits in.</summary>
    public const int Room = 40;

    /// <summary>Bytes that a float with up to nine digits after the point fits in.</summary>
    public const int DigitsRoom = 336;

    private ModuleWriter Module => unit.Module;

    /// <summary>The text of a value in a register; what is not a constant lies in the room.</summary>
    public Term TextOf(Layout layout, Term value, Term room) => layout.Type switch
    {
        LangType.Text => value,
        LangType.Bool => Term.Select(value, Module.TextValue("true"), Module.TextValue("false")),
        LangType.Variant => CaseName(layout, value),
        LangType.Float => Written(StandardModule.FloatTexts, "shortest", room, value),
        LangType.Duration => Written(StandardModule.WholeNumbers, "text_of_duration", room, value),
        LangType.Instant => Written(StandardModule.WholeNumbers, "text_of_instant", room, value),
        LangType.Int or LangType.Ref or LangType.Cap or LangType.Blob =>
            Written(StandardModule.WholeNumbers, "text_of_int", room, value),
        _ => throw new UnreachableException(),
    };

    /// <summary>The exact value of a float, rounded to so many digits after the point, half to even.</summary>
    public Term WithDigits(Term room, Term value, int count) =>
        unit.Standard(StandardModule.FloatTexts, "with_digits").Call(room.ExtendUnsigned(), value, Term.I64(count));

    private Term Written(StandardModule module, string function, Term room, Term value) =>
        unit.Standard(module, function).Call(room.ExtendUnsigned(), value);

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
}
