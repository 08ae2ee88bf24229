using System.Globalization;
using System.Net;
using System.Text;
using Tars.Cli.Commands;
using Tars.Lang.Symbols;

namespace Tars.Cli.Views;

/// <summary>A report of scenarios in one file that needs no other: expectations, metrics and their plots.</summary>
/// <remarks>Nothing in it depends on the day or the machine: the same runs give the same octets.</remarks>
internal static class ScenarioHtml
{
    private const string Style =
        """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
        h2 { margin-top: 2.5rem } table { border-collapse: collapse; margin: 1rem 0 }
        td, th { text-align: left; padding: .2rem .8rem; border-bottom: 1px solid #ddd; vertical-align: top }
        .pass { color: #176f2c } .fail { color: #b3261e; font-weight: 600 }
        .plots { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0; width: 28rem }
        svg { width: 100%; height: auto } .paper { fill: #f6f6f4 } svg text { font-size: 10px; fill: #555 }
        polyline { fill: none; stroke: #2458b3; stroke-width: 1; stroke-opacity: .6 } circle { fill: #2458b3 }
        """;

    public static string Of(ModuleSymbol module, IReadOnlyList<ScenarioRuns.Ran> ran)
    {
        var html = new StringBuilder();
        string title = $"{Text(module.Name)} {Text(module.Version)}";
        html.Append("<!doctype html>\n<meta charset=\"utf-8\">\n<title>").Append(title).Append("</title>\n<style>\n");
        html.Append(Style).Append("\n</style>\n<h1>").Append(title).Append("</h1>\n<p>").Append(Text(module.Summary));
        html.Append("</p>\n<p>").Append(ScenarioText.Count(ran)).Append("</p>\n");
        foreach (var runs in ran.GroupBy(one => one.Scenario, ReferenceEqualityComparer.Instance))
        {
            Section([.. runs], html);
        }

        return html.ToString();
    }

    private static void Section(IReadOnlyList<ScenarioRuns.Ran> runs, StringBuilder html)
    {
        html.Append("<h2>").Append(Text(runs[0].Scenario.Name)).Append("</h2>\n<table>\n");
        html.Append("<tr><th>seed</th><th></th><th>events</th><th>traps</th><th>fuel</th>");
        html.Append("<th>what did not hold</th></tr>\n");
        foreach (var run in runs)
        {
            var outcome = run.Outcome;
            string verdict = outcome.Passed ? "<td class=\"pass\">pass</td>" : "<td class=\"fail\">FAIL</td>";
            var faults = outcome.Refused.Concat(outcome.Notes)
                .Concat(outcome.Checks.Where(one => !one.Held).Select(one => $"{one.Text}: {one.Detail}"))
                .Concat(outcome.Passed ? [] : outcome.Traps.Select(one => $"trap {one}"));
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{outcome.Seed}</td>{verdict}<td>{outcome.Events}</td>");
            html.Append(CultureInfo.InvariantCulture, $"<td>{outcome.TrapCount}</td><td>{outcome.Fuel}</td><td>");
            html.Append(string.Join("<br>", faults.Select(Text))).Append("</td></tr>\n");
        }

        html.Append("</table>\n<ul>\n");
        foreach (var check in runs[0].Outcome.Checks)
        {
            html.Append("<li><code>").Append(Text(check.Text)).Append("</code></li>\n");
        }

        html.Append("</ul>\n<div class=\"plots\">\n");
        foreach (var metric in runs.SelectMany(one => one.Outcome.Metrics).GroupBy(one => (one.Module, one.Name)))
        {
            html.Append("<figure><figcaption>").Append(Text($"{metric.Key.Module}.{metric.Key.Name}"));
            html.Append("</figcaption>").Append(MetricPlot.Of([.. metric], runs[0].Scenario.RunsFor));
            html.Append("</figure>\n");
        }

        html.Append("</div>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(Base.Printable.Of(text));
}
