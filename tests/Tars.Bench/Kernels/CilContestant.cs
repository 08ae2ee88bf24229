using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Compiling;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Bench.Kernels;

/// <summary>This engine, in this process.</summary>
internal sealed class CilContestant : Contestant
{
    private static readonly GuestLimits _limits =
        new(MemoryBytesMax: 1 << 27, DepthSlotsMax: 1 << 16, TableElementsMax: 1 << 16);

    private readonly Instance _instance;
    private readonly int _function;

    public CilContestant(string name, string path, Metering metering)
        : this(name, Valid(File.ReadAllBytes(path)), metering)
    {
    }

    public CilContestant(string name, ValidatedModule module, Metering metering)
        : base(name)
    {
        _instance = Instance.Create(CodeOf(module, metering), _limits, [])
            ?? throw new InvalidOperationException($"{name}: no instance");
        _ = _instance.CopySegments();
        _function = ((Extern.Function)_instance.Export("run")!).Index;
    }

    public static ValidatedModule Valid(byte[] bytes)
    {
        var decoded = (DecodeResult.Decoded)ModuleDecoder.Decode(bytes);
        return ((ValidationResult.Valid)ModuleValidator.Validate(decoded.Module)).Module;
    }

    public static CompiledModule CodeOf(ValidatedModule module, Metering metering) =>
        ModuleCompiler.Compile(module, [], new TypeNumbers(), ModuleUse.Process, metering, out string refusal)
        ?? throw new InvalidOperationException(refusal);

    public override Turn Run(int turns)
    {
        _instance.State.SetValue(StateLayout.ScratchOf(0), (uint)turns);
        var begun = Environment.CpuUsage.TotalTime;
        var result = GuestRun.Run(_instance, long.MaxValue, _instance.Code.EntryOf(_function));
        var time = Environment.CpuUsage.TotalTime - begun;
        return result.Fault is null
            ? new Turn((uint)_instance.State.Int(StateLayout.ScratchOf(0)), time.TotalNanoseconds)
            : throw new InvalidOperationException($"{Name}: {result.Fault}");
    }

    public override void Dispose() => _instance.Dispose();
}
