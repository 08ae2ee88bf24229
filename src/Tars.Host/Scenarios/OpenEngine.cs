using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Host.Scenarios;

/// <summary>An engine that leaves functions of the first module open that it loads; those it imports come after it.
/// </summary>
internal sealed class OpenEngine(IEngine inner, ImmutableArray<FuncIndex> open) : IEngine
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
}
