using System.Text.Json;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;

namespace Tars.Cli.Views;

/// <summary>A bundle as JSON; docs/cli.md lists the members.</summary>
internal static class BundleJson
{
    public static string Of(BundleAnswer answer) => JsonText.Indented(json => Write(json, answer));

    /// <summary>Canonical JSON of a section, spread over lines for people.</summary>
    public static string Spread(byte[] canonical)
    {
        using var document = JsonDocument.Parse(canonical);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, JsonText.IndentedOptions))
        {
            document.RootElement.WriteTo(json);
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter json, BundleAnswer answer)
    {
        var (bundle, module) = (answer.Bundle, answer.Module);
        json.WriteString("file", answer.File);
        if (answer.Shows(BundlePart.Summary) || answer.Shows(BundlePart.Hash))
        {
            json.WriteString("hash", bundle.Hash.ToString());
        }

        if (answer.Shows(BundlePart.Summary) || answer.Shows(BundlePart.Sizes))
        {
            json.WriteNumber("size", bundle.Bytes.Length);
            json.List("sections", BundleSize.Of(bundle), (_, section) =>
            {
                json.WriteStartObject();
                json.WriteString("name", section.Name);
                json.WriteNumber("size", section.Bytes);
                json.WriteEndObject();
            });
        }

        if (answer.Shows(BundlePart.Summary) || answer.Shows(BundlePart.Manifest))
        {
            json.WritePropertyName("manifest");
            json.WriteRawValue(ManifestJson.WriteManifest(bundle.Manifest));
        }

        if (answer.Shows(BundlePart.State))
        {
            json.WritePropertyName("state");
            json.WriteRawValue(ManifestJson.WriteState(bundle.Manifest));
        }

        if (answer.Shows(BundlePart.Imports))
        {
            json.List("imports", module.Imports, (_, import) =>
                WriteExtern(json, $"{import.Module}.{import.Name}", WasmNames.Of(module, import.Type)));
        }

        if (answer.Shows(BundlePart.Exports))
        {
            json.List("exports", module.Exports, (_, export) =>
                WriteExtern(json, export.Name, WasmNames.Of(module, export)));
        }

        WriteSources(json, answer);
        if (answer.ShowsWasm)
        {
            json.WriteString("wasm", ModuleText.Of(module));
        }
    }

    private static void WriteExtern(Utf8JsonWriter json, string name, string type)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("type", type);
        json.WriteEndObject();
    }

    private static void WriteSources(Utf8JsonWriter json, BundleAnswer answer)
    {
        if (answer.Shows(BundlePart.Sites))
        {
            json.List("sites", answer.Bundle.Debug.Sites, (_, site) =>
            {
                json.WriteStartObject();
                json.WriteNumber("file", site.File);
                json.WriteNumber("line", site.Start.Line);
                json.WriteNumber("column", site.Start.Column);
                json.WriteNumber("end_line", site.End.Line);
                json.WriteNumber("end_column", site.End.Column);
                json.WriteEndObject();
            });
        }

        if (answer.Shows(BundlePart.Source))
        {
            json.List("source", answer.Bundle.Sources, (_, source) =>
            {
                json.WriteStartObject();
                json.WriteString("name", source.Name);
                json.WriteString("text", source.Text);
                json.WriteEndObject();
            });
        }
    }
}
