using Tars.Bundle.DebugMap;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>What a kernel allocates for events like those before: nothing, so no collection makes one late.</summary>
public sealed class SteadyStateTests
{
    private const long Millisecond = 1_000_000;

    private const string Program = """
        tars: 1
        module: ticks
        version: 1.0.0
        summary: One that ticks, one that is flooded.

        capabilities:
          timers: { shortest: 1ms }

        agentic:
          agents:
            ticker:
              role: Ticks.
              state:
                texts: list<text> = []
              handlers:
                start:
                  do: |
                    every 1ms tick
                timer tick:
                  do: |
                    texts = []
                    for i in 0..20 { texts.push("a text with the number {i} in it") }
            flooder:
              role: Tells more than is taken.
              state:
                sent: int = 0
              handlers:
                start:
                  do: |
                    every 1ms flood
                timer flood:
                  do: |
                    for i in 0..40 { tell flooded.take(n = sent) }
                    sent += 40
            flooded:
              role: Takes one at a time.
              mailbox: { length: 20, when_full: drop_oldest }
              state:
                sum: int = 0
              handlers:
                ask take:
                  with: { n: int }
                  do: |
                    sum = sum % 1000 + n % 1000
        """;

    [Fact]
    public void Timers_texts_and_a_flood_that_drops_allocate_nothing()
    {
        var (manifest, code) = CompiledModule.Of(Program);
        var image = new ModuleImage(manifest, code, DebugInfo.None, default);
        var system = Assert.IsType<LinkResult.Linked>(SystemImage.Link([image])).System;
        var kernel = new Tars.Kernel.Kernel(system, new SilentOutside());
        long now = 0;
        kernel.Step(new KernelEvent.Boot(new Moment(0, 0), Seed: 1));
        Pass(300);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Pass(300);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(10_000 < kernel.Report().Processes[2].Handlers[0].Committed);

        void Pass(int milliseconds)
        {
            for (int left = milliseconds; 0 < left; left--)
            {
                now += Millisecond;
                while (kernel.Turn(new Moment(now, now)).MoreToDo)
                {
                    // Until nothing is left to do.
                }
            }
        }
    }
}
