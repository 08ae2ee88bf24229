using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tars.Base;
using Tars.Evolution.Analysis;

namespace Tars.Evolution.Planning;

/// <summary>Fills a template with what a model is told.</summary>
public static partial class ModelPrompt
{
    /// <summary>What the model is here for.</summary>
    public const string System =
        "You propose edits of a program as JSON. You decide nothing: each proposal is checked and tried.";

    /// <summary>The answer: flat, every member required, null for absent, so that strict servers take it.</summary>
    public const string Schema =
        """
        {"type":"object","additionalProperties":false,"required":["why","edits"],"properties":{
        "why":{"type":"string"},
        "edits":{"type":"array","items":{"type":"object","additionalProperties":false,
        "required":["edit","path","key","value","before"],"properties":{
        "edit":{"type":"string","enum":["set","insert","remove","move","rename","replace-expression","tune-number",
        "add-handler"]},
        "path":{"type":"string"},"key":{"type":["string","null"]},"value":{"type":["string","null"]},
        "before":{"type":["string","null"]}}}}}}
        """;

    private const string Resource = "next_step.tmpl";

    private static readonly string[] _holes =
    [
        "metric", "goal", "cost", "may_change", "frozen", "nodes", "findings", "tried", "program", "schema",
    ];

    /// <summary>The template that comes with this program.</summary>
    public static string Default()
    {
        using var stream = typeof(ModelPrompt).Assembly.GetManifestResourceStream(Resource)!; // It is compiled in.
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Why a template cannot be filled, for its author; empty when it can.</summary>
    public static string WhyNot(string template) =>
        Limits.TemplateBytesMax < Encoding.UTF8.GetByteCount(template)
            ? $"a template has at most {Limits.TemplateBytesMax} octets"
        : Holes().Matches(template).Select(one => one.Groups[1].Value).FirstOrDefault(one => !_holes.Contains(one))
            is { } unknown ? $"there is no {{{{{unknown}}}}} to fill in; there are {string.Join(", ", _holes)}"
        : "";

    /// <param name="cost">Of the best so far.</param>
    /// <param name="tried">What was tried, a line each.</param>
    /// <param name="text">Of the best so far.</param>
    public static string Of(
        string template, PlanRequest request, double cost, IReadOnlyList<string> tried, string text)
    {
        var evolution = request.Problem.Evolution;
        string Hole(string name) => name switch
        {
            "metric" => request.Problem.Metric,
            "goal" => request.Problem.Minimize ? "low" : "high",
            "cost" => cost.ToString("0.######", CultureInfo.InvariantCulture),
            "may_change" => string.Join(", ", evolution.MayChange),
            "frozen" => evolution.Frozen.IsEmpty ? "none" : string.Join(", ", evolution.Frozen),
            "nodes" => evolution.NodesAtMost?.ToString(CultureInfo.InvariantCulture) ?? "any number",
            "findings" => Lines(request.Findings.Findings.Select(Line)),
            "tried" => Lines(tried.TakeLast(Limits.PromptTriedMax)),
            "program" => text,
            "schema" => Schema,
            _ => "",
        };
        return Holes().Replace(template, match => Hole(match.Groups[1].Value));
    }

    private static string Line(Finding finding) => string.Create(
        CultureInfo.InvariantCulture, $"{finding.Name} {finding.Path} {finding.Text} {finding.Value:0.####}").Trim();

    private static string Lines(IEnumerable<string> lines)
    {
        string all = string.Join('\n', lines.Take(Limits.PromptLinesMax).Select(one => $"- {Printable.Of(one)}"));
        return all.Length == 0 ? "- nothing" : all;
    }

    [GeneratedRegex(@"\{\{([a-z_]+)\}\}")]
    private static partial Regex Holes();
}
