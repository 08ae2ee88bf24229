using System.Text.Json;
using Tars.Base;

namespace Tars.Bundle.Manifest;

/// <summary>
/// Manifests as canonical JSON: the same manifest gives the same bytes, and other bytes for it are refused.
/// </summary>
/// <remarks>
/// A manifest stands in two sections of a bundle: state fields and continuations of the agents in one (the state
/// schema), all else
/// in the other. docs/bundle.md describes both.
/// </remarks>
public static class ManifestJson
{
    /// <summary>The section `tars.manifest`.</summary>
    public static byte[] WriteManifest(BundleManifest manifest)
    {
        var output = new ByteWriter(4096);
        new ManifestWriter(output).Manifest(manifest);
        return output.ToArray();
    }

    /// <summary>The section `tars.state`.</summary>
    public static byte[] WriteState(BundleManifest manifest)
    {
        var output = new ByteWriter(1024);
        new ManifestWriter(output).States(manifest);
        return output.ToArray();
    }

    /// <summary>Reads both sections; the bytes may be hostile.</summary>
    public static ManifestReading Read(ReadOnlyMemory<byte> manifestJson, ReadOnlyMemory<byte> stateJson)
    {
        var options = new JsonDocumentOptions { MaxDepth = BundleLimits.JsonDepthMax };
        try
        {
            using var manifestDocument = JsonDocument.Parse(manifestJson, options);
            using var stateDocument = JsonDocument.Parse(stateJson, options);
            var reader = new ManifestReader();
            var manifest = reader.Read(manifestDocument.RootElement, stateDocument.RootElement);
            var error = reader.Error ?? ManifestRules.FirstBroken(manifest);
            if (error is not null)
            {
                return new ManifestReading.Refused(error);
            }

            bool canonical = WriteManifest(manifest).AsSpan().SequenceEqual(manifestJson.Span)
                && WriteState(manifest).AsSpan().SequenceEqual(stateJson.Span);
            return canonical
                ? new ManifestReading.Read(manifest)
                : new ManifestReading.Refused("the manifest is not in canonical form");
        }
        catch (JsonException)
        {
            return new ManifestReading.Refused("the manifest is not JSON");
        }
        catch (InvalidOperationException)
        {
            // The library's answer to a string with half a surrogate pair.
            return new ManifestReading.Refused("the manifest holds text that is not Unicode");
        }
    }
}
