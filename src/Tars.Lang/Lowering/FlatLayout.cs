using System.Collections.Immutable;

namespace Tars.Lang.Lowering;

/// <summary>A type whose values lie in memory as they are encoded: eight octets for each number.</summary>
/// <param name="Size">Octets of a value, in memory and encoded.</param>
/// <param name="Floats">Where in them the floats begin, whose NaN has one form only when encoded.</param>
internal sealed record FlatLayout(int Size, ImmutableArray<int> Floats)
{
    /// <summary>Null for a type that lies otherwise.</summary>
    public static FlatLayout? Of(Layout layout)
    {
        if (layout.Shape is Shape.Int or Shape.Float)
        {
            return new FlatLayout(layout.Size, layout.Shape == Shape.Float ? [0] : []);
        }

        if (layout.Shape != Shape.Record)
        {
            return null;
        }

        int size = 0;
        var floats = ImmutableArray.CreateBuilder<int>();
        foreach (var part in layout.Parts)
        {
            if (part.Offset != size || Of(part.Layout) is not { } flat)
            {
                return null;
            }

            floats.AddRange(flat.Floats.Select(offset => part.Offset + offset));
            size += flat.Size;
        }

        return size == layout.Size ? new FlatLayout(size, floats.ToImmutable()) : null;
    }
}
