using Tars.Evolution.Loads;
using Tars.Kernel.Ports;
using Tars.Tests.Kernel;
using Xunit;

namespace Tars.Tests.Evolution;

/// <summary>A recording may say any time: a clock that jumps over years ends the load and not the patience.</summary>
public sealed class LoadClockTests
{
    private const string Program = """
        tars: 1
        module: beats
        version: 1.0.0
        summary: Beats.
        capabilities:
          timers: { shortest: 1ms }
          subscribe: { stop: int }
        state:
          count: int = 0
        handlers:
          start:
            do: |
              every 1ms beat
          timer beat:
            do: |
              count += 1
          message stop as number:
            do: |
              cancel beat
        """;

    [Theory]
    [InlineData(50_000_000, false)]
    [InlineData(1L << 62, true)]
    [InlineData(long.MaxValue, true)]
    public void A_load_is_run_as_far_as_it_can_be(long end, bool isTooFar)
    {
        var rig = new SystemRig(running: false).Add(Program).Link(new SilentOutside());
        KernelEvent[] events =
        [
            new KernelEvent.Boot(new Moment(0, 0), Seed: 1),
            new KernelEvent.Message(new Moment(end, end), "stop", [.. SystemRig.Int(1)]),
        ];
        var reasons = new List<string>();
        var report = LoadRun.Run(
            rig.System,
            shards: null,
            PolicyKind.RoundRobin,
            module: null,
            events.Select(one => new LoadEvent(0, one)),
            [new RecordedAnswers()],
            nanosecondsPerFuel: 1,
            reasons,
            TestContext.Current.CancellationToken);
        Assert.Empty(reasons);
        Assert.Equal(isTooFar, report!.Inconclusive is not null);
        Assert.InRange(report.Handled, 50, 2_000_000);
    }
}
