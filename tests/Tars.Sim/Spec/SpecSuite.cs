using System.Text.Json;

namespace Tars.Sim.Spec;

/// <summary>Runs the official WebAssembly 2.0 test suite on decoder, validator and an engine.</summary>
public static class SpecSuite
{
    /// <summary>The variable that says where the suite is, when it is not beside the repository.</summary>
    public const string PathVariable = "TARS_WASM_SPEC";

    private const string Beside = "../shared/wasm-spec";

    /// <summary>Every engine that the suite can run on.</summary>
    public static IReadOnlyList<ISpecEngine> Engines => [new OracleSpecEngine(), new CilSpecEngine()];

    /// <summary>Where the suite is, seen from the repository; there may be nothing.</summary>
    public static string PathFrom(string repository) =>
        Environment.GetEnvironmentVariable(PathVariable) ?? Path.Combine(repository, Beside);

    /// <param name="only">The name of one script, or null for all.</param>
    public static SpecReport Run(SpecFiles files, ISpecEngine engine, string? only = null)
    {
        var scores = new List<SpecScore>();
        foreach (string name in files.Scripts.Where(name => only is null || name == only))
        {
            var script = new SpecScript(name, files.Read, engine);
            using var json = JsonDocument.Parse(files.Read(name + ".json"));
            foreach (var command in json.RootElement.GetProperty("commands").EnumerateArray())
            {
                script.Run(command);
            }

            scores.Add(script.Score);
        }

        return new SpecReport(scores);
    }
}
