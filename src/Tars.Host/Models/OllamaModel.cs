using System.Text.Json.Nodes;
using Tars.Evolution.Models;

namespace Tars.Host.Models;

/// <summary>A model behind Ollama's `/api/chat`, asked for JSON of a schema.</summary>
/// <remarks>Ollama does not promise the form, so the answer is read as that of any other model.</remarks>
internal sealed class OllamaModel(ModelStream stream, Uri server, string model) : IModel
{
    public string Name => $"ollama:{model}";

    public ModelAnswer Ask(ModelAsk ask, CancellationToken stop)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            ["messages"] = new JsonArray(
                new JsonObject { ["role"] = "system", ["content"] = ask.System },
                new JsonObject { ["role"] = "user", ["content"] = ask.Prompt }),
            ["stream"] = true,
            ["format"] = JsonNode.Parse(ask.Schema),
            ["options"] = new JsonObject
            {
                ["temperature"] = 0,
                ["seed"] = ask.Seed,
                ["num_predict"] = ask.TokensMax,
            },
        };
        return stream.Ask(
            new Uri(server, "api/chat"), body.ToJsonString(), authorization: null, Read, ask.TokensMax, stop);
    }

    private static bool Read(string line, StreamedAnswer answer)
    {
        if (line.Length == 0)
        {
            return false;
        }

        var root = JsonNode.Parse(line) as JsonObject ?? throw new FormatException("no object");
        if (root["error"] is { } error)
        {
            answer.Error = error.ToString();
            return false;
        }

        answer.Add(root["message"]?["content"]?.GetValue<string>() ?? "");
        if (root["done"]?.GetValue<bool>() != true)
        {
            return false;
        }

        answer.Reason = root["done_reason"]?.GetValue<string>() ?? "stop";
        answer.PromptTokens = root["prompt_eval_count"]?.GetValue<long>() ?? 0;
        answer.AnswerTokens = root["eval_count"]?.GetValue<long>() ?? 0;
        return true;
    }
}
