using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Planning;

/// <summary>The planner `rules`: tries what a table of rules proposes, and goes on from what was better.</summary>
/// <remarks>
/// Proposals of rules that have paid off in this run are tried first. A batch is run together and its best counts, so
/// the number of workers changes nothing. What costs the same is better when it is a repair of beliefs of which `check`
/// finds less odd. It ends when no proposal is better, or with its budget.
/// </remarks>
public sealed class RulePlanner : IPlanner
{
    private const int BatchSize = 24;
    private const int FinalistCount = 6;

    public string Name => "rules";

    /// <summary>What the rules propose for a module as it is, untried.</summary>
    public static ImmutableArray<Proposal> Proposals(PlanRequest request) =>
        RuleTable.For(request.Problem, request.Findings, request.Beliefs);

    public PlanResult Plan(PlanRequest request, ISearchParts parts, CancellationToken stop) =>
        new Climb(request, parts, stop).Run();

    private sealed record Step(string Text, ImmutableArray<Edit> Edits, CandidateScore Score, Proposal? Last);

    private sealed class Climb(PlanRequest request, ISearchParts parts, CancellationToken stop)
    {
        private readonly HashSet<VersionId> _tried = [];
        private readonly Dictionary<string, (int Tried, int Paid)> _payoff =
            RuleTable.Names.ToDictionary(one => one, _ => (0, 0), StringComparer.Ordinal);

        private readonly ImmutableArray<string>.Builder _archive = ImmutableArray.CreateBuilder<string>();
        private readonly List<Step> _way = [];
        private readonly EarlyEndWatch _end = new(request.End);
        private int _evaluations;
        private long _fuel;
        private int _remembered;
        private int _void;

        public PlanResult.Found Run()
        {
            string first = request.Problem.Source.Text;
            _tried.Add(VersionId.Of(first));
            var here = new Step(first, [], Score(first), Last: null);
            _end.See(_evaluations, here.Score.Mean);
            for (int round = 0; IsGoingOn() && Better(here, round) is { } next; round++)
            {
                here = next;
                _way.Add(here);
            }

            return new PlanResult.Found(
                [
                    .. _way.AsEnumerable().Reverse().Take(request.Problem.Evolution.Keep ?? FinalistCount)
                        .Select(VersionOf),
                ],
                _archive.ToImmutable(),
                _evaluations,
                _void)
            {
                Remembered = _remembered,
                Notes = _end.Why.Length == 0 ? [] : [_end.Why],
            };
        }

        private static PlannedVersion VersionOf(Step step) =>
            new(new Proposal(step.Edits, step.Last!.Rule, step.Last.Why), step.Score); // A way has no first step.

        private bool IsGoingOn() => _evaluations < request.Evaluations && _fuel < request.Fuel
            && _end.Why.Length == 0 && !stop.IsCancellationRequested;

        // The best of the first batch that holds a better one.
        private Step? Better(Step here, int round)
        {
            var beliefs = BeliefDoubts.Of(here.Text, request.Problem.Source, parts);
            var open = Open(here, beliefs);
            while (0 < open.Count && IsGoingOn())
            {
                int count = Math.Min(Math.Min(BatchSize, open.Count), request.Evaluations - _evaluations);
                var batch = open.Take(count).ToList();
                open.RemoveRange(0, count);
                Score(batch);
                var best = batch.Where(one => one.Score.Mean < here.Score.Mean).MinBy(one => one.Score.Mean)
                    ?? Repair(batch, here, beliefs.Findings.Length);
                Learn(batch, best);
                _end.See(_evaluations, (best ?? here).Score.Mean);
                request.Progress?.Invoke(new SearchProgress(
                    round, _evaluations, (best ?? here).Score.Mean, (best ?? here).Last?.Why ?? ""));
                if (best is not null)
                {
                    Tell(round, best);
                    return best;
                }
            }

            return null;
        }

        // The one that leaves least odd, where it costs the same.
        private Step? Repair(List<Step> batch, Step here, int findings) => batch
            .Where(one => one.Last!.Rule == BeliefRepairs.Rule // Each was proposed.
                && one.Score.IsWhole && one.Score.Mean == here.Score.Mean)
            .Select(one => (Step: one, Findings: BeliefDoubts.Of(one.Text, request.Problem.Source, parts).Findings))
            .Where(one => one.Findings.Length < findings)
            .OrderBy(one => one.Findings.Length)
            .Select(one => one.Step).FirstOrDefault();

        private List<Step> Open(Step here, BeliefDoubts beliefs)
        {
            var problem = request.Problem.With(here.Text);
            var open = new List<Step>();
            foreach (var proposal in RuleTable.For(problem, request.Findings, beliefs)
                .OrderByDescending(one => Pays(one.Rule)))
            {
                if (EditApplication.Apply(problem.Source, proposal.Edits) is EditResult.Edited edited
                    && IsAllowed(edited.Text) && _tried.Add(VersionId.Of(edited.Text)))
                {
                    open.Add(new Step(edited.Text, [.. here.Edits, .. proposal.Edits], here.Score, proposal));
                }
            }

            // What the budget does not reach now may be tried from elsewhere.
            foreach (var one in open.Skip(Math.Max(0, request.Evaluations - _evaluations)))
            {
                _tried.Remove(VersionId.Of(one.Text));
            }

            return open;
        }

        private bool IsAllowed(string text)
        {
            var source = request.Problem.Source;
            var before = YamlReader.Read(source, new DiagnosticBag());
            var after = YamlReader.Read(new SourceText(source.Name, text), new DiagnosticBag());
            return DocumentRules.Judge(before, after, request.Problem.Evolution).IsEmpty;
        }

        private double Pays(string rule) => (_payoff[rule].Paid + 1.0) / (_payoff[rule].Tried + 2.0);

        private void Learn(List<Step> batch, Step? best)
        {
            foreach (string rule in batch.Select(one => one.Last!.Rule)) // Each was proposed.
            {
                var (tried, paid) = _payoff[rule];
                _payoff[rule] = (tried + 1, paid);
            }

            if (best is not null)
            {
                var (tried, paid) = _payoff[best.Last!.Rule];
                _payoff[best.Last.Rule] = (tried, paid + 1);
            }
        }

        private void Score(List<Step> batch)
        {
            var scores = new CandidateScore?[batch.Count];
            for (int index = 0; index < batch.Count; index++)
            {
                scores[index] = parts.Memory?.Find(batch[index].Text) is { } known && (known.IsWhole || known.IsVoid)
                    ? known
                    : null;
            }

            int[] unknown = [.. Enumerable.Range(0, batch.Count).Where(one => scores[one] is null)];
            parts.Run(unknown.Length, job => scores[unknown[job]] = Score(batch[unknown[job]].Text));
            parts.Memory?.Add(unknown.Select(one => KeyValuePair.Create(batch[one].Text, scores[one]!)));
            for (int index = 0; index < batch.Count; index++)
            {
                batch[index] = batch[index] with { Score = scores[index]! }; // Each is known by now.
            }

            _evaluations += batch.Count;
            _fuel = CandidateScore.SumOf(batch.Select(one => one.Score.Fuel).Prepend(_fuel));
            _remembered += batch.Count - unknown.Length;
            _void += batch.Count(one => !one.Score.IsWhole);
        }

        private CandidateScore Score(string text) => TrainRuns.Score(text, request.Problem, parts);

        private void Tell(int round, Step best) => _archive.Add(JsonLine.Of(json =>
        {
            json.WriteNumber("generation", round);
            json.WriteNumber("evaluations", _evaluations);
            json.WriteNumber("given_up", _void);
            json.WriteString("cost", FloatText.Of(best.Score.Mean));
            json.WriteString("rule", best.Last!.Rule); // It was proposed.
            json.WriteString("why", best.Last.Why);
        }));
    }
}
