using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;

namespace Tars.Sim.Spec;

/// <summary>What the suite asks of whatever runs modules: an engine or the oracle.</summary>
/// <remarks>An export is whatever the engine makes of it; the suite only hands it back.</remarks>
public interface ISpecEngine
{
    string Name { get; }

    /// <summary>Null where it can run; otherwise what is missing.</summary>
    string? Missing => null;

    /// <summary>Another script begins; nothing of the last one is asked for any more.</summary>
    /// <param name="isLinked">Its modules import from each other.</param>
    void Begin(bool isLinked)
    {
    }

    /// <param name="imports">Answers an export of another instance of the same engine, or null.</param>
    SpecInstance Instantiate(ValidatedModule module, Func<Import, object?> imports);

    /// <summary>Calls an exported function, or reads an exported global.</summary>
    OracleResult? Act(object export, ReadOnlySpan<Value> arguments);
}

/// <summary>What instantiating gave: the exports, or why there are none.</summary>
/// <param name="Exports">Answers null for what is not exported; null when there is no instance.</param>
/// <param name="Unlinkable">In the suite's words.</param>
public sealed record SpecInstance(Func<string, object?>? Exports, string? Unlinkable = null, WasmTrap? Trap = null);
