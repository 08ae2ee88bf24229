using System.IO.Compression;
using System.Text.Json;

namespace Tars.Sim.Spec;

/// <summary>Runs the official WebAssembly 2.0 test suite on decoder, validator and an engine.</summary>
/// <remarks>The archive is what wast2json makes: FILE.json with commands, and the modules they name.</remarks>
public static class SpecSuite
{
    /// <summary>Where the archive is, when nothing else says so.</summary>
    public const string PathVariable = "TARS_WASM_SPEC";

    public static SpecReport Run(string archive, ISpecEngine engine)
    {
        using var zip = ZipFile.OpenRead(archive);
        int passed = 0;
        int skipped = 0;
        var failures = new List<SpecFailure>();
        foreach (var entry in zip.Entries.OrderBy(entry => entry.FullName, StringComparer.Ordinal))
        {
            if (!entry.FullName.EndsWith(".json", StringComparison.Ordinal))
            {
                continue;
            }

            var script = new SpecScript(
                Path.GetFileNameWithoutExtension(entry.FullName), name => Bytes(zip, name), engine);
            using var json = JsonDocument.Parse(Bytes(zip, entry.FullName));
            foreach (var command in json.RootElement.GetProperty("commands").EnumerateArray())
            {
                script.Run(command);
            }

            passed += script.Passed;
            skipped += script.Skipped;
            failures.AddRange(script.Failures);
        }

        return new SpecReport(passed, skipped, failures);
    }

    private static byte[] Bytes(ZipArchive zip, string name)
    {
        using var stream = zip.GetEntry(name)!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
