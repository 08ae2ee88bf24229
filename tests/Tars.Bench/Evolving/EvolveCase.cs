using System.Collections.Immutable;
using System.Text;
using Tars.Evolution.Edits;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Host.Files;
using Tars.Lang.Checking;

namespace Tars.Bench.Evolving;

/// <summary>One task of the search: a sample as it stands or with other instances, and what is known of it.</summary>
/// <param name="Unit">Of the objective.</param>
/// <param name="Rules">Rules made by people: name, the body of the function, what is published of it.</param>
/// <param name="Tuned">A rule whose numbers are tuned with the same budget.</param>
/// <param name="Asked">What the median of ten seeds should come to.</param>
internal sealed record EvolveCase(
    string Name,
    string Sample,
    (string Old, string New)[] Changes,
    string Unit,
    (string Name, string Code, double? Published)[] Rules,
    string Tuned,
    double? Asked)
{
    /// <summary>What none of ten seeds should be above, where there is such a bound.</summary>
    public double? Worst { get; init; }

    private const string Gap = "(float(left) - float(item))";

    /// <summary>To add a task: a row.</summary>
    public static EvolveCase[] All { get; } =
    [
        Packing("weibull", [], 3.98, 0.66) with
        {
            Worst = 0.85,
        },
        Uniform("or1", "120", instances: 40, 5.81, null),
        Uniform("or2", "250", instances: 20, 6.06, null),
        Uniform("or3", "500", instances: 12, 5.37, 3.1),
        Uniform("or4", "1_000", instances: 6, 4.94, null),
        new(
            "dispatch",
            "dispatch",
            [],
            "% gap",
            [
                ("SPT", "float(time)", 30.98),
                ("MWKR", "-float(left)", 22.45),
                ("MOPNR", "-float(ops)", 22.48),
                ("FDD/MWKR", "float(done) / float(left)", 20.69),
            ],
            "((float(done) / float(left)) + ((0.01 * float(time)) - (0.01 * float(wait))))",
            17.5),
        new(
            "tour",
            "tour",
            [],
            "% above 0.7124·√n",
            [("nearest neighbour", "near", null)],
            "((near + (0.1 * home)) - (0.1 * mean))",
            null),
        new(
            "heating",
            "heating",
            [],
            "strain",
            [("on and off round a target", "missing + was * band_width", null)],
            "((missing - (2.0 * trend)) + (0.5 * was))",
            null),
        new(
            "scheduler",
            "policy",
            [],
            "% missed",
            [("EDF", "slack", null), ("round-robin", "-waiting", null), ("priority", "-priority", null)],
            "(slack - (0.1 * priority))",
            null),
    ];

    /// <summary>The whole module.</summary>
    /// <param name="texts">
    /// What stands in the place of the first targets: the expression that is the whole body, or the number.
    /// </param>
    public string Text(params ImmutableArray<string> texts)
    {
        string text = File.ReadAllText(Path);
        foreach (var (old, replacement) in Changes)
        {
            text = text.Contains(old, StringComparison.Ordinal)
                ? text.Replace(old, replacement, StringComparison.Ordinal)
                : throw new InvalidOperationException($"{Name}: {Sample} has no `{old}` any more");
        }

        var problem = Problem(text);
        ImmutableArray<Edit> edits = [.. problem.Targets.Zip(texts, EditOf)];
        return EditApplication.Apply(problem.Source, edits) is EditResult.Edited edited
            ? edited.Text
            : throw new InvalidOperationException($"{Name}: it cannot be edited");
    }

    private static Edit EditOf(SearchTarget target, string text) => target is SearchTarget.Function
        ? new Edit.Set(target.Path, new DataNode.Text($"return {text}"))
        : new Edit.TuneNumber(target.Path, text);

    public string Path => System.IO.Path.Combine(Repository.Root, "samples", Sample + ".tars");

    public SearchProblem Problem(string text)
    {
        var files = ModuleFiles.Of(Path, Encoding.UTF8.GetBytes(text));
        return SearchProblem.Of(files.Source, ModuleChecker.Check(files.Source, files), out string why)
            ?? throw new InvalidOperationException($"{Name}: {why}");
    }

    public SearchParts Parts(string text, int workers) => new(Path, text, workers);

    // Short instances say little each, so a run has several.
    private static EvolveCase Uniform(
        string name, string items, int instances, double bestFit, double? asked) => Packing(
            name,
            [
                (", instances: 2 }", " }"),
                (", instances: 3 }", " }"),
                (", instances: 5 }", " }"),
                ("sizes: weibull, items: 5_000", $"sizes: uniform, items: {items}, instances: {instances}"),
            ],
            bestFit,
            asked);

    private static EvolveCase Packing(
        string name, (string Old, string New)[] changes, double bestFit, double? asked) => new(
        name,
        "packing",
        changes,
        "% excess",
        [("best fit", $"-{Gap}", bestFit)],
        $"(if {Gap} < 10.0 {{ (-{Gap}) }} else {{ (0.01 * {Gap}) }})",
        asked);
}
