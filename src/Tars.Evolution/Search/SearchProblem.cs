using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Parsing;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Search;

/// <summary>What is searched for in a module: one pure function of numbers, by which objective, on which scenarios.
/// </summary>
/// <param name="Source">The module in its one layout.</param>
/// <param name="Inputs">What stands for each parameter in an expression of floats.</param>
/// <param name="Parameters">The same by their bare names.</param>
/// <param name="MetricModule">The module that reports the objective.</param>
public sealed record SearchProblem(
    SourceText Source,
    string Function,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Parameters,
    string MetricModule,
    string Metric,
    bool Minimize,
    CheckedEvolution Evolution)
{
    private const string Prefix = "functions.";
    private const string Suffix = ".do";

    // The block and its return.
    private const int NodesAround = 2;
    private const int NodesDefault = 60;

    /// <summary>The function as it is, or null when it is no expression that the search could make.</summary>
    internal Gene? First { get; private init; }

    /// <summary>Nodes of an expression.</summary>
    internal int NodesMax => (Evolution.NodesAtMost ?? NodesDefault) - NodesAround;

    public string Path => Prefix + Function + Suffix;

    /// <param name="check">Of the module, without errors.</param>
    /// <param name="why">Why this module cannot be searched, for its author.</param>
    public static SearchProblem? Of(SourceText source, CheckResult check, out string why)
    {
        why = "";
        if (check.Evolution is not { } evolution)
        {
            why = "it has no `evolution`, so nothing in it may change";
            return null;
        }

        if (!evolution.MayChange.All(path => path.StartsWith(Prefix, StringComparison.Ordinal))
            || evolution.MayChange is not [var path] || NameIn(path) is not { } name
            || check.Module.Functions.FirstOrDefault(one => one.Name == name) is not { } function)
        {
            why = "the search changes one function: `may_change: [functions.NAME.do]`";
            return null;
        }

        if (function.Returns is not LangType.Float
            || !function.Parameters.All(one => one.Type is LangType.Float or LangType.Int)
            || function.Parameters.IsEmpty)
        {
            why = $"the search changes a function of ints and floats that returns a float; {name} is another";
            return null;
        }

        foreach (string split in new[] { "train", "validation" })
        {
            if (check.Scenarios.All(one => one.Split != split))
            {
                why = $"it has no scenario with `split: {split}`";
                return null;
            }
        }

        return Made(source, check.Module, evolution, function);
    }

    private static SearchProblem Made(
        SourceText source, ModuleSymbol module, CheckedEvolution evolution, FunctionSymbol function)
    {
        var metrics = (evolution.Objective.Environment ?? module).Metrics;
        var canonical = new SourceText(source.Name, Formatter.Format(source, new DiagnosticBag()));
        ImmutableArray<string> names = [.. function.Parameters.Select(one => one.Name)];
        var problem = new SearchProblem(
            canonical,
            function.Name,
            [.. function.Parameters.Select(one => one.Type is LangType.Int ? $"float({one.Name})" : one.Name)],
            names,
            (evolution.Objective.Environment ?? module).Name,
            evolution.Objective.Name,
            !metrics.Any(one => one.Name == evolution.Objective.Name && one.Maximize),
            evolution);
        return problem with { First = FirstOf(problem, names) };
    }

    private static Gene? FirstOf(SearchProblem problem, ImmutableArray<string> names)
    {
        var root = YamlReader.Read(problem.Source, new DiagnosticBag());
        return DocumentPath.Find(root, problem.Path) is { } way
            && Edits.TreeEdit.Node(root, way.AsSpan()) is YamlNode.Scalar body
            ? GeneReader.Of(CodeParser.ParseBody(body.Slice, new DiagnosticBag()), names)
            : null;
    }

    private static string? NameIn(string path)
    {
        string rest = path[Prefix.Length..];
        return rest.EndsWith(Suffix, StringComparison.Ordinal) ? rest[..^Suffix.Length]
            : rest.Contains('.', StringComparison.Ordinal) ? null
            : rest;
    }

    /// <summary>How many nodes code has, as `nodes_at_most` counts.</summary>
    internal static int NodesOf(string code) => CodeTree.Of(CodeParser.ParseExpression(
        Lang.Text.SourceSlice.Verbatim(code, fileOffset: 0), new DiagnosticBag())).Count;
}
