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

    public EngineLoad Load(ValidatedModule module)
    {
        var hostCalls = ImmutableArray.CreateBuilder<HostCallRow?>();
        foreach (var import in module.Module.Imports)
        {
            if (HostCallOf(module.Module, import) is not { } row)
            {
                return new EngineLoad.Refused(
                    $"it imports '{import.Module}.{import.Name}', which is no host call with that type");
            }

            hostCalls.Add(row);
        }

        if (GuestShape.WhyNot(module) is { } reason)
        {
            return new EngineLoad.Refused(reason);
        }

        var code = ModuleCompiler.Compile(
            module,
            hostCalls.DrainToImmutable(),
            _typeNumbers,
            ModuleUse.Process,
            Metering.Fuel,
            out string refusal);
        return code is not null
            ? new EngineLoad.Loaded(new CilCode(code))
            : new EngineLoad.Refused(refusal);
    }

    private static HostCallRow? HostCallOf(WasmModule module, Import import) =>
        import is { Module: HostCalls.ModuleName, Type: ImportType.OfFunc func }
        && HostCalls.Find(import.Name) is { } row
        && module.Types[func.Type.Value].Equals(TypeOf(row))
            ? row
            : null;

    private static FuncType TypeOf(HostCallRow row) => new([.. row.Arguments.SelectMany(TypesOf)], []);

    private static ValType[] TypesOf(HostArgument argument) => argument.Kind switch
    {
        HostArgumentKind.I32 => [ValType.I32],
        HostArgumentKind.I64 => [ValType.I64],
        HostArgumentKind.F64 => [ValType.F64],
        HostArgumentKind.Bytes => [ValType.I32, ValType.I32],
    };
}
