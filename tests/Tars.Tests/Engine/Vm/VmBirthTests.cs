using Tars.Bundle.Wasm;
using Tars.Engine.Vm;
using Tars.Engine.Vm.Objects;
using Tars.Kernel.Ports;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Engine.Vm;

/// <summary>A guest for which there is no machine is told so, and not what a guest does wrong.</summary>
public sealed class VmBirthTests
{
    [Fact]
    public void A_system_without_more_machines_is_named_with_what_it_said()
    {
        Assert.SkipWhen(VmSupport.WhyNot is not null, VmSupport.WhyNot ?? "");
        using var compiler = new ObjectCompiler(
            () => CompileChild.Program(CompileLimits.Usual), CompileLimits.Usual, cache: null);
        var engine = new VmEngine(compiler);
        using var host = engine.Host!; // There are machines here.
        var bundle = CompiledProcess.Compile(
            """
            tars: 1
            module: alone
            version: 1.0.0
            summary: Does nothing.
            state: { count: int = 0 }
            handlers:
              start:
                do: |
                  count += 1
            """);
        var module = Assert.IsType<DecodeResult.Decoded>(ModuleDecoder.Decode(bundle.Bytes.Span)).Module;
        var valid = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(module)).Module;
        using var code = Assert.IsType<EngineLoad.Loaded>(engine.Load(valid)).Code;
        host.System.DescriptorMax = 1;
        Assert.Null(code.Instantiate(new GuestLimits(1 << 24, 1_000, 100), out var fault));
        Assert.StartsWith("the system gives no more micro-VMs: ", fault!.Why, StringComparison.Ordinal);
        Assert.EndsWith("machines leave 64 of them to others", fault.Why, StringComparison.Ordinal);
    }
}
