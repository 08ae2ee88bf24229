using Tars.Bundle.Wasm;

namespace Tars.Kernel.Ports;

/// <summary>Runs commands: modules of any origin that follow no ABI of ours and call their host while they
/// run.</summary>
/// <remarks>A command is not a transaction: what its calls did stays done, however it ends.</remarks>
public interface ICommandEngine
{
    /// <summary>What <c>--engine</c> calls it.</summary>
    string Name { get; }

    /// <summary>Makes one instance; its start function, if it has one, is the caller's first call.</summary>
    CommandLoad Load(ValidatedModule module, IHostFunctions host, GuestLimits limits);
}
