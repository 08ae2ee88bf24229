using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Bundle.Wasm;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Lowering;

/// <summary>The layout of every type that a module uses, worked out when first asked for.</summary>
/// <param name="failure">The built-in record that a T! may hold.</param>
internal sealed class Layouts(LangType failure)
{
    private readonly Dictionary<LangType, Layout> _known = [];

    public Layout Failure => Of(failure);

    public Layout Of(LangType type)
    {
        if (!_known.TryGetValue(type, out var layout))
        {
            // Parts first, so that they get the smaller numbers; types are not recursive.
            layout = Make(type);
            layout = layout with { Id = _known.Count };
            _known.Add(type, layout);
        }

        return layout;
    }

    private Layout Make(LangType type) => type switch
    {
        LangType.Unit => new Layout(0, type, Shape.Unit, 0, 1, Owns: false, null),
        LangType.Bool => new Layout(0, type, Shape.Bool, 4, 4, Owns: false, ValType.I32),
        LangType.Int or LangType.Duration or LangType.Instant or LangType.Ref or LangType.Cap or LangType.Blob =>
            new Layout(0, type, Shape.Int, 8, 8, Owns: false, ValType.I64),
        LangType.Float => new Layout(0, type, Shape.Float, 8, 8, Owns: false, ValType.F64),
        LangType.Text => new Layout(0, type, Shape.Text, 8, 8, Owns: true, ValType.I64),
        LangType.Bytes => new Layout(0, type, Shape.Bytes, 4, 4, Owns: true, ValType.I32),
        LangType.List => new Layout(0, type, Shape.List, 4, 4, Owns: true, ValType.I32),
        LangType.Map => new Layout(0, type, Shape.Map, 4, 4, Owns: true, ValType.I32),
        LangType.Optional optional => Tagged(type, Shape.Optional, [[Of(optional.Inner)]]),
        LangType.Fallible fallible => Tagged(type, Shape.Fallible, [[Of(fallible.Inner)], [Failure]]),
        LangType.Record record => OfRecord(type, record.Symbol),
        LangType.Variant variant when !variant.Symbol.HasPayload =>
            new Layout(0, type, Shape.Choice, 4, 4, Owns: false, ValType.I32),
        LangType.Variant variant => Tagged(
            type, Shape.Variant, [.. variant.Symbol.Cases.Select(one =>
                one.Fields.Select(field => Of(field.Type)).ToArray())]),
        _ => throw new UnreachableException(),
    };

    private Layout OfRecord(LangType type, RecordSymbol symbol)
    {
        var (parts, size, align) = Place([.. symbol.Fields.Select(field => Of(field.Type))], start: 0);
        return new Layout(0, type, Shape.Record, Math.Max(4, size), align, parts.Any(part => part.Layout.Owns), null)
        {
            Parts = parts,
        };
    }

    // The cases lie over each other behind the number that tells them apart.
    private static Layout Tagged(LangType type, Shape shape, Layout[][] cases)
    {
        var placed = cases.Select(one => Place(one, start: 4)).ToArray();
        int align = placed.Max(one => one.Align);
        int size = placed.Max(one => one.Size);
        bool owns = placed.Any(one => one.Parts.Any(part => part.Layout.Owns));
        return new Layout(0, type, shape, Up(size, align), align, owns, null)
        {
            Parts = shape == Shape.Variant ? [] : placed[0].Parts,
            Cases = [.. placed.Select(one => one.Parts)],
        };
    }

    private static (ImmutableArray<Part> Parts, int Size, int Align) Place(Layout[] layouts, int start)
    {
        var parts = ImmutableArray.CreateBuilder<Part>(layouts.Length);
        int at = start;
        int align = 4;
        foreach (var layout in layouts)
        {
            at = Up(at, layout.Align);
            parts.Add(new Part(at, layout));
            at += layout.Size;
            align = Math.Max(align, layout.Align);
        }

        return (parts.DrainToImmutable(), Up(at, align), align);
    }

    private static int Up(int value, int align) => (value + align - 1) & -align;
}
