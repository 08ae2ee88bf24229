using Tars.Engine.Cil;
using Tars.Host.Oracle;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>The only place where an engine is constructed. To add one: a row in <see cref="Names"/> and in the
/// switch.</summary>
public static class Compose
{
    /// <summary>What `--engine` accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cil"];

    /// <summary>The engine with that name, or null.</summary>
    public static IEngine? Engine(string name) => name switch
    {
        "cil" => new CilEngine(),
        "oracle" => new OracleEngine(),
        _ => null,
    };

    /// <summary>What `replay --engine` accepts: the oracle is slow, and is there to judge what an engine did.</summary>
    public static IReadOnlyList<string> ReplayNames { get; } = [.. Names, "oracle"];

    /// <summary>What `wasm run --engine` accepts.</summary>
    public static IReadOnlyList<string> CommandNames { get; } = ["cil", "oracle"];

    /// <summary>The engine for commands with that name, or null.</summary>
    public static ICommandEngine? CommandEngine(string name) => name switch
    {
        "cil" => new CilCommandEngine(),
        "oracle" => new OracleCommandEngine(),
        _ => null,
    };
}
