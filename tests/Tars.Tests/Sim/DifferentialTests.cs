using Tars.Sim.Reference;
using Xunit;

namespace Tars.Tests.Sim;

/// <summary>Compiled handlers do what the reference evaluator does, on generated programs; `./dev.cs sim` runs more
/// seeds.</summary>
public sealed class DifferentialTests
{
    [Fact]
    public void Compiled_programs_agree_with_the_reference_however_events_are_batched()
    {
        for (ulong seed = 1_000; seed < 1_020; seed++)
        {
            Assert.Null(Differential.Run(seed));
        }
    }
}
