using Tars.Host;
using Tars.Host.Journal.Recent;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Tars.Tests.Lang.Emitting;
using Tars.Tests.Support;
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
            asker:
              role: Asks and is answered, or declined.
              state:
                sum: int = 0
                declined: int = 0
              handlers:
                start:
                  do: |
                    every 1ms tick
                timer tick:
                  do: |
                    let half = ask answerer.half(n = sum + declined) within 1s else {
                      declined += 1
                      return
                    }
                    sum = sum % 1000 + half
            answerer:
              role: Answers.
              handlers:
                ask half:
                  with: { n: int }
                  returns: int
                  do: |
                    if n % 3 == 0 { return Failure(kind = FailureKind.unavailable, detail = "a third") }
                    return n / 2 + 1
        """;

    private readonly ReadOnlyMemory<byte> _bundle;
    private readonly Tars.Kernel.Kernel _kernel;
    private long _now;

    public SteadyStateTests()
    {
        _bundle = CompiledProcess.Compile(Program).Bytes;
        var system = new SystemLoader(TestEngine.Here(), new RunOptions()).Load([_bundle])!;
        _kernel = new Tars.Kernel.Kernel(system, new SilentOutside());
        _kernel.Step(new KernelEvent.Boot(new Moment(0, 0), Seed: 1));
    }

    [Fact]
    public void Timers_texts_asks_and_a_flood_that_drops_allocate_nothing()
    {
        Pass(300, _kernel.Turn);

        // The runtime compiles a loop anew while it runs, and may allocate for that, once: what each event costs is in
        // every span.
        Assert.Contains(Enumerable.Range(0, 3), _ => Pass(300, _kernel.Turn) == 0);
        Assert.True(10_000 < _kernel.Report().Processes[2].Handlers[0].Committed);
        Assert.Equal(_now / Millisecond, _kernel.Report().Processes[4].Handlers[0].Committed);
    }

    [Fact]
    public void What_a_run_keeps_in_memory_allocates_with_a_new_state_alone()
    {
        var hash = _kernel.System.Modules[0].Hash;
        using var recent = new RecentRun(inner: null, new JournalHeader([hash], [], []), [_bundle]);
        Pass(300, at => recent.Turn(_kernel, at));
        Assert.NotNull(recent.Copy(_now, out _));

        // When there is a new one the clock says too; most spans have none.
        Assert.Contains(Enumerable.Range(0, 30), _ => Pass(20, at => recent.Turn(_kernel, at)) == 0);
    }

    // Octets that were allocated.
    private long Pass(int milliseconds, Func<Moment, StepResult> turn)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int left = milliseconds; 0 < left; left--)
        {
            _now += Millisecond;
            while (turn(new Moment(_now, _now)).MoreToDo)
            {
                // Until nothing is left to do.
            }
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
