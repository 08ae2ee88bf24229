using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Evolution.Analysis;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Planning;

/// <summary>What the planner `rules` proposes for a module, rule by rule, in the order of the document.</summary>
/// <remarks>
/// To add a rule: a row in <see cref="_rules"/>. A rule proposes freely: what may not be, does not compile, or does not
/// help is found out by running it.
/// </remarks>
internal sealed class RuleTable
{
    private static readonly (string Name, Func<RuleTable, IEnumerable<Proposal>> Propose)[] _rules =
    [
        (BeliefRepairs.Rule, table => BeliefRepairs.For(table._beliefs, table._root, table._evolution)),
        ("tune-suggested", table => table.Suggested()),
        ("tune-param", table => table.Params()),
        ("tune-prior", table => table.Priors()),
        ("tune-constant", table => table.InCode("tune-constant", CodeVariants.Constants)),
        ("turn-comparison", table => table.InCode("turn-comparison", CodeVariants.Comparisons)),
        ("swap-operator", table => table.InCode("swap-operator", CodeVariants.Operators)),
        ("swap-extreme", table => table.InCode("swap-extreme", CodeVariants.Extremes)),
        ("drop-part", table => table.InCode("drop-part", CodeVariants.Parts)),
    ];

    private readonly YamlNode _root;
    private readonly CheckedEvolution _evolution;
    private readonly ModuleAnalysis _findings;
    private readonly BeliefDoubts _beliefs;

    private RuleTable(EvolutionProblem problem, ModuleAnalysis findings, BeliefDoubts beliefs)
    {
        _beliefs = beliefs;
        _root = YamlReader.Read(problem.Source, new DiagnosticBag());
        _evolution = problem.Evolution;
        _findings = findings;
    }

    /// <summary>The names of all rules, in their order.</summary>
    public static ImmutableArray<string> Names { get; } = [.. _rules.Select(one => one.Name)];

    /// <summary>Every proposal for a module as it is.</summary>
    /// <param name="beliefs">Of the module as it is; the findings may be of how it was.</param>
    public static ImmutableArray<Proposal> For(
        EvolutionProblem problem, ModuleAnalysis findings, BeliefDoubts beliefs)
    {
        var table = new RuleTable(problem, findings, beliefs);
        return [.. _rules.SelectMany(rule => rule.Propose(table))];
    }

    // What the author says is the reason comes first.
    private IEnumerable<Proposal> Suggested() =>
        from finding in _findings.Of(FindingKind.Reflection)
        from proposal in Params()
        where proposal.Edits[0].Path.StartsWith(finding.Path, StringComparison.Ordinal) && finding.Path.Length != 0
        select proposal with { Rule = "tune-suggested", Why = $"{finding.Text} {proposal.Why}" };

    private IEnumerable<Proposal> Params()
    {
        foreach (var entry in DocumentRules.Mapping(_root, "params"))
        {
            string path = $"params.{entry.Key.Value}.value";
            if (entry.Value is not YamlNode.Mapping param || !DocumentRules.MayChange(path, _evolution)
                || param.Find("value") is not YamlNode.Scalar value || NumberOf(value.Value) is not { } number)
            {
                continue;
            }

            bool isInt = (param.Find("type") as YamlNode.Scalar)?.Value == "int";
            var (least, most) = RangeOf(param);
            var tries = CodeVariants.Factors.Select(factor => number * factor)
                .Concat(isInt ? [number - 1, number + 1] : [])
                .Select(one => Math.Clamp(isInt ? Math.Round(one) : CodeVariants.Rounded(one), least, most))
                .Distinct().Where(one => one != number);
            foreach (double tried in tries)
            {
                string text = CodeVariants.Text(tried, isInt);
                yield return new Proposal(
                    [new Edit.TuneNumber(path, text)],
                    "tune-param",
                    $"The param {entry.Key.Value} may do better at {text} than at {value.Value}.");
            }
        }
    }

    private IEnumerable<Proposal> Priors()
    {
        foreach (var entry in DocumentRules.Mapping(_root, "belief_graph", "beliefs"))
        {
            string path = $"belief_graph.beliefs.{entry.Key.Value}.prior";
            if (!DocumentRules.MayChange(path, _evolution)
                || (entry.Value as YamlNode.Mapping)?.Find("prior") is not YamlNode.Scalar prior
                || NumberOf(prior.Value) is not { } number)
            {
                continue;
            }

            var tries = CodeVariants.Factors
                .Select(factor => Math.Clamp(CodeVariants.Rounded(number * factor), 0, 1))
                .Distinct().Where(one => one != number);
            foreach (double tried in tries)
            {
                string text = CodeVariants.Text(tried, isInt: false);
                yield return new Proposal(
                    [new Edit.TuneNumber(path, text)],
                    "tune-prior",
                    $"Without evidence {entry.Key.Value} may better be believed at {text} than at {prior.Value}.");
            }
        }
    }

    private IEnumerable<Proposal> InCode(string rule, Func<Expr, IEnumerable<string>> others)
    {
        foreach (var (path, body) in Bodies("", _root, KeyTable.Root))
        {
            var tree = CodeTree.Of(CodeParser.ParseBody(body.Slice, new DiagnosticBag()));
            foreach (var (way, value) in CodeVariants.Expressions(tree, []))
            {
                string now = CodeForm.Flat(value);
                foreach (string other in others(value).Where(one => one != now))
                {
                    yield return new Proposal(
                        [new Edit.ReplaceExpression(path, way, other)],
                        rule,
                        $"In {path} `{Short(other)}` may do better than `{Short(now)}`.");
                }
            }
        }
    }

    // Every body of statements within reach.
    private IEnumerable<(string Path, YamlNode.Scalar Body)> Bodies(string path, YamlNode node, KeyShape shape) =>
        node switch
        {
            YamlNode.Mapping mapping => mapping.Entries.SelectMany(entry => Bodies(
                DocumentPath.Below(path, entry.Key.Value), entry.Value, Shapes.ValueOf(shape, mapping, entry))),
            YamlNode.Scalar { Style: ScalarStyle.Literal } scalar
                when Shapes.For(shape, scalar) is KeyShape.Scalar { Reading: Reading.Code }
                    && DocumentRules.MayChange(path, _evolution) => [(path, scalar)],
            _ => [],
        };

    private static (double Least, double Most) RangeOf(YamlNode.Mapping param) =>
        param.Find("range") is YamlNode.Sequence { Items: [var first, var last] }
            && first.Value is YamlNode.Scalar least && last.Value is YamlNode.Scalar most
            ? (NumberOf(least.Value) ?? double.MinValue, NumberOf(most.Value) ?? double.MaxValue)
            : (double.MinValue, double.MaxValue);

    private static double? NumberOf(string text) => double.TryParse(
        text.Replace("_", "", StringComparison.Ordinal),
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
        CultureInfo.InvariantCulture,
        out double number) && double.IsFinite(number) ? number : null;

    private static string Short(string text) => Printable.Shortened(text, Limits.ShownCodeMax);
}
