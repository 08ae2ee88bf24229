using System.Text.Json.Nodes;
using Tars.Evolution.Models;

namespace Tars.Host.Models;

/// <summary>A model behind `/chat/completions` as OpenAI speaks it, asked for JSON of a strict schema.</summary>
/// <param name="key">Of the user; null for a server that wants none.</param>
internal sealed class OpenAiModel(ModelStream stream, Uri server, string model, string? key) : IModel
{
    private const string Data = "data:";
    private const string Done = "[DONE]";

    public string Name => $"openai:{model}";

    public ModelAnswer Ask(ModelAsk ask, CancellationToken stop)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            ["messages"] = new JsonArray(
                new JsonObject { ["role"] = "system", ["content"] = ask.System },
                new JsonObject { ["role"] = "user", ["content"] = ask.Prompt }),
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
            ["temperature"] = 0,
            ["seed"] = ask.Seed,
            ["max_completion_tokens"] = ask.TokensMax,
            ["response_format"] = new JsonObject
            {
                ["type"] = "json_schema",
                ["json_schema"] = new JsonObject
                {
                    ["name"] = "edits",
                    ["strict"] = true,
                    ["schema"] = JsonNode.Parse(ask.Schema),
                },
            },
        };
        return stream.Ask(
            new Uri(server, "chat/completions"), body.ToJsonString(), key, Read, ask.TokensMax, stop);
    }

    // Events of one line each; empty lines and comments stand between them.
    private static bool Read(string line, StreamedAnswer answer)
    {
        if (!line.StartsWith(Data, StringComparison.Ordinal))
        {
            return false;
        }

        string said = line[Data.Length..].Trim();
        if (said == Done)
        {
            return true;
        }

        var root = JsonNode.Parse(said) as JsonObject ?? throw new FormatException("no object");
        if (root["error"] is { } error)
        {
            answer.Error = (error as JsonObject)?["message"]?.ToString() ?? error.ToString();
            return false;
        }

        if (root["usage"] is JsonObject usage)
        {
            answer.PromptTokens = usage["prompt_tokens"]?.GetValue<long>() ?? 0;
            answer.AnswerTokens = usage["completion_tokens"]?.GetValue<long>() ?? 0;
        }

        if ((root["choices"] as JsonArray)?.FirstOrDefault() is JsonObject choice)
        {
            answer.Add(choice["delta"]?["content"]?.GetValue<string>() ?? "");
            answer.Refuse(choice["delta"]?["refusal"]?.GetValue<string>() ?? "");
            answer.Reason = choice["finish_reason"]?.GetValue<string>() ?? answer.Reason;
        }

        return false;
    }
}
