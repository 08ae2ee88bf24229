using System.Collections.Immutable;
using System.Globalization;
using Tars.Evolution.Gates;
using Tars.Evolution.Search;

namespace Tars.Bench.Evolving;

/// <summary>How well and how fast the search evolves the samples, beside rules made by people, random search with as
/// many evaluations, and a rule whose numbers are tuned with as many. What is evolved is made shorter on top of them.
/// </summary>
/// <remarks>
/// Each seed is done whole and then kept, so a bench that was ended goes on where it was. What is searched for sees
/// `train`, `validation` chooses among the finalists, and `test` is run once for each seed, when all is decided.
/// </remarks>
internal static class EvolveBench
{
    private static readonly (string Name, SearchKind Kind)[] _kinds =
        [("evolved", SearchKind.Evolve), ("random search", SearchKind.Draw), ("tuned rule", SearchKind.Tune)];

    // The question is of a median of ten.
    private const int SeedsAsked = 10;

    private static readonly string[] _test = ["test"];
    private static readonly string[] _validation = ["validation"];

    public static int Run(string[] words)
    {
        if (EvolveOrder.Read(words, out string why) is not { } order)
        {
            Console.Error.WriteLine($"evolve: {why}");
            return 2;
        }

        bool isMet = true;
        foreach (var one in EvolveCase.All.Where(one => order.Cases.IsEmpty || order.Cases.Contains(one.Name)))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{one.Name}, {one.Unit} on the test scenarios, less is better"));
            var page = new EvolvePage(one);
            Baselines(one, page);
            foreach (var (name, kind) in _kinds.Where(kind => order.Kinds.IsEmpty || order.Kinds.Contains(kind.Name)))
            {
                var results = Search(one, name, kind, order);
                page.Add(name, results);
                if (kind == SearchKind.Evolve)
                {
                    isMet &= Judge(one, results);
                }
            }

            if (order.Writes)
            {
                page.Write();
            }
        }

        return isMet ? 0 : 1;
    }

    private static void Baselines(EvolveCase one, EvolvePage page)
    {
        var table = new Table("rule", "measured", "published", "by scenario");
        foreach (var rule in one.Rules)
        {
            var runs = Tested(one, one.Text(rule));
            string[] row =
            [
                rule.Name,
                Text(runs.Average(run => run.Cost)),
                rule.Published is { } known ? Text(known) : "-",
                Each(runs),
            ];
            table.Row(row);
            page.Add(row);
        }

        table.Print(Console.Out);
    }

    private static List<EvolveResult> Search(EvolveCase one, string name, SearchKind kind, EvolveOrder order)
    {
        var store = new EvolveStore(one, kind, order);
        var results = new List<EvolveResult>();
        int seeds = kind == SearchKind.Evolve ? order.Seeds : order.SeedsBeside;
        for (int seed = order.FirstSeed; seed < order.FirstSeed + seeds; seed++)
        {
            var result = store.Find(seed) ?? store.Keep(Search(one, kind, order, seed));
            results.Add(result);
            Console.WriteLine($"  {name}, {result.Told()}");
        }

        string onTop = kind == SearchKind.Evolve ? ", shortening on top of the evaluations" : "";
        double[] tests = [.. results.Select(result => result.Test).Order()];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {name}: median {Text(Median(tests))}, best {Text(tests[0])}, worst {Text(tests[^1])}, "
                + $"{results.Count} seeds, {results.Sum(result => result.Evaluations)} evaluations, "
                + $"{results.Sum(result => result.Evaluations) / results.Sum(result => result.Seconds):0} "
                + $"in a second of processor time{onTop}"));
        Console.WriteLine();
        return results;
    }

    private static EvolveResult Search(EvolveCase one, SearchKind kind, EvolveOrder order, int seed)
    {
        string text = kind == SearchKind.Tune ? one.Text(one.Tuned) : one.Text();
        var problem = one.Problem(text);
        var parts = one.Parts(text, order.Workers);
        using var stop = new CancellationTokenSource();
        if (order.Minutes is { } minutes)
        {
            stop.CancelAfter(TimeSpan.FromMinutes(minutes));
        }

        var began = Environment.CpuUsage.TotalTime;
        var options = new SearchOptions(seed, order.Evaluations) { Kind = kind };
        if (GeneSearch.Run(problem, parts, options, stop.Token) is not SearchResult.Found found)
        {
            throw new InvalidOperationException($"{one.Name}: the search stopped");
        }

        double seconds = (Environment.CpuUsage.TotalTime - began).TotalSeconds;
        var best = found.Finalists.MinBy(finalist => Mean(one, finalist.Texts, _validation))!;
        return new EvolveResult(
            seed,
            found.Evaluations,
            seconds,
            best.Score.Mean,
            Mean(one, best.Texts, _validation),
            Tested(one, one.Text(best.Texts)).Average(run => run.Cost),
            best.Code);
    }

    // Whether what is asked for is there; fewer seeds than that say nothing of it.
    private static bool Judge(EvolveCase one, List<EvolveResult> results)
    {
        if (one.Asked is not { } asked)
        {
            return true;
        }

        if (results.Count < SeedsAsked)
        {
            Console.WriteLine($"  asked: a median of ten seeds of {Text(asked)}; {results.Count} say nothing of it");
            Console.WriteLine();
            return true;
        }

        double[] tests = [.. results.Select(result => result.Test).Order()];
        bool isMet = Median(tests) <= asked && !(one.Worst < tests[^1]);
        string bound = one.Worst is { } worst ? $" and none above {Text(worst)}" : "";
        Console.WriteLine($"  asked: a median of ten seeds of {Text(asked)}{bound}; "
            + $"{(isMet ? "met" : "MISSED")} with {results.Count} seeds");
        Console.WriteLine();
        return isMet;
    }

    private static double Mean(EvolveCase one, ImmutableArray<string> texts, string[] splits)
    {
        string text = one.Text(texts);
        return Evaluation.Run(text, one.Problem(text), one.Parts(text, 1), [.. splits]).Mean(splits[0])
            ?? double.PositiveInfinity;
    }

    private static List<(string Name, double Cost)> Tested(EvolveCase one, string text)
    {
        var evaluation = Evaluation.Run(text, one.Problem(text), one.Parts(text, 1), [.. _test]);
        if (evaluation.Problem.Length != 0)
        {
            throw new InvalidOperationException($"{one.Name}: {evaluation.Problem}");
        }

        return
        [
            .. evaluation.Runs.GroupBy(run => run.Outcome.Scenario)
                .Select(group => (group.Key, group.Average(run => run.Cost ?? double.PositiveInfinity))),
        ];
    }

    internal static double Median(double[] sorted) =>
        (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    private static string Each(List<(string Name, double Cost)> runs) =>
        runs.Count == 1 ? "" : string.Join(' ', runs.Select(run => Text(run.Cost)));

    private static string Text(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
