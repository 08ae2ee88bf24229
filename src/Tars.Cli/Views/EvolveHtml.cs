using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Tars.Base;
using Tars.Evolution.Changes;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;

namespace Tars.Cli.Views;

/// <summary>A run of evolution as one page that needs no other: what changed and why, what it was judged by, and how
/// it came to be.</summary>
/// <remarks>
/// Invariants:
///   I1  The same run gives the same octets, whoever worked on it and however often it was killed.
///   I2  No text of a module or a model reaches the page but encoded; the page may load and run nothing.
/// </remarks>
internal sealed class EvolveHtml
{
    private const int RowsMax = 200;

    private const string Style =
        """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
        h2 { margin-top: 2.5rem } table { border-collapse: collapse; margin: 1rem 0 }
        td, th { text-align: left; padding: .2rem .8rem; border-bottom: 1px solid #ddd; vertical-align: top }
        .pass { color: #176f2c } .fail { color: #b3261e; font-weight: 600 } .more { color: #777 }
        pre { background: #f6f6f4; padding: .6rem; overflow-x: auto } .minus { color: #b3261e } .plus { color: #176f2c }
        svg { width: 100%; height: auto } .paper { fill: #f6f6f4 } svg text { font-size: 11px; fill: #555 }
        svg .name { font-size: 12px; fill: #222 } .curve { fill: none; stroke: #2458b3; stroke-width: 1.5 }
        .before { stroke: #999; stroke-dasharray: 4 3 } .edge { fill: none; stroke: #bbb }
        .old { fill: #999 } .base { fill: #2458b3 } .tried { fill: #ccc } .best { fill: #176f2c } .refused { fill: #b3261e }
        """;

    private static readonly string[] _splits = ["train", "validation"];

    private readonly StringBuilder _html = new();
    private readonly EvolveStory _story;

    private EvolveHtml(EvolveStory story) => _story = story;

    private PipelineResult Result => _story.Result;

    public static string Of(EvolveStory story)
    {
        var page = new EvolveHtml(story);
        page.Head();
        page.Changed();
        page.Gates();
        page.Measured();
        page.Way();
        page.Lineage();
        page.Costs();
        page.Known();
        return page._html.ToString();
    }

    private void Head()
    {
        var problem = _story.Problem;
        _html.Append("<!doctype html>\n<meta charset=\"utf-8\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" ")
            .Append("content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"); // I2
        Put("title", $"Evolution of {problem.Module}");
        _html.Append("<style>\n").Append(Style).Append("\n</style>\n");
        Put("h1", $"Evolution of {problem.Module}");
        Put("p", EvolveSentences.Outcome(_story));
        Put("p", string.Create(
            CultureInfo.InvariantCulture,
            $"It is judged by {problem.Metric}, which is to be {(problem.Minimize ? "low" : "high")}; the planner was "
                + $"{_story.Order.Planner.Name}, with seed {_story.Order.Seed} and at most "
                + $"{_story.Order.Evaluations} evaluations."));
        Table(
            [],
            [
                ["began with", _story.Base.ToString()],
                ["chosen", Result.Best?.Id.ToString() ?? "nothing"],
                ["judge", problem.Judge.ToString()],
            ]);
    }

    private void Changed()
    {
        if (Result.Best is not { } best)
        {
            return;
        }

        Put("h2", "What changed, and why");
        if (best.Changes.IsEmpty)
        {
            Put("p", "Nothing.");
            return;
        }

        List(EvolveSentences.Changes(best));
        Put("p", $"Proposed by {best.Planned.Proposal.Rule}: {best.Planned.Proposal.Why}");
        Put("p", EvolveSentences.Effect(_story, best));
        Diff(best.Changes);
        var steps = EvolveSentences.Steps(_story, best).ToList();
        if (0 < steps.Count)
        {
            Put("p", "It came to be in these steps:");
            List(steps);
        }
    }

    private void Gates()
    {
        if (Result.Best is null)
        {
            return;
        }

        Put("h2", "Gates");
        _html.Append("<table>\n<tr><th>gate</th><th></th><th>why</th></tr>\n");
        foreach (var verdict in Result.Verdicts)
        {
            _html.Append("<tr>");
            Put("td", verdict.Gate);
            _html.Append(verdict.Passed ? "<td class=\"pass\">passed</td>" : "<td class=\"fail\">refused</td>");
            Put("td", string.Join("; ", verdict.Told.Prepend(verdict.Reason).Where(one => one.Length != 0)));
            _html.Append("</tr>\n");
        }

        foreach (string name in VersionGates.NamesFor(_story.Problem).Skip(Result.Verdicts.Length))
        {
            _html.Append("<tr>");
            Put("td", name);
            _html.Append("<td class=\"more\">not asked</td><td></td></tr>\n");
        }

        _html.Append("</table>\n");
    }

    private void Measured()
    {
        Put("h2", "What was measured");
        var best = Result.Best?.Evaluation;
        Table(
            ["", "before", "after"],
            _splits.Select(split => new[]
            {
                $"{_story.Problem.Metric} on {split}",
                _story.Value(Result.Before.Mean(split)),
                best is null ? "" : _story.Value(best.Mean(split)),
            }).Concat(Metrics(best)));
        _html.Append("<details><summary>Every run</summary>\n");
        Table(
            ["split", "scenario", "seed", "before", "after", "fuel before", "fuel after"],
            Result.Before.Runs.Select((run, place) => Run(run, best?.Runs.ElementAtOrDefault(place))));
        _html.Append("</details>\n");
    }

    // Of the module's other metrics the means; what was never reported is none.
    private IEnumerable<string[]> Metrics(Evaluation? best)
    {
        string metric = _story.Problem.Metric;
        var names = Result.Before.Runs.SelectMany(one => one.Outcome.Metrics)
            .Select(one => (one.Module, one.Name)).Distinct().Where(one => one.Name != metric);
        return
            from name in names
            from split in _splits
            select new[]
            {
                $"{name.Module}.{name.Name} on {split}",
                Mean(Result.Before, split, name),
                best is null ? "" : Mean(best, split, name),
            };
    }

    private static string Mean(Evaluation evaluation, string split, (string Module, string Name) metric)
    {
        var values = evaluation.Of(split).SelectMany(one => one.Outcome.Metrics)
            .Where(one => (one.Module, one.Name) == metric).Select(one => one.Value).OfType<double>().ToList();
        return values.Count == 0 ? "none" : values.Average().ToString("0.####", CultureInfo.InvariantCulture);
    }

    private string[] Run(EvaluatedRun before, EvaluatedRun? after) =>
    [
        before.Split,
        before.Outcome.Scenario,
        Number(before.Outcome.Seed),
        _story.Value(before.Cost),
        after is null ? "" : _story.Value(after.Cost),
        Number(before.Outcome.Fuel),
        after is null ? "" : Number(after.Outcome.Fuel),
    ];

    private void Way()
    {
        Put("h2", "How it came to be");
        var steps = ArchiveStep.Of(Result.Plan);
        Put("p", $"The best {_story.Problem.Metric} on train over the evaluations of the run; what it began with is "
            + "the broken line.");
        _html.Append(CostCurve.Of(steps, Result.Before.Mean("train"), _story.Value));
        _html.Append("<details><summary>Every gain</summary>\n");
        Table(
            ["evaluation", _story.Problem.Metric, "by", ""],
            ArchiveStep.Gains(steps).Reverse().Select(one =>
                new[] { Number(one.Evaluations), _story.Value(one.Cost), one.By, one.What }));
        _html.Append("</details>\n");
        Kinds();
    }

    private void Kinds()
    {
        var elites = ArchiveElite.Of(Result.Plan);
        if (elites.IsEmpty)
        {
            return;
        }

        _html.Append("<details><summary>The best of each kind</summary>\n");
        Table(
            ["genes from", "choices", "inputs", _story.Problem.Metric, ""],
            elites.Select(one => new[]
            {
                Number(one.Size), Number(one.Choices), Number(one.Inputs), _story.Value(one.Cost), one.Code,
            }));
        _html.Append("</details>\n");
    }

    private void Lineage()
    {
        Put("h2", "Lineage");
        _html.Append(LineageTree.Of(_story));
        Looks();
        foreach (var one in Result.Tried.Where(one => one.Id != Result.Best?.Id))
        {
            _html.Append("<details><summary>");
            _html.Append(Text($"{one.Id.Short}: {_story.Value(one.Evaluation.Mean("validation"))}"));
            _html.Append("</summary>\n");
            foreach (var (gate, reason) in Result.PassedOver(one.Id))
            {
                Put("p", $"Passed over, {gate}: {reason}");
            }

            Diff(one.Changes);
            _html.Append("</details>\n");
        }
    }

    // When that was the history tells: here is no clock.
    private void Looks()
    {
        if (_story.Looks.IsEmpty)
        {
            return;
        }

        Put("p", $"Before this run {VersionText.Looked(_story.Looks)}:");
        Table(
            ["version", "beside", "by"],
            _story.Looks.TakeLast(RowsMax).Select(one =>
                new[] { one.Version.Short, one.Parent.Short, Printable.Of(one.By) }));
    }

    private void Costs()
    {
        Put("h2", "What it cost");
        if (Result.Plan is { } plan)
        {
            Put("p", $"{Number(plan.Evaluations)} evaluations, {Number(plan.GivenUp)} of them not to their end.");
            List(plan.Notes);
        }

        Table(
            ["stage", "", "cost", "why"],
            Result.Trace.Select(one => new[]
            {
                one.Stage,
                one.Passed ? "passed" : "refused",
                string.Join(", ", one.Cost.Select(cost => $"{Number(cost.Value)} {cost.Key}")),
                string.Join("; ", one.Reasons),
            }));
    }

    private void Known()
    {
        Put("h2", "What was known before");
        Table(
            ["finding", "path", ""],
            Result.Findings.Findings.Select(one => new[]
            {
                one.Name,
                one.At is { } at ? $"{one.Path} {at}" : one.Path,
                one.Value is { } value
                    ? string.Create(CultureInfo.InvariantCulture, $"{one.Text}: {value:0.####}")
                    : one.Text,
            }));
    }

    private void Diff(ImmutableArray<DocumentChange> changes)
    {
        using var told = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        ChangeText.Write(told, changes);
        _html.Append("<pre>");
        foreach (string line in told.ToString().TrimEnd('\n').Split('\n'))
        {
            string kind = line.StartsWith("  - ", StringComparison.Ordinal) ? "minus"
                : line.StartsWith("  + ", StringComparison.Ordinal) ? "plus"
                : "";
            _html.Append(kind.Length == 0 ? Text(line) : $"<span class=\"{kind}\">{Text(line)}</span>").Append('\n');
        }

        _html.Append("</pre>\n");
    }

    private void Table(ReadOnlySpan<string> head, IEnumerable<string[]> rows)
    {
        _html.Append("<table>\n");
        if (!head.IsEmpty)
        {
            _html.Append("<tr>");
            foreach (string name in head)
            {
                Put("th", name);
            }

            _html.Append("</tr>\n");
        }

        int count = 0;
        foreach (string[] row in rows)
        {
            if (count++ < RowsMax)
            {
                _html.Append("<tr>");
                Array.ForEach(row, cell => Put("td", cell));
                _html.Append("</tr>\n");
            }
        }

        _html.Append("</table>\n");
        if (RowsMax < count)
        {
            Put("p", $"And {Number(count - RowsMax)} more.");
        }
    }

    private void List(IEnumerable<string> items)
    {
        _html.Append("<ul>\n");
        foreach (string item in items.Take(RowsMax))
        {
            Put("li", item);
        }

        _html.Append("</ul>\n");
    }

    private void Put(string tag, string text)
    {
        _html.Append('<').Append(tag).Append('>').Append(Text(text)).Append("</").Append(tag).Append('>');
        _html.Append(tag is "td" or "th" ? "" : "\n");
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(Printable.Of(text)); // I2
}
