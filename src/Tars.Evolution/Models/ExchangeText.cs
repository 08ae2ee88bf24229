using System.Text.Json;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Store;

namespace Tars.Evolution.Models;

/// <summary>Exchanges as lines of JSON; what is written can be read again.</summary>
public static class ExchangeText
{
    private const string Said = "said";
    private const string Refused = "refused";
    private const string Failed = "failed";

    public static string Write(ModelExchange exchange) => JsonLine.Of(json =>
    {
        json.WriteString("key", KeyOf(exchange.Ask));
        json.WriteString("system", exchange.Ask.System);
        json.WriteString("prompt", exchange.Ask.Prompt);
        json.WriteString("schema", exchange.Ask.Schema);
        json.WriteNumber("seed", exchange.Ask.Seed);
        json.WriteNumber("tokens_max", exchange.Ask.TokensMax);
        json.WriteString("kind", exchange.Answer switch
        {
            ModelAnswer.Said => Said,
            ModelAnswer.Refused => Refused,
            _ => Failed,
        });
        json.WriteString("text", exchange.Answer switch
        {
            ModelAnswer.Said said => said.Text,
            ModelAnswer.Refused refused => refused.Reason,
            ModelAnswer.Failed failed => failed.Reason,
            _ => "",
        });
        json.WriteBoolean("whole", exchange.Answer is ModelAnswer.Said { IsWhole: true });
        json.WriteNumber("prompt_tokens", exchange.Answer.PromptTokens);
        json.WriteNumber("answer_tokens", exchange.Answer.AnswerTokens);
    });

    /// <summary>The key of the question and its answer; null for a line that is none.</summary>
    public static (string Key, ModelAnswer Answer)? Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            string text = root.GetProperty("text").GetString() ?? "";
            long prompt = root.GetProperty("prompt_tokens").GetInt64();
            long answer = root.GetProperty("answer_tokens").GetInt64();
            ModelAnswer? read = root.GetProperty("kind").GetString() switch
            {
                Said => new ModelAnswer.Said(text, root.GetProperty("whole").GetBoolean(), prompt, answer),
                Refused => new ModelAnswer.Refused(text, prompt, answer),
                Failed => new ModelAnswer.Failed(text),
                _ => null,
            };
            return read is not null && root.GetProperty("key").GetString() is { } key ? (key, read) : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            return null;
        }
    }

    /// <summary>The same question has the same key.</summary>
    public static string KeyOf(ModelAsk ask) => VersionId.Of(string.Join(
        '\0',
        ask.System,
        ask.Prompt,
        ask.Schema,
        ask.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture))).ToString();
}
