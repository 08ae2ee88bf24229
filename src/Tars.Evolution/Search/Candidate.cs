using System.Collections.Immutable;
using Tars.Bundle.Schema;

namespace Tars.Evolution.Search;

/// <summary>One gene for each target of a problem, and what they are as text.</summary>
internal sealed class Candidate
{
    public Candidate(SearchProblem problem, ImmutableArray<Gene> genes)
    {
        Genes = genes;
        Texts = [.. problem.Targets.Zip(genes, TextOf)];
        Code = Texts.Length == 1
            ? Texts[0]
            : string.Join("; ", problem.Targets.Zip(Texts, (target, text) => $"{target.Name} = {text}"));
    }

    public ImmutableArray<Gene> Genes { get; }

    /// <summary>In the order of the targets: the body's expression, or the number.</summary>
    public ImmutableArray<string> Texts { get; }

    /// <summary>All of it; two candidates of one problem are the same exactly when these are.</summary>
    public string Code { get; }

    /// <summary>How many genes there are.</summary>
    public int Count => Genes.Sum(gene => gene.Count);

    private static string TextOf(SearchTarget target, Gene gene) => target switch
    {
        SearchTarget.Function function => gene.Text(function.Inputs),
        SearchTarget.Param { IsWhole: true } =>
            ((long)gene.Value).ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => FloatText.Of(gene.Value),
    };
}
