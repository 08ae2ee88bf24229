using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Host.Moving;
using Tars.Kernel.Ports;

namespace Tars.Host.Scenarios;

/// <summary>An engine that leaves functions of the first module open that it loads; those it imports come after it.
/// </summary>
internal sealed class OpenEngine(IEngine inner, ImmutableArray<FuncIndex> open) : IFloorEngine
{
    private bool _isFirst = true;

    public string Name => inner.Name;

    public IsolationFloor Isolation => inner.Isolation;

    public EngineLoad Load(ValidatedModule module)
    {
        bool isFirst = _isFirst;
        _isFirst = false;
        return isFirst ? inner.LoadOpen(module, open) : inner.Load(module);
    }

    // A machine's code is compiled whole: what is to have a machine of its own is refused rather than given less.
    public EngineLoad LoadIsolated(ValidatedModule module)
    {
        bool isFirst = _isFirst;
        _isFirst = false;
        return !isFirst ? EngineDesk.Load(inner, module, isIsolated: true)
            : inner is IFloorEngine
                ? new EngineLoad.Refused("no single function is replaced in a machine of its own")
                : inner.LoadOpen(module, open);
    }
}
