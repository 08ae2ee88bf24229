using System.Text.Json;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Cli.Views;

/// <summary>What a swap would do, as JSON.</summary>
internal static class SwapJson
{
    public static string Of(BundleManifest old, BundleManifest now, SwapPreview preview) => JsonText.Indented(json =>
    {
        json.WriteString("module", old.Name);
        json.WriteString("from", old.Version);
        json.WriteString("to", now.Version);
        json.List("refused", preview.Refusals, Text);
        json.List("changes", preview.Changes, Text);
        json.List("warnings", preview.Warnings, Text);
        json.List("conditions", preview.Conditions, Text);
        json.List("rights", preview.Rights, Text);
        json.List("no_way_back", preview.NoWayBack, Text);
    });

    private static void Text(Utf8JsonWriter json, string text) => json.WriteStringValue(text);
}
