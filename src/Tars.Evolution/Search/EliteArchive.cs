using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Schema;

namespace Tars.Evolution.Search;

/// <summary>The best candidate of each kind that a generation ran to its end: an archive of quality and diversity
/// (MAP-Elites, Mouret and Clune 2015).</summary>
/// <remarks>What is good in a way of its own stays there, however good others are.</remarks>
internal sealed class EliteArchive
{
    private readonly SortedDictionary<EliteKind, ScoredCandidate> _elites = new(EliteKind.InOrder);
    private readonly List<EliteKind> _kinds = [];

    public IEnumerable<ScoredCandidate> Elites => _elites.Values;

    public void Take(ScoredCandidate one)
    {
        var kind = EliteKind.Of(one.Candidate);
        if (!_elites.TryGetValue(kind, out var known))
        {
            _kinds.Add(kind);
            _elites.Add(kind, one);
        }
        else if (ScoredCandidate.BestFirst.Compare(one, known) < 0)
        {
            _elites[kind] = one;
        }
    }

    /// <summary>Any of them, each as likely as the others; there has to be one.</summary>
    public ScoredCandidate Parent(Xoshiro256 random) => _elites[_kinds[random.Next(_kinds.Count)]];

    /// <summary>A line of JSON for each, in the order of the kinds.</summary>
    public ImmutableArray<string> Lines() => [.. _elites.Select(LineOf)];

    private static string LineOf(KeyValuePair<EliteKind, ScoredCandidate> pair)
    {
        var (kind, elite) = pair;
        string cell = string.Create(
            CultureInfo.InvariantCulture,
            $"\"size\":{kind.Size},\"choices\":{kind.Choices},\"inputs\":{kind.Inputs}");
        // Code of floats needs no escapes.
        string cost = FloatText.Of(elite.Score.Mean);
        return $"{{\"elite\":{{{cell}}},\"cost\":{cost},\"code\":\"{elite.Candidate.Code}\"}}";
    }
}

/// <summary>How a candidate is made, as far as an archive tells kinds apart.</summary>
/// <param name="Size">The number of genes, rounded down to a multiple of six.</param>
/// <param name="Choices">How often it takes one of two; four stands for more too.</param>
/// <param name="Inputs">How many of the inputs it looks at.</param>
internal readonly record struct EliteKind(int Size, int Choices, int Inputs)
{
    private const int SizeStep = 6;
    private const int ChoicesMax = 4;

    public static IComparer<EliteKind> InOrder { get; } = Comparer<EliteKind>.Create((one, other) =>
        (one.Size, one.Choices, one.Inputs).CompareTo((other.Size, other.Choices, other.Inputs)));

    public static EliteKind Of(Candidate candidate)
    {
        int choices = 0;
        var inputs = new HashSet<(int Target, int Input)>();
        foreach (var (target, gene) in candidate.Genes.Index())
        {
            Look(gene, target, ref choices, inputs);
        }

        return new EliteKind(candidate.Count / SizeStep * SizeStep, Math.Min(choices, ChoicesMax), inputs.Count);
    }

    private static void Look(Gene gene, int target, ref int choices, HashSet<(int Target, int Input)> inputs)
    {
        choices += gene.Kind is GeneKind.IfLess or GeneKind.Least or GeneKind.Greatest ? 1 : 0;
        if (gene.Kind == GeneKind.Input)
        {
            inputs.Add((target, gene.Input));
        }

        foreach (var part in gene.Parts)
        {
            Look(part, target, ref choices, inputs);
        }
    }
}
