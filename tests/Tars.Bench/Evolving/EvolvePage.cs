using System.Globalization;
using System.Text;

namespace Tars.Bench.Evolving;

/// <summary>What was measured of one task, as it stands in docs/evolution-benchmarks.md.</summary>
internal sealed class EvolvePage(EvolveCase task)
{
    private const string Page = "docs/evolution-benchmarks.md";

    private readonly List<string[]> _rules = [];
    private readonly List<(string Name, IReadOnlyList<EvolveResult> Results)> _kinds = [];

    private string Begin => $"<!-- {task.Name}: ./dev.cs bench evolve {task.Name} --write -->";

    private string End => $"<!-- end of {task.Name} -->";

    /// <param name="rule">Name, measured, published, by scenario.</param>
    public void Add(string[] rule) => _rules.Add(rule);

    public void Add(string kind, IReadOnlyList<EvolveResult> results) => _kinds.Add((kind, results));

    /// <summary>Puts the tables between the task's marks of the page; a task without marks is put at its end.</summary>
    public void Write()
    {
        string path = Repository.File(Page);
        string text = File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        int end = text.IndexOf(End, StringComparison.Ordinal);
        string whole = $"{Begin}\n\n{Markdown()}\n{End}";
        File.WriteAllText(path, 0 <= begin && begin < end
            ? $"{text[..begin]}{whole}{text[(end + End.Length)..]}"
            : $"{text.TrimEnd()}\n\n{whole}\n");
    }

    private string Markdown()
    {
        var text = new StringBuilder($"## {task.Name}\n\n{task.Unit} on the test scenarios, less is better.\n\n");
        text.Append("| rule | measured | published | by scenario |\n| --- | --- | --- | --- |\n");
        foreach (string[] rule in _rules)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", rule)} |\n");
        }

        foreach (var (name, results) in _kinds)
        {
            double[] tests = [.. results.Select(one => one.Test).Order()];
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {name}: median of {tests.Length} | {EvolveBench.Median(tests):0.00} | - "
                    + $"| best {tests[0]:0.00}, worst {tests[^1]:0.00} |\n");
        }

        text.Append("\n| search | seed | test | validation | train | evaluations | seconds of processor time |\n");
        text.Append("| --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var (name, one) in _kinds.SelectMany(kind => kind.Results.Select(one => (kind.Name, one))))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {name} | {one.Seed} | {one.Test:0.000} | {one.Validation:0.000} | {one.Train:0.000} "
                    + $"| {one.Evaluations} | {one.Seconds:0} |\n");
        }

        return text.ToString();
    }
}
