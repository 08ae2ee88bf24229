using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Tars.Base;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Evolution.Trials;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Gates;

/// <summary>A module that may change: what it is judged by, and what of it is within reach.</summary>
/// <param name="Source">The module in its one layout.</param>
/// <param name="Module">Its name.</param>
/// <param name="MetricModule">The module that reports the objective.</param>
/// <param name="Judge">A hash of all that judges it: its own text and every file that it needs.</param>
public record EvolutionProblem(
    SourceText Source,
    string Module,
    string MetricModule,
    string Metric,
    bool Minimize,
    CheckedEvolution Evolution,
    VersionId Judge)
{
    private const string Test = "test";

    private static readonly ImmutableArray<string> _splits = ["train", "validation"];

    /// <summary>What there is to learn from.</summary>
    internal LearningRuns Learning { get; private init; } = LearningRuns.Of([]);

    /// <summary>A hash of what `evolve test` judges by: the scenarios with `split: test`, the objective with its
    /// metrics, and every file that the module needs.</summary>
    public VersionId TestJudge { get; private init; }

    /// <summary>Whether there are such scenarios.</summary>
    public bool HasTest { get; private init; }

    /// <summary>The recorded runs that a next version has to come through; they judge nothing that a search measures.
    /// </summary>
    public ImmutableArray<Recording> Recordings { get; init; } = [];

    /// <param name="check">Of the module, without errors.</param>
    /// <param name="why">Why this module cannot evolve, for its author.</param>
    public static EvolutionProblem? Of(SourceText source, CheckResult check, out string why)
    {
        why = "";
        if (check.Evolution is not { } evolution)
        {
            why = "it has no `evolution`, so nothing in it may change";
            return null;
        }

        foreach (string split in _splits)
        {
            if (check.Scenarios.All(one => one.Split != split))
            {
                why = $"it has no scenario with `split: {split}`";
                return null;
            }
        }

        var judge = evolution.Objective.Environment ?? check.Module;
        string canonical = Formatter.Format(source, new DiagnosticBag());
        return new EvolutionProblem(
            new SourceText(source.Name, canonical),
            check.Module.Name,
            judge.Name,
            evolution.Objective.Name,
            !judge.Metrics.Any(one => one.Name == evolution.Objective.Name && one.Maximize),
            evolution,
            JudgeOf(canonical, check))
        {
            Learning = LearningRuns.Of(check.Scenarios),
            TestJudge = TestJudgeOf(canonical, check),
            HasTest = check.Scenarios.Any(one => one.Split == Test),
            Recordings = [.. evolution.Recorded.Select(one => Recording.Of(one.Name, one.Octets))],
        };
    }

    /// <summary>The same with another text in the place of the module's own.</summary>
    internal EvolutionProblem With(string text) => this with { Source = new SourceText(Source.Name, text) };

    private static VersionId JudgeOf(string canonical, CheckResult check) =>
        HashOf(new StringBuilder(canonical), check);

    // Of the canonical text the parts that judge, so that a version by itself has the same.
    private static VersionId TestJudgeOf(string canonical, CheckResult check)
    {
        var root = YamlReader.Read(new SourceText("canonical", canonical), new DiagnosticBag());
        var whole = new StringBuilder();
        var scenarios = ((DocumentRules.Find(root, "scenarios") as YamlNode.Sequence)?.Items ?? [])
            .Select(one => one.Value)
            .Where(one => DocumentRules.Find(one, "split") is YamlNode.Scalar { Value: Test });
        foreach (var part in scenarios.Append(DocumentRules.Find(root, "metrics"))
            .Append(DocumentRules.Find(root, "evolution", "objective")).OfType<YamlNode>())
        {
            whole.Append(canonical.AsSpan(part.Span.Start, part.Span.Length)).Append('\0');
        }

        return HashOf(whole, check);
    }

    private static VersionId HashOf(StringBuilder whole, CheckResult check)
    {
        foreach (var file in check.Files.Skip(1))
        {
            whole.Append('\0').Append(file.Source.Name).Append('\0').Append(file.Source.Text);
        }

        foreach (var load in check.Scenarios.Select(one => one.Load).OfType<CheckedLoad>())
        {
            string octets = Convert.ToHexStringLower(SHA256.HashData(load.Octets.Span));
            whole.Append('\0').Append(load.Name).Append('\0').Append(octets);
        }

        return VersionId.Of(whole.ToString());
    }
}
