using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;
using Tars.Tests.Lang.Emitting;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>Metascripts as the kernel gets them: compiled, read back, validated, translated by the engine.</summary>
internal static class CompiledModule
{
    private const long MemoryBytesMax = 1 << 28;

    public static (BundleManifest Manifest, IGuestCode Code) Of(string program)
    {
        var bundle = CompiledProcess.Compile(program);
        var decoded = Assert.IsType<DecodeResult.Decoded>(ModuleDecoder.Decode(bundle.Bytes.Span));
        var valid = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(decoded.Module));
        return (bundle.Manifest, Assert.IsType<EngineLoad.Loaded>(TestEngine.Here().Load(valid.Module)).Code);
    }

    public static IGuest Instance(IGuestCode code, long memoryBytesMax = MemoryBytesMax)
    {
        var limits = new GuestLimits(memoryBytesMax, DepthSlotsMax: 30_000, TableElementsMax: 0);
        var guest = code.Instantiate(limits, out var fault);
        Assert.Null(fault);
        return guest!; // No fault is a guest.
    }
}
