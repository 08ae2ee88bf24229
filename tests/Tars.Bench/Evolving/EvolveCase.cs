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
/// <param name="Rules">Rules made by people.</param>
/// <param name="Tuned">A rule whose numbers are tuned with the same budget.</param>
/// <param name="Asked">What the median of ten seeds should come to.</param>
internal sealed record EvolveCase(
    string Name,
    string Sample,
    (string Old, string New)[] Changes,
    string Unit,
    EvolveRule[] Rules,
    string Tuned,
    double? Asked)
{
    /// <summary>What none of ten seeds should be above, where there is such a bound.</summary>
    public double? Worst { get; init; }

    private const string Gap = "float(gap)";

    // First fit needs to know which bin was opened first, which no score of its room can: so it is another loop, with
    // the same items and the same judge. Bins that are full are never looked at again.
    private static readonly (string Old, string New)[] _firstFit =
    [
        ("        var bins = 0\n", "        var bins = 0\n        var spaces: list<int> = []\n        var full = 0\n"),
        (
            """
                      for room in ranked[item] {
                        if open[room] > 0 {
                          if room == capacity { bins += 1 } else { open[room] -= 1 }
                          open[room - item] += 1
                          break
                        }
                      }

            """,
            """
                      var first = full
                      while first < spaces.len() and spaces[first] < item { first += 1 }
                      if first == spaces.len() {
                        spaces.push(capacity)
                        bins += 1
                      } else {
                        open[spaces[first]] -= 1
                      }
                      spaces[first] -= item
                      open[spaces[first]] += 1
                      while full < spaces.len() and spaces[full] == 0 { full += 1 }

            """),
    ];

    /// <summary>To add a task: a row.</summary>
    public static EvolveCase[] All { get; } =
    [
        Packing("weibull", [], 4.23, 3.98, 0.66) with
        {
            Worst = 0.85,
        },
        Uniform("or1", "120", instances: 40, 6.42, 5.81, null),
        Uniform("or2", "250", instances: 20, 6.45, 6.06, null),
        Uniform("or3", "500", instances: 12, 5.74, 5.37, 3.1),
        Uniform("or4", "1_000", instances: 6, 5.23, 4.94, null),
        new(
            "dispatch",
            "dispatch",
            [],
            "% gap",
            [
                new("SPT", 30.98, "float(time)"),
                new("MWKR", 22.45, "-float(left)"),
                new("MOPNR", 22.48, "-float(ops)"),
                new("FDD/MWKR", 20.69, "float(done) / float(left)"),
            ],
            "((float(done) / float(left)) + ((0.01 * float(time)) - (0.01 * float(wait))))",
            17.5),
        new(
            "tour",
            "tour",
            [],
            "% above 0.7124·√n",
            [new("nearest neighbour", null, "near")],
            "((near + (0.1 * home)) - (0.1 * mean))",
            null),
        new(
            "heating",
            "heating",
            [],
            "strain",
            [new("on and off round a target", null, "missing + was * band_width")],
            "((missing - (2.0 * trend)) + (0.5 * was))",
            null),
        new(
            "greenhouse",
            "greenhouse",
            [],
            "strain",
            [
                new("on and off round a target", null, "missing + was * width", "0.5"),
                new("the same in a narrow band", null, "missing + was * width", "0.2"),
                new("on and off without a band", null, "missing", "0.5"),
            ],
            "((missing - (2.0 * trend)) + ((0.5 * was) * width))",
            null),
        new(
            "scheduler",
            "policy",
            [],
            "% missed",
            [
                new("EDF", null, "slack"),
                new("round-robin", null, "-waiting"),
                new("priority", null, "-priority"),
            ],
            "(slack - (0.1 * priority))",
            null),
    ];

    /// <summary>The whole module.</summary>
    /// <param name="texts">
    /// What stands in the place of the first targets: the expression that is the whole body, or the number.
    /// </param>
    public string Text(params ImmutableArray<string> texts) => Changed(Changes, texts);

    /// <summary>The whole module with a rule that a person made.</summary>
    public string Text(EvolveRule rule) => Changed([.. Changes, .. rule.Changes], rule.Texts);

    private string Changed((string Old, string New)[] changes, ImmutableArray<string> texts)
    {
        string text = File.ReadAllText(Path);
        foreach (var (old, replacement) in changes)
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
        string name, string items, int instances, double firstFit, double bestFit, double? asked) => Packing(
            name,
            [
                (", instances: 2 }", " }"),
                (", instances: 4 }", " }"),
                (", instances: 10 }", " }"),
                ("sizes: weibull, items: 5_000", $"sizes: uniform, items: {items}, instances: {instances}"),
            ],
            firstFit,
            bestFit,
            asked);

    private static EvolveCase Packing(
        string name, (string Old, string New)[] changes, double firstFit, double bestFit, double? asked) => new(
        name,
        "packing",
        changes,
        "% excess",
        [
            new("first fit", firstFit) { Changes = _firstFit },
            new("best fit", bestFit, $"-{Gap}"),
        ],
        $"(if {Gap} < 10.0 {{ (-{Gap}) }} else {{ (0.01 * {Gap}) }})",
        asked);
}

/// <summary>A rule that a person made.</summary>
/// <param name="Published">What is published of it, or null.</param>
/// <param name="Texts">Of the first targets; none where the rule is no score, and stands in the changes.</param>
internal sealed record EvolveRule(string Name, double? Published, params ImmutableArray<string> Texts)
{
    /// <summary>What else is another in the module.</summary>
    public (string Old, string New)[] Changes { get; init; } = [];
}
