using Tars.Sim.Fuzz;
using Xunit;

namespace Tars.Tests.Engine;

/// <summary>On modules made from seeds the engine does what the oracle does: results, traps, fuel and memory.</summary>
public sealed class DifferentialTests
{
    private const ulong ModuleCount = 250;
    private const ulong LoopModuleCount = 500;

    [Fact]
    public void Engine_and_oracle_agree_on_every_call()
    {
        for (ulong seed = 0; seed < ModuleCount; seed++)
        {
            Assert.Null(EngineDifferential.Run(seed, WasmGenerator.Module(seed)));
        }
    }

    [Fact]
    public void Engine_and_oracle_agree_on_loops_that_walk_out_of_the_memory()
    {
        for (ulong seed = 0; seed < LoopModuleCount; seed++)
        {
            Assert.Null(EngineDifferential.Run(seed, LoopGenerator.Module(seed)));
        }
    }

    [Fact]
    public void An_instance_that_takes_over_the_state_of_another_goes_on_as_it_would_have()
    {
        for (ulong seed = 0; seed < ModuleCount; seed++)
        {
            Assert.Null(EngineDifferential.RunMoved(seed, WasmGenerator.Module(seed)));
        }
    }

    [Fact]
    public void Node_and_oracle_agree_on_every_call()
    {
        using var node = NodeDifferential.Start();
        Assert.SkipWhen(node is null, "node is not on the PATH");
        for (ulong seed = 0; seed < ModuleCount; seed++)
        {
            Assert.Null(NodeDifferential.Run(node, seed));
        }

        node.StandardInput.Close();
        node.WaitForExit();
    }
}
