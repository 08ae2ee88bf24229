using System.Collections.Immutable;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Compiling;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil;

/// <summary>Runs modules in this process: translates them to CIL, which the JIT of .NET optimises.</summary>
public sealed class CilEngine : IEngine
{
    private readonly TypeNumbers _typeNumbers = new();

    public string Name => "cil";

    public EngineLoad Load(ValidatedModule module) => Load(module, [], code => new CilCode(code));

    public EngineLoad LoadOpen(ValidatedModule module, ImmutableArray<FuncIndex> open) =>
        Load(module, [.. open.Select(one => one.Value)], code => new CilOpenCode(code));

    private EngineLoad Load(ValidatedModule module, ImmutableArray<int> open, Func<CompiledModule, IGuestCode> make)
    {
        if (GuestShape.WhyNot(module) is { } reason)
        {
            return new EngineLoad.Refused(reason);
        }

        ImmutableArray<HostCallRow?> hostCalls =
            [.. module.Module.Imports.Select(import => GuestShape.HostCallOf(module.Module, import))];
        var code = ModuleCompiler.Compile(
            module,
            hostCalls,
            _typeNumbers,
            ModuleUse.Process,
            Metering.Fuel,
            open,
            out string refusal);
        return code is not null
            ? new EngineLoad.Loaded(make(code))
            : new EngineLoad.Refused(refusal);
    }
}
