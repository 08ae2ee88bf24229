using System.Globalization;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Lang.Checking;

namespace Tars.Evolution.Scenarios;

/// <summary>What is expected of the answers to one step, over all its repetitions.</summary>
/// <param name="question">Index of the step's expectation for the judge; -1 when it has none.</param>
internal sealed class StepCheck(CheckedStep step, int question)
{
    private int _asked;
    private int _answered;
    private string _failure = "";

    public CheckedStep Step => step;

    /// <summary>Index of the step's expectation for the judge; -1 when it has none.</summary>
    public int Question => question;

    public void Ask() => _asked++;

    /// <summary>An answer came that was as expected, or was not.</summary>
    /// <param name="failure">Empty when it was.</param>
    public void Answer(long at, string failure)
    {
        _answered++;
        if (_failure.Length == 0 && failure.Length > 0)
        {
            _failure = _asked == 1 && step.Every is null ? failure : $"at {ValueText.Instant(at)}s: {failure}";
        }
    }

    /// <summary>Why an answer is no value that the step could go on with; empty when it is one.</summary>
    public string Refusal(StepAnswer answer)
    {
        if (!answer.Failed)
        {
            return step.Fails.Length == 0 ? "" : $"answered {ValueText.Short(answer.Type, answer.Octets.AsSpan())}";
        }

        var reader = new ByteReader(answer.Octets.AsSpan());
        string kind = BuiltInTypes.FailureKind.Cases[reader.U16()].Name;
        string detail = reader.Text();
        return kind == step.Fails ? "" : $"failed as {kind}: {detail}";
    }

    public CheckOutcome Outcome()
    {
        string failure = _failure.Length > 0 ? _failure
            : _asked == 0 ? "it was not asked before the end"
            : _answered < _asked ? Missing()
            : "";
        return new CheckOutcome(Text(), step.Expect?.Span ?? step.Span, failure.Length == 0, failure);
    }

    private string Missing() => _asked == 1
        ? "no answer came before the end"
        : string.Create(CultureInfo.InvariantCulture, $"{_asked - _answered} of {_asked} answers did not come");

    private string Text()
    {
        string asked = step.Stimulus switch
        {
            Stimulus.Ask ask => $"{ask.Agent.Name}.{ask.Handler.Subject}",
            Stimulus.Http http => $"{http.Method} {http.Path}",
            _ => "",
        };
        string expected = step.Expect?.Text ?? (step.Fails.Length == 0 ? "answers" : $"fails as {step.Fails}");
        return $"{DurationText.Of(step.At)} {asked}: {expected}";
    }
}
