namespace Tars.Evolution.Models;

/// <summary>What came back from a model. The family is closed.</summary>
/// <param name="PromptTokens">As the model counted them, within bounds; 0 where it did not say.</param>
/// <param name="AnswerTokens">The same of the answer.</param>
public abstract record ModelAnswer(long PromptTokens, long AnswerTokens)
{
    // A server is believed no count that would take from a sum, or make it overflow.
    public long PromptTokens { get; } = Math.Clamp(PromptTokens, 0, Limits.CountedTokensMax);

    public long AnswerTokens { get; } = Math.Clamp(AnswerTokens, 0, Limits.CountedTokensMax);

    /// <param name="IsWhole">False when it ran out of tokens: what there is of it is never closed and used.</param>
    public sealed record Said(string Text, bool IsWhole, long PromptTokens, long AnswerTokens)
        : ModelAnswer(PromptTokens, AnswerTokens);

    /// <summary>It would not.</summary>
    public sealed record Refused(string Reason, long PromptTokens, long AnswerTokens)
        : ModelAnswer(PromptTokens, AnswerTokens);

    /// <summary>No answer came, or not all of one.</summary>
    public sealed record Failed(string Reason) : ModelAnswer(0, 0);
}
