using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Evolution.Scenarios;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Search;

/// <summary>One module that holds many candidates for a function, and runs the one that a param names.</summary>
/// <remarks>
/// Compiling a module costs as much as running it a hundred times, so candidates share one. They stay what they are:
/// code of metascripts, compiled by the compiler and run by the engine, under the kernel, in scenarios
/// (decision 102).
/// </remarks>
internal sealed class Nursery : IDisposable
{
    private const string Candidate = "candidate_in_nursery";

    private readonly SearchProblem _problem;
    private readonly ScenarioSuite _suite;
    private readonly ImmutableArray<(CheckedScenario Scenario, long Seed)> _runs;

    private Nursery(SearchProblem problem, ScenarioSuite suite)
    {
        _problem = problem;
        _suite = suite;
        _runs =
        [
            .. from scenario in suite.Scenarios
               where scenario.Split == "train"
               from index in Enumerable.Range(0, scenario.Seeds.Count)
               select (scenario, scenario.Seeds.First + index),
        ];
    }

    /// <param name="codes">Expressions, each the whole body of the function.</param>
    /// <returns>Null, with why.</returns>
    public static Nursery? Open(
        SearchProblem problem, ImmutableArray<string> codes, ISearchParts parts, out string why)
    {
        var sources = parts.Sources();
        var source = new SourceText(problem.Source.Name, TextOf(problem, codes));
        var compiled = Compiler.Compile(source, sources, new CompileOptions());
        if (compiled.Bundle is null)
        {
            var first = compiled.Check.Diagnostics.First(one => one.Severity == Severity.Error);
            why = $"a module with {codes.Length} candidates does not compile: {first.Title}";
            return null;
        }

        why = "";
        return new Nursery(problem, ScenarioSuite.Open(compiled, source, sources, parts.Parts()));
    }

    public void Dispose() => _suite.Dispose();

    /// <summary>Runs a candidate on what there is to learn from; one that stays behind a bound is given up.</summary>
    /// <param name="bounds">For each run the highest sum of costs up to it with which it is worth going on.</param>
    public CandidateScore Score(int candidate, ImmutableArray<double> bounds)
    {
        var options = new ScenarioOptions
        {
            AnswersLater = false,
            Params = [KeyValuePair.Create(Candidate, ImmutableArray.Create(BitConverter.GetBytes((long)candidate)))],
        };
        var costs = ImmutableArray.CreateBuilder<double>(_runs.Length);
        double sum = 0;
        foreach (var (scenario, seed) in _runs)
        {
            var outcome = _suite.Run(scenario, seed, options, CancellationToken.None);
            if (Objective.CostOf(outcome, _problem) is not { } cost)
            {
                return new CandidateScore(costs.ToImmutable(), IsWhole: false) { IsVoid = true };
            }

            costs.Add(cost);
            sum += cost;
            if (costs.Count < _runs.Length && costs.Count <= bounds.Length && bounds[costs.Count - 1] < sum)
            {
                return new CandidateScore(costs.ToImmutable(), IsWhole: false);
            }
        }

        return new CandidateScore(costs.ToImmutable(), IsWhole: true);
    }

    // In the text: the canonical layout says where everything stands, and printing it anew would cost the most.
    private static string TextOf(SearchProblem problem, ImmutableArray<string> codes)
    {
        string text = problem.Source.Text;
        var root = (YamlNode.Mapping)YamlReader.Read(problem.Source, new DiagnosticBag());
        var functions = (YamlNode.Mapping)root.Find("functions")!; // The problem names one of them.
        var entry = functions.Entries.First(one => one.Key.Value == problem.Function);
        var function = (YamlNode.Mapping)entry.Value;
        var body = function.Entries.First(one => one.Key.Value == "do");
        string head = text[function.Entries[0].Key.Span.Start..body.Key.Span.Start];
        var made = new StringBuilder(text, 0, body.Key.Span.Start, text.Length + (codes.Length * 200));
        made.Append("do: |\n");
        WriteChoice(made, problem, first: 0, codes.Length, indent: 6);
        for (int index = 0; index < codes.Length; index++)
        {
            made.Append(CultureInfo.InvariantCulture, $"  {problem.Function}_{Candidate}_{index}:\n    ");
            made.Append(head);
            made.Append(CultureInfo.InvariantCulture, $"do: |\n      return {codes[index]}\n");
        }

        made.Append(text[body.Value.Span.End..].TrimStart('\n'));
        string param = string.Create(
            CultureInfo.InvariantCulture,
            $"{Candidate}: {{ type: int, value: 0, range: [0, {codes.Length}], about: Which one runs. }}");
        var (at, added) = ParamPlace(root, param);
        return made.Insert(at <= body.Key.Span.Start ? at : made.Length - (text.Length - at), added).ToString();
    }

    // Where in the text of the module a param goes, and what is put there; a comment may stand behind `params:`.
    private static (int At, string Added) ParamPlace(YamlNode.Mapping root, string param) => root.Find("params") switch
    {
        YamlNode.Mapping { Style: CollectionStyle.Flow, Entries: [var first, ..] } =>
            (first.Key.Span.Start, $"{param}, "),
        YamlNode.Mapping { Entries: [var first, ..] } => (first.Key.Span.Start, $"{param}\n  "),
        _ => (root.Entries.First(one => one.Key.Value == "functions").Key.Span.Start, $"params:\n  {param}\n\n"),
    };

    // Halves, so that no candidate pays much for having many neighbours.
    private static void WriteChoice(StringBuilder made, SearchProblem problem, int first, int count, int indent)
    {
        string margin = new(' ', indent);
        if (count == 1)
        {
            string arguments = string.Join(", ", problem.Parameters);
            made.Append(
                CultureInfo.InvariantCulture,
                $"{margin}return {problem.Function}_{Candidate}_{first}({arguments})\n");
            return;
        }

        int half = count / 2;
        made.Append(CultureInfo.InvariantCulture, $"{margin}if {Candidate} < {first + half} {{\n");
        WriteChoice(made, problem, first, half, indent + 2);
        made.Append(CultureInfo.InvariantCulture, $"{margin}}} else {{\n");
        WriteChoice(made, problem, first + half, count - half, indent + 2);
        made.Append(CultureInfo.InvariantCulture, $"{margin}}}\n");
    }
}
