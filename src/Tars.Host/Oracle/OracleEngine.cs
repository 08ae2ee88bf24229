using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Host.Oracle;

/// <summary>Runs guests on the oracle: slowly, and so that what an engine did can be judged.</summary>
internal sealed class OracleEngine : IEngine
{
    public string Name => "oracle";

    public EngineLoad Load(ValidatedModule module) => GuestShape.WhyNot(module) is { } reason
        ? new EngineLoad.Refused(reason)
        : new EngineLoad.Loaded(new OracleCode(module));
}
