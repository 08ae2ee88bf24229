using System.Text.Json.Nodes;

namespace Tars.Tests.Host.Models;

/// <summary>What a server of each protocol says, so that one script can be spoken in both.</summary>
internal static class Protocols
{
    /// <summary>The parts of an answer, cut in the middle of its text.</summary>
    /// <param name="reason">stop or length.</param>
    public static IReadOnlyList<string> Said(string kind, string text, string reason = "stop")
    {
        int half = text.Length / 2;
        return kind == "ollama"
            ? [OllamaPart(text[..half]), OllamaPart(text[half..]), OllamaEnd(reason)]
            :
            [
                OpenAiPart(text[..half], reason: null), OpenAiPart(text[half..], reason: null),
                OpenAiPart("", reason), Usage(), "data: [DONE]\n\n",
            ];
    }

    /// <summary>The same without its end.</summary>
    public static IReadOnlyList<string> BrokenOff(string kind, string text) =>
        kind == "ollama" ? [OllamaPart(text)] : [OpenAiPart(text, reason: null)];

    /// <summary>A refusal: its own member in one protocol, plain words in the other.</summary>
    public static IReadOnlyList<string> Refusal(string kind) => kind == "ollama"
        ? Said(kind, "I am sorry, but I cannot help with that.")
        :
        [
            Line(kind, """{"choices":[{"delta":{"refusal":"I will not."}}]}"""),
            "data: [DONE]\n\n",
        ];

    /// <summary>A call of a tool in the place of an answer.</summary>
    public static IReadOnlyList<string> ToolCall(string kind) => kind == "ollama"
        ?
        [
            Line(kind, """{"message":{"content":"","tool_calls":[{"function":{"name":"approve","arguments":{}}}]}}"""),
            OllamaEnd("stop"),
        ]
        :
        [
            Line(kind, """{"choices":[{"delta":{"content":null,"tool_calls":[{"function":{"name":"approve"}}]}}]}"""),
            Line(kind, """{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"""),
            "data: [DONE]\n\n",
        ];

    /// <summary>What says that nothing is over yet.</summary>
    public static string StillHere(string kind) => kind == "ollama" ? "\n" : ": still here\n\n";

    /// <summary>One line of a protocol.</summary>
    public static string Line(string kind, string json) => kind == "ollama" ? json + "\n" : $"data: {json}\n\n";

    private static string OllamaPart(string text) => new JsonObject
    {
        ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text },
        ["done"] = false,
    }.ToJsonString() + "\n";

    private static string OllamaEnd(string reason) => new JsonObject
    {
        ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = "" },
        ["done"] = true,
        ["done_reason"] = reason,
        ["prompt_eval_count"] = 700,
        ["eval_count"] = 50,
    }.ToJsonString() + "\n";

    private static string OpenAiPart(string text, string? reason) => "data: " + new JsonObject
    {
        ["choices"] = new JsonArray(new JsonObject
        {
            ["delta"] = new JsonObject { ["content"] = text },
            ["finish_reason"] = reason,
        }),
    }.ToJsonString() + "\n\n";

    private static string Usage() =>
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":700,\"completion_tokens\":50}}\n\n";
}
