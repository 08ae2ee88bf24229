using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Search;

/// <summary>What is searched for in a module: one pure function of numbers, by which objective, on which scenarios.
/// </summary>
public sealed record SearchProblem : EvolutionProblem
{
    private const string Prefix = "functions.";
    private const string Suffix = ".do";

    // The block and its return.
    private const int NodesAround = 2;
    private const int NodesDefault = 60;

    private SearchProblem(
        EvolutionProblem problem, string function, ImmutableArray<string> inputs, ImmutableArray<string> parameters)
        : base(problem)
    {
        Function = function;
        Inputs = inputs;
        Parameters = parameters;
    }

    /// <summary>The name of the function.</summary>
    public string Function { get; }

    /// <summary>What stands for each parameter in an expression of floats.</summary>
    public ImmutableArray<string> Inputs { get; }

    /// <summary>The same by their bare names.</summary>
    public ImmutableArray<string> Parameters { get; }

    /// <summary>The function as it is, or null when it is no expression that the search could make.</summary>
    internal Gene? First { get; private init; }

    /// <summary>Nodes of an expression.</summary>
    internal int NodesMax => (Evolution.NodesAtMost ?? NodesDefault) - NodesAround;

    /// <summary>The parameters with their types, as they stand under `with`.</summary>
    internal string Signature { get; private init; } = "";

    /// <summary>Arguments to call it with.</summary>
    internal string Zeros => string.Join(", ", Parameters.Select(_ => "0"));

    public string Path => Prefix + Function + Suffix;

    /// <param name="check">Of the module, without errors.</param>
    /// <param name="why">Why this module cannot be searched, for its author.</param>
    public static new SearchProblem? Of(SourceText source, CheckResult check, out string why) =>
        EvolutionProblem.Of(source, check, out why) is { } problem ? Of(problem, check.Module, out why) : null;

    /// <param name="module">The module of the problem.</param>
    /// <param name="why">Why it cannot be searched, for its author.</param>
    public static SearchProblem? Of(EvolutionProblem problem, ModuleSymbol module, out string why)
    {
        why = "";
        var evolution = problem.Evolution;
        if (!evolution.MayChange.All(path => path.StartsWith(Prefix, StringComparison.Ordinal))
            || evolution.MayChange is not [var path] || NameIn(path) is not { } name
            || module.Functions.FirstOrDefault(one => one.Name == name) is not { } function)
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

        ImmutableArray<string> names = [.. function.Parameters.Select(one => one.Name)];
        var searched = new SearchProblem(
            problem,
            function.Name,
            [.. function.Parameters.Select(one => one.Type is LangType.Int ? $"float({one.Name})" : one.Name)],
            names);
        return searched with
        {
            First = FirstOf(searched, names),
            Signature = string.Join(
                ", ", function.Parameters.Select(one => $"{one.Name}: {(one.Type is LangType.Int ? "int" : "float")}")),
        };
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
