using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Lang.Binding;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Search;

/// <summary>What is searched for in a module: pure functions of numbers and params that are numbers, by which
/// objective, on which scenarios.</summary>
public sealed record SearchProblem : EvolutionProblem
{
    private const string Functions = "functions.";
    private const string Params = "params.";
    private const string Do = ".do";
    private const string Value = ".value";

    // The block and its return.
    private const int NodesAround = 2;
    private const int NodesDefault = 60;

    private SearchProblem(EvolutionProblem problem, ImmutableArray<SearchTarget> targets)
        : base(problem) => Targets = targets;

    /// <summary>What may change, in the order of `may_change`; at least one.</summary>
    public ImmutableArray<SearchTarget> Targets { get; }

    /// <summary>Whether there is code to search for; numbers alone are tuned as well by rules.</summary>
    public bool HasFunctions => Targets.Any(one => one is SearchTarget.Function);

    /// <summary>Nodes of an expression.</summary>
    internal int NodesMax => (Evolution.NodesAtMost ?? NodesDefault) - NodesAround;

    /// <summary>Whether every function of it has no more nodes than one may have.</summary>
    internal bool Fits(Candidate made) => Targets.Zip(made.Texts).All(pair =>
        pair.First is SearchTarget.Param || NodesOf(pair.Second) <= NodesMax);

    /// <param name="check">Of the module, without errors.</param>
    /// <param name="why">Why this module cannot be searched, for its author.</param>
    public static new SearchProblem? Of(SourceText source, CheckResult check, out string why) =>
        EvolutionProblem.Of(source, check, out why) is { } problem ? Of(problem, check.Module, out why) : null;

    /// <param name="module">The module of the problem.</param>
    /// <param name="why">Why it cannot be searched, for its author.</param>
    public static SearchProblem? Of(EvolutionProblem problem, ModuleSymbol module, out string why)
    {
        why = "";
        var targets = ImmutableArray.CreateBuilder<SearchTarget>();
        var root = YamlReader.Read(problem.Source, new DiagnosticBag());
        foreach (string path in problem.Evolution.MayChange)
        {
            if (NameIn(path, Functions, Do) is { } function
                && module.Functions.FirstOrDefault(one => one.Name == function) is { } symbol)
            {
                Add(FunctionOf(symbol, root), function, targets, ref why);
            }
            else if (NameIn(path, Params, Value) is { } param
                && module.Params.FirstOrDefault(one => one.Name == param) is { } setting)
            {
                Add(ParamOf(setting), param, targets, ref why);
            }
            else
            {
                why = "the search changes functions and params, `functions.NAME.do` and `params.NAME.value`, "
                    + $"not `{path}`";
                return null;
            }
        }

        return why.Length == 0 && 0 < targets.Count ? new SearchProblem(problem, targets.ToImmutable()) : null;
    }

    private static void Add(
        SearchTarget? target, string name, ImmutableArray<SearchTarget>.Builder targets, ref string why)
    {
        if (target is null)
        {
            why = "the search changes functions of ints and floats that return a float, and numbers with a range; "
                + $"{name} is another";
        }
        else if (targets.All(one => one.Path != target.Path)) // It may be named as a whole and by its part.
        {
            targets.Add(target);
        }
    }

    private static SearchTarget.Function? FunctionOf(FunctionSymbol function, YamlNode root)
    {
        if (function.Returns is not LangType.Float
            || !function.Parameters.All(one => one.Type is LangType.Float or LangType.Int)
            || function.Parameters.IsEmpty)
        {
            return null;
        }

        string path = Functions + function.Name + Do;
        ImmutableArray<string> names = [.. function.Parameters.Select(one => one.Name)];
        var target = new SearchTarget.Function(
            path,
            function.Name,
            [.. function.Parameters.Select(one => one.Type is LangType.Int ? $"float({one.Name})" : one.Name)],
            string.Join(", ", function.Parameters.Select(SignatureOf)));
        return DocumentPath.Find(root, path) is { } way
            && Edits.TreeEdit.Node(root, way.AsSpan()) is YamlNode.Scalar body
            ? target with { First = GeneReader.Of(CodeParser.ParseBody(body.Slice, new DiagnosticBag()), names) }
            : target;
    }

    private static string SignatureOf(LocalSymbol parameter) =>
        $"{parameter.Name}: {(parameter.Type is LangType.Int ? "int" : "float")}";

    private static SearchTarget.Param? ParamOf(ParamSymbol param) =>
        param.Type is LangType.Int or LangType.Float
        && NumberOf(param.Low) is { } low && NumberOf(param.High) is { } high && NumberOf(param.Value) is { } value
            ? new SearchTarget.Param(Params + param.Name + Value, param.Name, param.Type is LangType.Int, low, high)
            {
                First = Gene.Constant(value),
            }
            : null;

    private static double? NumberOf(BoundExpr? value) => value switch
    {
        BoundExpr.IntLiteral whole => whole.Value,
        BoundExpr.FloatLiteral number => number.Value,
        BoundExpr.Negate negation => -NumberOf(negation.Operand),
        _ => null,
    };

    // The suffix may be left out: then the whole is meant, and the name may be that of the suffix.
    private static string? NameIn(string path, string prefix, string suffix)
    {
        if (!path.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }

        string rest = path[prefix.Length..];
        string name = rest.EndsWith(suffix, StringComparison.Ordinal) ? rest[..^suffix.Length] : rest;
        return name.Contains('.') ? null : name;
    }

    /// <summary>How many nodes code has, as `nodes_at_most` counts.</summary>
    internal static int NodesOf(string code) => CodeTree.Of(CodeParser.ParseExpression(
        Lang.Text.SourceSlice.Verbatim(code, fileOffset: 0), new DiagnosticBag())).Count;
}
