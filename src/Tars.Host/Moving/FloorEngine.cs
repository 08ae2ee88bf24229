using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Host.Moving;

/// <summary>The usual engine for all modules but those for which nothing less than a machine of their own will do.
/// </summary>
/// <remarks>For who runs many versions of a module and none for long, and yet keeps what its operator wants.</remarks>
internal sealed class FloorEngine(IEngine usual, IEngine isolated) : IFloorEngine
{
    public string Name => usual.Name;

    /// <summary>What it can give.</summary>
    public IsolationFloor Isolation => isolated.Isolation;

    public EngineLoad Load(ValidatedModule module) => usual.Load(module);

    public EngineLoad LoadOpen(ValidatedModule module, ImmutableArray<FuncIndex> open) => usual.LoadOpen(module, open);

    public EngineLoad LoadIsolated(ValidatedModule module) => isolated.Load(module);
}
