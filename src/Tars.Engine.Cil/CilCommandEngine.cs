using System.Collections.Immutable;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Compiling;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil;

/// <summary>Runs commands in this process, as <see cref="CilEngine"/> runs guests.</summary>
public sealed class CilCommandEngine : ICommandEngine
{
    public string Name => "cil";

    public CommandLoad Load(ValidatedModule module, IHostFunctions host, GuestLimits limits)
    {
        if (CommandImports.Bind(module, host, out var numbers) is { } missing)
        {
            return new CommandLoad.Refused(missing);
        }

        var noDeferredCalls = Enumerable.Repeat<HostCallRow?>(null, numbers.Length).ToImmutableArray();
        var code = ModuleCompiler.Compile(
            module, noDeferredCalls, new TypeNumbers(), ModuleUse.Command, Metering.Fuel, out string refusal);
        if (code is null)
        {
            return new CommandLoad.Refused(refusal);
        }

        if (Instance.Create(code, limits, []) is not { } instance)
        {
            return new CommandLoad.Refused("its memory or its tables are larger than the limits allow");
        }

        if (instance.CopySegments() is { } fault)
        {
            instance.Dispose();
            return new CommandLoad.Faulted(fault);
        }

        return new CommandLoad.Ready(new CilCommand(instance, new CommandHost(instance, host, numbers)));
    }
}
