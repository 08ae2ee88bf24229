using Tars.Base;

namespace Tars.Evolution.Search;

/// <summary>Draws genes, and makes new ones of old ones. The same seed draws the same.</summary>
internal sealed class GeneMaker(Xoshiro256 random, int inputs, int countMax)
{
    private const int DepthMax = 12;
    private const int DrawnDepth = 4;
    private const int Tries = 8;

    // Of whole numbers that are drawn.
    private const int SmallMax = 20;
    private const int LargeMax = 150;

    // Binary arithmetic is what most good rules are made of.
    private static readonly GeneKind[] _kinds =
    [
        GeneKind.Add, GeneKind.Add, GeneKind.Subtract, GeneKind.Subtract, GeneKind.Multiply, GeneKind.Multiply,
        GeneKind.Divide, GeneKind.Divide, GeneKind.Least, GeneKind.Greatest, GeneKind.Absolute, GeneKind.IfLess,
    ];

    private static readonly double[] _constants = [0, 0.1, 0.5, 1, 2, 3, 5, 10, 100];

    public Gene Draw() => Draw(1 + random.Next(DrawnDepth));

    /// <summary>A gene of two parents: one with a part of the other.</summary>
    public Gene Cross(Gene one, Gene other) => Small(one, () =>
        one.With(random.Next(one.Count), other.At(random.Next(other.Count))));

    /// <summary>A gene with something of it changed.</summary>
    public Gene Mutate(Gene one) => Small(one, () => random.Next(6) switch
    {
        0 => one.With(random.Next(one.Count), Draw(1 + random.Next(2))),
        1 => one.With(random.Next(one.Count), Draw(DrawnDepth - 1)),
        2 => Hoisted(one),
        3 => Wrapped(one),
        4 => OtherKind(one),
        _ => Tuned(one),
    });

    /// <summary>The same with other numbers.</summary>
    public Gene Tune(Gene one) => random.Next(2) == 0 ? Tuned(one) : Tuned(Tuned(one));

    private Gene Draw(int depth)
    {
        if (depth <= 1 || random.Next(10) == 0)
        {
            return DrawLeaf();
        }

        var kind = _kinds[random.Next(_kinds.Length)];
        return Gene.Of(kind, [.. Enumerable.Range(0, Gene.Arity(kind)).Select(_ => Draw(depth - 1))]);
    }

    // How far two inputs are apart is often what counts.
    private Gene DrawLeaf() => random.Next(10) switch
    {
        < 5 => Gene.OfInput(random.Next(inputs)),
        < 7 => Gene.Of(
            GeneKind.Subtract, Gene.OfInput(random.Next(inputs)), Gene.OfInput(random.Next(inputs))),
        _ => DrawConstant(),
    };

    // A weight, a threshold of any size, or a count: what a rule needs to tell sizes apart.
    private Gene DrawConstant() => Gene.Constant(random.Next(4) switch
    {
        0 => _constants[random.Next(_constants.Length)],
        1 => Rounded((random.NextUnit() * 4) - 2),
        2 => Rounded(Math.Pow(10, (random.NextUnit() * 4) - 2)),
        _ => 1 + random.Next(random.Next(2) == 0 ? SmallMax : LargeMax),
    });

    // What is too large is drawn again; at last the parent stays as it is and counts as a duplicate.
    private Gene Small(Gene parent, Func<Gene> draw)
    {
        for (int tries = 0; tries < Tries; tries++)
        {
            var drawn = draw();
            if (drawn.Count <= countMax && drawn.Depth <= DepthMax)
            {
                return drawn;
            }
        }

        return parent;
    }

    private Gene Hoisted(Gene one)
    {
        int place = random.Next(one.Count);
        var from = one.At(place);
        return from.Parts.IsEmpty ? one : one.With(place, from.Parts[random.Next(from.Parts.Length)]);
    }

    private Gene Wrapped(Gene one)
    {
        int place = random.Next(one.Count);
        var inner = one.At(place);
        var kind = _kinds[random.Next(_kinds.Length)];
        int at = random.Next(Gene.Arity(kind));
        return one.With(place, Gene.Of(
            kind, [.. Enumerable.Range(0, Gene.Arity(kind)).Select(index => index == at ? inner : Draw(2))]));
    }

    private Gene OtherKind(Gene one)
    {
        int place = random.Next(one.Count);
        var old = one.At(place);
        if (old.Kind == GeneKind.Input)
        {
            return one.With(place, Gene.OfInput(random.Next(inputs)));
        }

        GeneKind[] same = [.. _kinds.Where(kind => Gene.Arity(kind) == old.Parts.Length).Distinct()];
        return same.Length == 0 ? one : one.With(place, Gene.Of(same[random.Next(same.Length)], old.Parts));
    }

    private Gene Tuned(Gene one)
    {
        int[] places = [.. Enumerable.Range(0, one.Count).Where(place => one.At(place).Kind == GeneKind.Constant)];
        if (places.Length == 0)
        {
            return one.With(random.Next(one.Count), DrawConstant());
        }

        int chosen = places[random.Next(places.Length)];
        double value = one.At(chosen).Value;
        double factor = Factor();
        return one.With(chosen, Gene.Constant(Rounded(random.Next(4) == 0 ? value + factor - 1 : value * factor)));
    }

    // Up to a half more or less; every other time a tenth at most, down to a hundredth, for what is nearly right.
    private double Factor()
    {
        double width = random.Next(2) == 0 ? Math.Pow(10, -1 - random.NextUnit()) : 0.5;
        return 1 + (width * ((2 * random.NextUnit()) - 1));
    }

    /// <summary>With few digits: a rule is read by people.</summary>
    internal static double Rounded(double value) => value == 0 || !double.IsFinite(value) ? 0
        : Math.Abs(value) < 1e-4 || 1e9 < Math.Abs(value) ? Math.Sign(value)
        : Math.Round(value, Math.Abs(value) < 1 ? 4 : 3);
}
