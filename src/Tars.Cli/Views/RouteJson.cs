using System.Text.Json;
using Tars.Host.Granting;

namespace Tars.Cli.Views;

/// <summary>The ways of capabilities, as JSON.</summary>
internal static class RouteJson
{
    public static string Of(IReadOnlyList<ModuleRoutes> modules, PolicyFile? policy, bool isAccepted) =>
        JsonText.Indented(json =>
        {
            json.WriteString("policy", policy?.Grants.Name);
            json.WriteBoolean("accepted", isAccepted);
            json.List("modules", modules, (_, module) =>
            {
                json.WriteStartObject();
                json.WriteString("module", module.Manifest.Name);
                json.WriteString("version", module.Manifest.Version);
                json.WriteString("floor", module.IsIsolated ? "microvm" : "any");
                json.List("capabilities", module.Capabilities, Write);
                json.WriteEndObject();
            });
        });

    private static void Write(Utf8JsonWriter json, CapabilityRoute route)
    {
        json.WriteStartObject();
        json.WriteString("kind", route.Verdict.Demand.Word);
        json.WriteString("name", route.Verdict.Demand.Name);
        json.WriteString("detail", route.Verdict.Demand.Detail);
        json.WriteString("answer", route.Verdict.Answer.ToString().ToLowerInvariant());
        json.WriteString("by", route.Verdict.By);
        json.List("given", route.Verdict.Given, Text);
        json.List("agents", route.Agents, (_, end) =>
        {
            json.WriteStartObject();
            json.WriteString("agent", end.Agent);
            json.List("uses", end.Uses, Text);
            if (end.Narrowing is { } narrowing)
            {
                json.List("only", narrowing.Only, Text);
            }

            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string text) => json.WriteStringValue(text);
}
