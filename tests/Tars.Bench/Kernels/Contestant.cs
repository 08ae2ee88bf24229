using Tars.Engine.Cil.Compiling;
using Tars.Engine.Vm.Kvm;

namespace Tars.Bench.Kernels;

/// <summary>Something that runs one kernel, over and over.</summary>
internal abstract class Contestant(string name) : IDisposable
{
    public const string Fuel = "fuel";
    public const string NoFuel = "no fuel";
    public const string MicroVm = "microvm";
    public const string MicroVmNoFuel = "microvm, no fuel";
    public const string V8 = "V8";
    public const string Native = "native";

    /// <summary>Compiled for what the micro-VM engine compiles for on this processor.</summary>
    public const string NativeV3 = "native v3";

    private const ulong StatesOfAvx = 0b111; // Programs of this system have them where the processor has.

    public string Name => name;

    /// <summary>All that can run here.</summary>
    public static IEnumerable<Contestant> All(KernelProgram kernel, string wasm)
    {
        yield return new CilContestant(Fuel, wasm, Metering.Fuel);
        yield return new CilContestant(NoFuel, wasm, Metering.None);
        if (MicroVmContestant.Missing is null)
        {
            var module = CilContestant.Valid(File.ReadAllBytes(wasm));
            yield return new MicroVmContestant(MicroVm, module, isMetered: true);
            yield return new MicroVmContestant(MicroVmNoFuel, module, isMetered: false);
        }

        if (Repository.Has("node"))
        {
            yield return new ChildContestant(V8, "node", Repository.File("tests/Tars.Bench/Kernels/v8.mjs"), wasm);
        }

        yield return new ChildContestant(Native, Toolchain.Native(kernel, ProcessorLevel.V2));
        if (ProcessorLevels.Here(StatesOfAvx) is ProcessorLevel.V3)
        {
            yield return new ChildContestant(NativeV3, Toolchain.Native(kernel, ProcessorLevel.V3));
        }
    }

    /// <summary>Calls `run` of the kernel once.</summary>
    public abstract Turn Run(int turns);

    public abstract void Dispose();

    /// <param name="Nanoseconds">Processor time, so that others on the machine count little.</param>
    public readonly record struct Turn(uint Checksum, double Nanoseconds);
}
