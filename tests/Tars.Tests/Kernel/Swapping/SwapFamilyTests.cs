using System.Diagnostics;
using System.Runtime.CompilerServices;
using Tars.Engine.Cil;
using Tars.Engine.Vm;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel.Swapping;

/// <summary>Swaps of modules with several agents: children, awaited answers, waiting mail, old code.</summary>
public sealed class SwapFamilyTests
{
    private const string Team = """
        tars: 1
        module: team
        version: 1.0.0
        summary: A boss and workers.

        capabilities:
          subscribe: { go: int, done: int }
          spawn: { worker: 8 }

        agentic:
          agents:
            boss:
              role: Hands out work.
              state:
                workers: list<ref<worker>> = []
                results: map<ref<worker>, int> = []

              handlers:
                message go as n:
                  do: |
                    if n < 0 {
                      for one in workers { tell one.rest() }
                      return
                    }
                    if n == 0 {
                      for one in workers {
                        let got = ask one.work(n = 1) within 2s else { break }
                        results[one] = got
                      }
                      return
                    }
                    let one = spawn worker(factor = n)
                    workers.push(one)

                exit worker as gone:
                  do: |
                    log("gone", reason = gone.reason, detail = gone.detail)

            worker:
              role: Works.
              starts: by_spawn
              state:
                factor: int
                done: int = 0

              handlers:
                ask work:
                  with: { n: int }
                  returns: int
                  do: |
                    done += 1
                    return n * factor

                ask rest:
                  do: |
                    exit()
        """;

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void Whoever_knows_a_process_goes_on_knowing_it(bool running)
    {
        string next = Team
            .Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
            .Replace("done: int = 0", "done: int = 0\n        idle: duration = 1s", StringComparison.Ordinal)
            .Replace("return n * factor", "return n * factor * 10", StringComparison.Ordinal)
            .Replace(
                "    worker:\n      role: Works.",
                "    clerk:\n      role: Comes later.\n      state: { notes: int = 0 }\n      handlers:\n        start:\n"
                + "          do: |\n            notes += 1\n\n    worker:\n      role: Works.",
                StringComparison.Ordinal);
        var rig = new SystemRig(running).Add(Team).Boot();
        foreach (int step in new[] { 2, 3, 0 })
        {
            rig.Message("go", SystemRig.Int(step));
        }

        rig.Look(1).Look(3).Swap(next).Look(1).Look(3).Look(4);
        foreach (int step in new[] { 5, 0, -1 })
        {
            rig.Message("go", SystemRig.Int(step));
        }

        rig.Look(1).Swap(Team).Stop();
        Assert.True(rig.Swaps[0].IsDone);
        Assert.Contains(
            """results = {"-4611686018427387907":50,"-4611686018427387906":30,"-4611686018427387905":20}""",
            rig.Journal,
            StringComparison.Ordinal);
        if (!running)
        {
            // Which of several workers comes first, and in which batches, is the engine's affair.
            Golden.CheckWhole(Golden.Path("kernel/swap/family.txt"), rig.Journal);
        }
    }

    [Fact]
    public void A_swap_waits_for_who_waits_and_is_refused_when_that_takes_too_long()
    {
        // The worker's guest answers Running, and the rig does not deliver its end: its boss waits.
        var rig = new SystemRig(running: true).Add(Team).Boot().Message("go", SystemRig.Int(2));
        rig.Kernel.Step(new KernelEvent.Message(rig.At, "go", [.. SystemRig.Int(0)]));
        rig.Deliver(1);
        var busy = new SwapTerms { Within = 1_000_000_000 };
        var answer = rig.Kernel.Step(KernelEvent.Swap.Of(rig.At, rig.Image(Team), busy));
        Assert.Equal(rig.At.Monotonic + 1_000_000_000, answer.NextDue);
        Assert.Empty(rig.Swaps);
        rig.Pass(1.5);
        rig.Kernel.Step(new KernelEvent.Turn(rig.At));
        Assert.Equal(
            "busy: boss #1 has not come to the end of its handler", Assert.Single(Assert.Single(rig.Swaps).Refusals));

        rig.Kernel.Step(KernelEvent.Swap.Of(rig.At, rig.Image(Team), new SwapTerms()));
        rig.Step("go on", new KernelEvent.Turn(rig.At));
        Assert.True(rig.Swaps[1].IsDone);
        Assert.Equal(2, rig.Swaps[1].Processes);
        rig.Look(1);
        Assert.Contains("results = {\"2\":2}", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void Mail_that_waits_becomes_mail_of_the_new_version_or_refuses_the_swap()
    {
        const string Old = """
            tars: 1
            module: inbox
            version: 1.0.0
            summary: Takes what comes.

            capabilities: { subscribe: { item: Item } }

            types:
              Item: { name: text }

            state:
              seen: list<text> = []

            handlers:
              message item as it:
                do: |
                  seen.push(it.name)
            """;
        string next = Old
            .Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
            .Replace("Item: { name: text }", "Item: { size: int = 7, name: text }", StringComparison.Ordinal)
            .Replace("seen.push(it.name)", "seen.push(\"{it.name} {it.size}\")", StringComparison.Ordinal);
        string bad = next.Replace("size: int = 7", "size: int", StringComparison.Ordinal);
        var rig = new SystemRig(running: true).Add(Old).Boot();
        rig.Kernel.Step(new KernelEvent.Message(rig.At, "item", [.. SystemRig.Text("first")]));
        foreach (string name in new[] { "second", "third" })
        {
            rig.Kernel.Step(new KernelEvent.Message(rig.At, "item", [.. SystemRig.Text(name)]));
        }

        // The first is being handled; the others wait while the versions change.
        rig.Kernel.Step(KernelEvent.Swap.Of(rig.At, rig.Image(bad), new SwapTerms()));
        rig.Deliver(1);
        Assert.Equal(
            "mail for `message item` waits, and `message item` takes other values now (message item.it.size is new and "
            + "has no default)",
            Assert.Single(Assert.Single(rig.Swaps).Refusals));
        rig.Kernel.Step(KernelEvent.Swap.Of(rig.At, rig.Image(next), new SwapTerms()));
        rig.Step("go on", new KernelEvent.Turn(rig.At)).Look(1);

        Assert.True(rig.Swaps[1].IsDone);
        Assert.Contains("""seen = ["first","second","third"]""", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_was_swapped_out_is_collected()
    {
        var rig = new SystemRig(running: false);
        var old = SwapOut(rig);
        for (int round = 0; round < 10 && old.IsAlive; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(old.IsAlive);
        Assert.Equal(1, rig.Last.Alive);
    }

    // Not in line, so that no local of the test keeps the code alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference SwapOut(SystemRig rig)
    {
        var (manifest, code) = CompiledModule.Of(Team);
        var held = new WeakReference(HeldBy(code));
        rig.Add(manifest, () => CompiledModule.Instance(code)).Boot().Swap(Team);
        Assert.True(rig.Swaps[0].IsDone);
        rig.Forget();
        code.Dispose();
        return held;
    }

    // What there is of code besides the object that the kernel is given: methods, or the images of machines.
    private static object HeldBy(IGuestCode code) => code switch
    {
        CilCode cil => cil.Run.Method,
        VmCode vm => vm.Images.Image,
        _ => throw new UnreachableException(),
    };
}
