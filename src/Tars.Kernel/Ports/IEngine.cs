using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;

namespace Tars.Kernel.Ports;

/// <summary>
/// Turns a validated module into code that can be instantiated. An engine decides nothing: it runs and it faults.
/// </summary>
public interface IEngine
{
    /// <summary>What <c>--engine</c> calls it.</summary>
    string Name { get; }

    /// <summary>What separates its guests from the host and from each other.</summary>
    IsolationFloor Isolation => IsolationFloor.Any;

    /// <summary>
    /// Compiles a module. A module that the engine cannot run answers <see cref="EngineLoad.Refused"/>.
    /// </summary>
    EngineLoad Load(ValidatedModule module);

    /// <summary>The same, for code of which some functions stay open; then what is loaded is an
    /// <see cref="IOpenCode"/>.</summary>
    /// <param name="open">Functions of the module's own, each once.</param>
    EngineLoad LoadOpen(ValidatedModule module, ImmutableArray<FuncIndex> open) =>
        new EngineLoad.Refused($"the engine {Name} replaces no single functions");
}
