using System.Runtime.CompilerServices;
using Tars.Kernel.Ports;
using Tars.Sim.Swarm;
using Xunit;

namespace Tars.Tests.Kernel.Swapping;

/// <summary>What a swap leaves behind: nothing that would make a run grow which is swapped for ever.</summary>
public sealed class OldCodeTests
{
    private const string Text = """
        tars: 1
        module: nest
        version: 1.0.0
        summary: Has children that go.
        capabilities:
          subscribe: { go: int }
          spawn: { child: 4 }
        agentic:
          agents:
            nest:
              role: Spawns.
              state: { gone: int = 0 }
              handlers:
                message go as count:
                  do: |
                    for i in 0..count { spawn child() }
                exit child as ended:
                  do: |
                    gone += 1
            child:
              role: Goes.
              starts: by_spawn
              handlers:
                start:
                  do: |
                    exit()
        """;

    [Fact]
    public void Children_that_have_ended_keep_no_old_version_alive()
    {
        var kernel = Swapped(out var old);
        for (int tries = 0; tries < 10 && old.IsAlive; tries++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(old.IsAlive, "something still knows the code of the version before");
        Assert.Single(kernel.Status());
    }

    // Apart, so that no local of a frame that is still there names what is to go.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Tars.Kernel.Kernel Swapped(out WeakReference old)
    {
        var first = Image(Text);
        old = new WeakReference(first.Code);
        var system = Assert.IsType<LinkResult.Linked>(SystemImage.Link([first])).System;
        var kernel = new Tars.Kernel.Kernel(system, new DeafOutside());
        var at = new Moment(1, 1);
        Rest(kernel, new KernelEvent.Boot(at, Seed: 1));
        Rest(kernel, new KernelEvent.Message(at, "go", [.. SystemRig.Int(3)]));
        var next = Image(Text.Replace("1.0.0", "1.1.0", StringComparison.Ordinal));
        Rest(kernel, KernelEvent.Swap.Of(at, next, new SwapTerms { NoReturn = true }));
        Assert.Equal(next.Hash, kernel.System.Modules[0].Hash);
        return kernel;
    }

    private static void Rest(Tars.Kernel.Kernel kernel, KernelEvent happened)
    {
        while (kernel.Step(happened).MoreToDo)
        {
            happened = new KernelEvent.Turn(happened.At);
        }
    }

    private static ModuleImage Image(string text)
    {
        var image = SwarmModules.Load("nest.tars", text, out _);
        return image with { Code = new Known(image.Code) };
    }

    /// <summary>The code itself, where a test can ask whether anybody knows it still.</summary>
    private sealed class Known(IGuestCode inner) : IGuestCode
    {
        public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault) => inner.Instantiate(limits, out fault);

        public void Dispose() => inner.Dispose();
    }
}
