using Tars.Engine.Cil;
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
        _ => null,
    };
}
