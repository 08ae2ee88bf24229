using Tars.Engine.Vm.Llvm;
using Tars.Sim.Fuzz;
using Xunit;

namespace Tars.Tests.Engine.Vm;

/// <summary>
/// The micro-VM engine and the oracle agree on results, traps and their places, fuel and memory, at traps too. Each row
/// is a generator's seed; `./dev.cs modules 1000 1 --microvm` runs more.
/// </summary>
public sealed class VmDifferentialTests
{
    private const int ModuleCount = 12;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Generated_modules_do_what_the_oracle_does(int level)
    {
        using var host = VmDifferential.Open(out string missing);
        Assert.SkipWhen(host is null, missing);
        for (ulong seed = 1; seed <= ModuleCount; seed++)
        {
            var module = (seed % 3) switch
            {
                0 => WasmGenerator.Module(seed),
                1 => LoopGenerator.Module(seed),
                _ => FaultGenerator.Module(seed),
            };
            Assert.Null(VmDifferential.Run(host, seed, module, (CodeTier)level));
            Assert.Null(VmDifferential.RunUnrolled(host, seed, (CodeTier)level));
        }
    }
}
