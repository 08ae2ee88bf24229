using System.Collections.Immutable;

namespace Tars.Evolution.Search;

/// <summary>Says a gene shorter where arithmetic allows it, and in one order, so that duplicates look alike.</summary>
/// <remarks>
/// It is done before a candidate is code, so nothing has to hold for infinities and what is no number: what is simple
/// is a candidate like another.
/// </remarks>
internal static class GeneSimplifier
{
    public static Gene Simple(Gene gene)
    {
        if (gene.Parts.IsEmpty)
        {
            return gene;
        }

        ImmutableArray<Gene> parts = [.. gene.Parts.Select(Simple)];
        var whole = Gene.Of(gene.Kind, InOrder(gene.Kind, parts));
        return Worked(whole) ?? Short(whole);
    }

    // Of what may stand in any order, the numbers come last.
    private static ImmutableArray<Gene> InOrder(GeneKind kind, ImmutableArray<Gene> parts) =>
        kind is GeneKind.Add or GeneKind.Multiply or GeneKind.Least or GeneKind.Greatest
            && 0 < Compare(parts[0], parts[1])
            ? [parts[1], parts[0]]
            : parts;

    // Any order will do, as long as it is one.
    private static int Compare(Gene one, Gene other)
    {
        int order = (one.Kind == GeneKind.Constant).CompareTo(other.Kind == GeneKind.Constant);
        order = order != 0 ? order : one.Kind.CompareTo(other.Kind);
        order = order != 0 ? order : one.Input.CompareTo(other.Input);
        order = order != 0 ? order : one.Value.CompareTo(other.Value);
        order = order != 0 ? order : one.Count.CompareTo(other.Count);
        for (int place = 0; order == 0 && place < one.Parts.Length; place++)
        {
            order = Compare(one.Parts[place], other.Parts[place]);
        }

        return order;
    }

    // A number, where all parts are numbers.
    private static Gene? Worked(Gene gene)
    {
        if (!gene.Parts.All(part => part.Kind == GeneKind.Constant))
        {
            return null;
        }

        double One(int place) => gene.Parts[place].Value;
        double value = gene.Kind switch
        {
            GeneKind.Negate => -One(0),
            GeneKind.Absolute => Math.Abs(One(0)),
            GeneKind.Add => One(0) + One(1),
            GeneKind.Subtract => One(0) - One(1),
            GeneKind.Multiply => One(0) * One(1),
            GeneKind.Divide => One(0) / One(1),
            GeneKind.Least => Math.Min(One(0), One(1)),
            GeneKind.Greatest => Math.Max(One(0), One(1)),
            GeneKind.IfLess => One(0) < One(1) ? One(2) : One(3),
            _ => double.NaN,
        };
        return double.IsFinite(value) ? Gene.Constant(GeneMaker.Rounded(value)) : null;
    }

    private static Gene Short(Gene gene)
    {
        var parts = gene.Parts;
        bool areSame = 1 < parts.Length && Compare(parts[0], parts[1]) == 0;
        return gene.Kind switch
        {
            GeneKind.Negate when parts[0].Kind == GeneKind.Negate => parts[0].Parts[0],
            GeneKind.Negate when parts[0].Kind == GeneKind.Subtract =>
                Gene.Of(GeneKind.Subtract, parts[0].Parts[1], parts[0].Parts[0]),
            GeneKind.Absolute when parts[0].Kind is GeneKind.Absolute => parts[0],
            GeneKind.Absolute when parts[0].Kind is GeneKind.Negate => Gene.Of(GeneKind.Absolute, parts[0].Parts[0]),
            GeneKind.Add when Is(parts[1], 0) => parts[0],
            GeneKind.Subtract when Is(parts[1], 0) => parts[0],
            GeneKind.Subtract when areSame => Gene.Constant(0),
            GeneKind.Multiply when Is(parts[1], 1) => parts[0],
            GeneKind.Multiply when Is(parts[1], 0) => Gene.Constant(0),
            GeneKind.Divide when Is(parts[1], 1) => parts[0],
            GeneKind.Divide when areSame => Gene.Constant(1),
            GeneKind.Least or GeneKind.Greatest when areSame => parts[0],
            GeneKind.IfLess when areSame => parts[3],
            GeneKind.IfLess when Compare(parts[2], parts[3]) == 0 => parts[2],
            _ => gene,
        };
    }

    private static bool Is(Gene gene, double value) => gene.Kind == GeneKind.Constant && gene.Value == value;
}
