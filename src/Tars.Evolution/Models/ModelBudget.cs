namespace Tars.Evolution.Models;

/// <summary>What a run may spend on its model.</summary>
/// <param name="Tokens">Of prompts and answers together; null for no bound but that of the rounds.</param>
/// <param name="Money">In the currency of the prices; null for no bound.</param>
/// <param name="PromptPrice">Of a million tokens of prompts.</param>
/// <param name="AnswerPrice">Of a million tokens of answers.</param>
public sealed record ModelBudget(long? Tokens, double? Money, double PromptPrice, double AnswerPrice)
{
    private const double Million = 1e6;

    public static ModelBudget None { get; } = new(Tokens: null, Money: null, PromptPrice: 0, AnswerPrice: 0);

    /// <summary>What so many tokens cost.</summary>
    public double Cost(long promptTokens, long answerTokens) =>
        ((promptTokens * PromptPrice) + (answerTokens * AnswerPrice)) / Million;

    /// <summary>Why nothing more may be asked; empty when it may.</summary>
    public string WhyNoMore(long promptTokens, long answerTokens) =>
        Tokens is { } tokens && tokens <= promptTokens + answerTokens ? "the tokens are used up"
        : Money is { } money && money <= Cost(promptTokens, answerTokens) ? "the money is used up"
        : "";
}
