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

    /// <summary>How many tokens the next answer may have, so that it does not go beyond a cap; 0 for none.</summary>
    /// <remarks>
    /// That holds as far as the prompt has no more tokens than was thought, and the server keeps to the bound.
    /// </remarks>
    /// <param name="next">Tokens of the prompt that is about to be sent, as far as is known before it is.</param>
    /// <param name="most">Of an answer where no cap is near.</param>
    public int AnswerTokens(long promptTokens, long answerTokens, long next, int most)
    {
        double left = most;
        if (Tokens is { } tokens)
        {
            left = Math.Min(left, tokens - promptTokens - answerTokens - next);
        }

        if (Money is { } money)
        {
            double rest = money - Cost(promptTokens + next, answerTokens);
            left = rest < 0 ? 0 : AnswerPrice == 0 ? left : Math.Min(left, rest * Million / AnswerPrice);
        }

        return (int)Math.Max(0, left);
    }

    /// <summary>Why nothing more may be asked; empty when it may.</summary>
    public string WhyNoMore(long promptTokens, long answerTokens) =>
        Tokens is { } tokens && tokens <= promptTokens + answerTokens ? "the tokens are used up"
        : Money is { } money && money <= Cost(promptTokens, answerTokens) ? "the money is used up"
        : "";
}
