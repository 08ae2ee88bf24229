using System.Text.Json;

namespace Tars.Sim.Spec;

/// <summary>Runs the official WebAssembly 2.0 test suite on decoder, validator and an engine.</summary>
public static class SpecSuite
{
    /// <summary>The variable that says where the suite is, when it is not beside the repository.</summary>
    public const string PathVariable = "TARS_WASM_SPEC";

    private const string Beside = "../shared/wasm-spec";

    /// <summary>Every engine that the suite can run on.</summary>
    /// <param name="level">How much LLVM optimises for the micro-VM engine, from 0 to 2: 2 takes minutes.</param>
    public static IReadOnlyList<ISpecEngine> Engines(int level) =>
        [new OracleSpecEngine(), new CilSpecEngine(), new MicroVmSpecEngine(level)];

    /// <summary>Where the suite is, seen from the repository; there may be nothing.</summary>
    public static string PathFrom(string repository) =>
        Environment.GetEnvironmentVariable(PathVariable) ?? Path.Combine(repository, Beside);

    /// <param name="only">The name of one script, or null for all.</param>
    public static SpecReport Run(SpecFiles files, ISpecEngine engine, string? only = null)
    {
        var scores = new List<SpecScore>();
        foreach (string name in files.Scripts.Where(name => only is null || name == only))
        {
            using var json = JsonDocument.Parse(files.Read(name + ".json"));
            var commands = json.RootElement.GetProperty("commands");
            engine.Begin(commands.EnumerateArray().Any(IsRegister));
            var script = new SpecScript(name, files.Read, engine);
            foreach (var command in commands.EnumerateArray())
            {
                script.Run(command);
            }

            scores.Add(script.Score);
        }

        return new SpecReport(scores);
    }

    private static bool IsRegister(JsonElement command) => command.GetProperty("type").GetString() == "register";
}
