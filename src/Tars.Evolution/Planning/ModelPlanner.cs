using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Evolution.Models;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Search;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Planning;

/// <summary>The planner `llm`: a model proposes edits, hears what became of them, and proposes others.</summary>
/// <remarks>
/// What it says is read by <see cref="AnswerRepair"/>, made, judged by the document rules, compiled and run as all is.
/// After three answers in a row that cannot be used, or when none comes, a planner that asks nobody takes over.
/// </remarks>
/// <param name="template">Of the prompt; empty for the one that comes with this program.</param>
/// <param name="otherwise">Who takes over when the model is of no use; null for the rules.</param>
public sealed class ModelPlanner(
    IModel model, ModelBudget budget, string template, IPlanner? otherwise = null) : IPlanner
{
    private const int RoundsMax = 12;
    private const int AsksAgainMax = 3;
    private const int AnswerTokensMax = 4_096;

    // An answer that may not be longer than this can hold no edit.
    private const int AnswerTokensMin = 64;
    private const int CharactersPerToken = 4;

    // What a model makes up may be long; the archive has all of it.
    private const int RefusalCharactersMax = 200;

    public string Name => "llm";

    public PlanResult Plan(PlanRequest request, ISearchParts parts, CancellationToken stop) =>
        new Talk(
            model,
            budget,
            template.Length == 0 ? ModelPrompt.Default() : template,
            otherwise ?? new RulePlanner(),
            request,
            parts,
            stop).Run();

    private sealed record Step(string Text, ImmutableArray<Edit> Edits, CandidateScore Score, string Why);

    private sealed class Talk(
        IModel model,
        ModelBudget budget,
        string template,
        IPlanner otherwise,
        PlanRequest request,
        ISearchParts parts,
        CancellationToken stop)
    {
        private readonly ImmutableArray<string>.Builder _archive = ImmutableArray.CreateBuilder<string>();
        private readonly List<string> _tried = [];
        private readonly List<Step> _better = [];
        private readonly EarlyEndWatch _end = new(request.End);
        private string _spent = "";
        private string _problem = "no answer";
        private int _evaluations;
        private long _fuel;
        private int _void;
        private int _refused;
        private string _refusal = "";
        private int _dropped;
        private readonly HashSet<string> _said = new(StringComparer.Ordinal);
        private int _repeated;
        private long _promptTokens;
        private long _sent;
        private long _answerTokens;
        private bool _isDone;

        public PlanResult.Found Run()
        {
            string first = request.Problem.Source.Text;
            var best = new Step(first, [], TrainRuns.Score(first, request.Problem, parts), "");
            _end.See(_evaluations, best.Score.Mean);
            string end = $"{RoundsMax} rounds";
            int unusable = 0;
            for (int round = 0; round < RoundsMax; round++)
            {
                end = WhyNoMore(unusable);
                if (end.Length != 0)
                {
                    break;
                }

                var (step, problem, isOver) = Ask(best);
                end = _spent;
                if (end.Length != 0)
                {
                    break;
                }

                _problem = problem.Length == 0 ? _problem : problem;
                unusable = problem.Length == 0 ? 0 : isOver ? AsksAgainMax : unusable + 1;
                if (step is not null && step.Score.Mean < best.Score.Mean)
                {
                    best = step;
                    _better.Add(step);
                    request.Progress?.Invoke(
                        new SearchProgress(round, _evaluations, step.Score.Mean, step.Why));
                }

                Tell(round, step, problem);
                _end.See(_evaluations, best.Score.Mean);
            }

            return AsksAgainMax <= unusable ? TakeOver() : Found(end.Length == 0 ? $"{RoundsMax} rounds" : end);
        }

        private string WhyNoMore(int unusable) =>
            AsksAgainMax <= unusable ? "no usable answers"
            : _isDone ? "it proposes nothing more"
            : stop.IsCancellationRequested ? "stopped"
            : request.Evaluations <= _evaluations ? "the evaluations are used up"
            : request.Fuel <= _fuel ? "the fuel is used up"
            : _end.Why.Length != 0 ? _end.Why
            : budget.WhyNoMore(_promptTokens, _answerTokens);

        // A step, or what to say to the model; over when asking again is of no use.
        private (Step? Step, string Problem, bool IsOver) Ask(Step best)
        {
            string prompt = ModelPrompt.Of(template, request, best.Score.Mean, _tried, best.Text);
            int sent = ModelPrompt.System.Length + prompt.Length;
            int answerMax = budget.AnswerTokens(_promptTokens, _answerTokens, Expected(sent), AnswerTokensMax);
            if (answerMax < AnswerTokensMin)
            {
                _spent = "what is left of the tokens or the money is too little for another answer";
                return (null, _spent, IsOver: true);
            }

            var answer = model.Ask(
                new ModelAsk(ModelPrompt.System, prompt, ModelPrompt.Schema, request.Seed, answerMax), stop);
            _promptTokens += Tokens(answer.PromptTokens, sent);
            _sent += sent;
            _answerTokens += Tokens(answer.AnswerTokens, answer is ModelAnswer.Said said ? said.Text.Length : 0);
            switch (answer)
            {
                case ModelAnswer.Failed failed:
                    return (null, failed.Reason, IsOver: true);
                case ModelAnswer.Refused refused:
                    _tried.Add($"you refused: {refused.Reason}");
                    return (null, $"the model refused: {refused.Reason}", IsOver: false);
                default:
                    var whole = (ModelAnswer.Said)answer;
                    _repeated += _said.Add(whole.Text) ? 0 : 1;
                    var read = AnswerRepair.Read(whole);
                    _dropped += read.Dropped;
                    if (read.Problem.Length != 0)
                    {
                        _tried.Add(read.Problem);
                        return (null, read.Problem, IsOver: false);
                    }

                    _isDone = read.Edits.IsEmpty;
                    return (_isDone ? null : Try(best, read), "", IsOver: false);
            }
        }

        // What the model did not count is estimated: a budget has to end a run of any server's.
        private static long Tokens(long counted, int characters) =>
            counted != 0 ? counted : characters / CharactersPerToken;

        // A prompt has as many tokens for its length as those before it, or more.
        private long Expected(int characters) => Math.Max(
            Tokens(0, characters),
            _sent == 0 ? 0 : (long)Math.Ceiling((double)characters * _promptTokens / _sent));

        private Step? Try(Step best, RepairedAnswer read)
        {
            var problem = request.Problem.With(best.Text);
            string what = read.Why.Length == 0 ? "edits without a reason" : read.Why;
            switch (EditApplication.Apply(problem.Source, read.Edits))
            {
                case EditResult.Refused refused:
                    _tried.Add($"{what}: edit {refused.Index + 1} refused: {refused.Why.Name} {refused.Why.Reason}");
                    Count(refused.Why);
                    return null;
                case EditResult.Edited edited when WhyNot(edited.Text) is [var first, ..] all:
                    _tried.Add($"{what}: refused: {string.Join("; ", all.Select(Words))}");
                    Count(first);
                    return null;
                case EditResult.Edited edited:
                    var score = TrainRuns.Score(edited.Text, request.Problem, parts, out string broken);
                    _evaluations++;
                    _fuel = CandidateScore.SumOf([_fuel, score.Fuel]);
                    _void += score.IsWhole ? 0 : 1;
                    string became = score.IsWhole
                        ? string.Create(CultureInfo.InvariantCulture, $"a cost of {score.Mean:0.######}")
                        : broken.Length != 0 ? broken : "it trapped, or gave no number";
                    _tried.Add($"{what}: {became}");
                    return new Step(edited.Text, [.. best.Edits, .. read.Edits], score, what);
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }

        private void Count(Refusal why)
        {
            _refused++;
            _refusal = Printable.Shortened(Words(why), RefusalCharactersMax);
        }

        private static string Words(Refusal why) => $"{why.Name} {why.Path}: {why.Reason}";

        private ImmutableArray<Refusal> WhyNot(string text)
        {
            var source = request.Problem.Source;
            var after = YamlReader.Read(new SourceText(source.Name, text), new DiagnosticBag());
            return DocumentRules.Judge(
                YamlReader.Read(source, new DiagnosticBag()), after, request.Problem.Evolution);
        }

        // What the model found before counts beside what the rules find.
        private PlanResult.Found TakeOver()
        {
            int left = Math.Max(1, request.Evaluations - _evaluations);
            var rest = request with { Evaluations = left, Fuel = Math.Max(1, request.Fuel - _fuel) };
            if (otherwise.Plan(rest, parts, stop) is not PlanResult.Found other)
            {
                return Found(_problem);
            }

            var own = Found(
                $"the model {model.Name} gave nothing to use ({_problem}), so the {otherwise.Name} took over");
            return own with
            {
                Finalists = [.. own.Finalists.Concat(other.Finalists).OrderBy(one => one.Train.Mean)],
                Archive = [.. own.Archive, .. other.Archive],
                Evaluations = own.Evaluations + other.Evaluations,
                GivenUp = own.GivenUp + other.GivenUp,
                Remembered = other.Remembered,
                Notes = [.. own.Notes, .. other.Notes],
            };
        }

        private PlanResult.Found Found(string end) => new(
            [
                .. _better.AsEnumerable().Reverse()
                    .Select(one => new PlannedVersion(new Proposal(one.Edits, model.Name, one.Why), one.Score)),
            ],
            _archive.ToImmutable(),
            _evaluations,
            _void)
        {
            WhyNothing = _refused == 0 ? $"{model.Name}: {end}"
                : $"all that {model.Name} proposed was refused, {_refused} times, at last {_refusal}",
            Notes =
            [
                _refused == 0 ? $"{model.Name}: {end}"
                    : $"{model.Name}: {end}; {_refused} refused of what it proposed, at last {_refusal}",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_promptTokens} tokens of prompts, {_answerTokens} of answers, "
                        + $"a cost of {budget.Cost(_promptTokens, _answerTokens):0.####}; "
                        + $"{_dropped} unknown members dropped"
                        + $"{(_repeated == 0 ? "" : $"; {_repeated} answers that it had given before")}"),
            ],
        };

        private void Tell(int round, Step? step, string problem) => _archive.Add(JsonLine.Of(json =>
        {
            json.WriteNumber("generation", round);
            json.WriteNumber("evaluations", _evaluations);
            json.WriteString("cost", step is null ? "" : FloatText.Of(step.Score.Mean));
            json.WriteString("why", step?.Why ?? "");
            json.WriteString("problem", problem.Length != 0 ? problem : step is null && !_isDone ? _tried[^1] : "");
        }));
    }
}
