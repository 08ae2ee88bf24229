using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Host.Moving;

/// <summary>An engine that gives modules for which nothing less than a machine of their own will do other code than the
/// rest.</summary>
internal interface IFloorEngine : IEngine
{
    /// <summary>For nothing less than a machine of its own: at once, however long it takes.</summary>
    EngineLoad LoadIsolated(ValidatedModule module);
}
