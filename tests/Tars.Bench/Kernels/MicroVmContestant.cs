using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;

namespace Tars.Bench.Kernels;

/// <summary>The micro-VM engine: code of LLVM in a machine of its own.</summary>
internal sealed class MicroVmContestant : Contestant
{
    private const int DepthSlots = 1 << 16;
    private const long MemoryBytesMax = 1 << 27;

    private static readonly VmShape _shape = new(
        TextSize: 4 << 20,
        ReadOnlySize: 1 << 20,
        ControlSize: 1 << 20,
        StackSize: 4 << 20,
        MemorySize: 0,
        MemoryBytesMax);

    private static readonly Lazy<VmHost> _host = new(() => VmHost.Open());

    private readonly VmStore _store;
    private readonly VmInstance _instance;
    private readonly int _function;

    public MicroVmContestant(string name, ValidatedModule module, bool isMetered)
        : base(name)
    {
        _store = new VmStore(
            _host.Value,
            new VmStoreLimits(_shape, DepthSlots, TableElementsMax: 1 << 16, MemoryBytesMax, IsShared: false)
            {
                IsMetered = isMetered,
            });
        _instance = _store.Add(module, [], CodeTier.O2, out string? refusal, out _)
            ?? throw new InvalidOperationException($"{name}: {refusal}");
        _function = ((VmExtern.Function)_instance.Export("run")!).Index;
    }

    /// <summary>Null where it can run; otherwise what is missing.</summary>
    public static string? Missing
    {
        get
        {
            try
            {
                _ = _host.Value;
                return LlvmLibrary.Missing;
            }
            catch (KvmException why)
            {
                return why.Message;
            }
        }
    }

    public override Turn Run(int turns)
    {
        _store.SetSlot(0, (uint)turns);
        var begun = Environment.CpuUsage.TotalTime;
        var result = _store.Call(_instance, _function, long.MaxValue);
        var time = Environment.CpuUsage.TotalTime - begun;
        return result.Fault is null
            ? new Turn((uint)_store.Slot(0), time.TotalNanoseconds)
            : throw new InvalidOperationException($"{Name}: {result.Fault}");
    }

    public override void Dispose() => _store.Dispose();
}
