using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Host.Moving;
using Tars.Kernel.Ports;

namespace Tars.Host.Scenarios;

/// <summary>An engine that loads the first module in another way than those that it imports, which come after it.
/// </summary>
/// <param name="first">Loads the first on the same engine.</param>
/// <param name="whyNotAlone">Why that cannot be in a machine of its own.</param>
internal sealed class FirstModuleEngine(IEngine inner, Func<ValidatedModule, EngineLoad> first, string whyNotAlone)
    : IFloorEngine
{
    private bool _isFirst = true;

    public string Name => inner.Name;

    public IsolationFloor Isolation => inner.Isolation;

    public EngineLoad Load(ValidatedModule module)
    {
        bool isFirst = _isFirst;
        _isFirst = false;
        return isFirst ? first(module) : inner.Load(module);
    }

    // A machine's code is compiled whole and kept by what it was made of, so what is to have a machine of its own is
    // refused rather than given less.
    public EngineLoad LoadIsolated(ValidatedModule module)
    {
        bool isFirst = _isFirst;
        _isFirst = false;
        return !isFirst ? EngineDesk.Load(inner, module, isIsolated: true)
            : inner is IFloorEngine ? new EngineLoad.Refused(whyNotAlone)
            : first(module);
    }
}
