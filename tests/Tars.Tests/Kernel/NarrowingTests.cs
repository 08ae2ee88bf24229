using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>An operator leaves a module less than it declares: what is taken away is neither used nor heard.</summary>
public sealed class NarrowingTests
{
    private const string Program = """
        tars: 1
        module: plant
        version: 1.0.0
        summary: Opens valves, prints, and asks an address.
        capabilities:
          subscribe: { soil/+: int, order: int }
          publish: { valve/+: int }
          spawn: { helper: 3 }
          devices:
            out: console
            web: { kind: fetch, hosts: [http://localhost:9] }
            input: lines
        agentic:
          supervision: { strategy: one_for_one, restarts: 3, within: 10s }
          agents:
            gardener:
              role: Waters.
              handlers:
                message soil/{bed} as value:
                  do: |
                    log("soil of {bed} is {value}")
                message order as value:
                  do: |
                    publish("valve/{value}", value)
                    tell out.print(line = "valve {value}")
                    spawn helper()
                    let page = ask web.get(url = "http://localhost:9/") within 9s else why {
                      log("no page: {why.detail}")
                      return
                    }
                    log("page {page.status}")
                device input as line:
                  do: |
                    log("a line")
                refused as what:
                  do: |
                    log("refused: {what.target}")
                exit helper as end:
                  do: |
                    log("no helper")
            helper:
              role: Helps.
              starts: by_spawn
              handlers:
                start:
                  do: |
                    tell out.print(line = "helping")
            witness:
              role: Hears and prints as it may.
              handlers:
                message soil/{bed} as value:
                  do: |
                    tell out.print(line = "witness {bed}")
        """;

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void What_is_not_narrowed_is_as_declared(bool running) =>
        Golden.CheckWhole(Golden.Path("kernel/narrowing-none.txt"), Play(running));

    [Theory]
    [MemberData(nameof(Modes))]
    public void What_is_narrowed_is_refused_and_not_heard(bool running) => Golden.CheckWhole(
        Golden.Path("kernel/narrowing.txt"),
        Play(
            running,
            new("plant", "gardener", NarrowingKind.Subscribe, "soil/+", ["soil/1", "soil/3"]),
            new("plant", "gardener", NarrowingKind.Publish, "valve/+", ["valve/2"]),
            new("plant", "gardener", NarrowingKind.Device, "web", []),
            new("plant", "gardener", NarrowingKind.Device, "input", []),
            new("plant", "gardener", NarrowingKind.Spawn, "helper", ["1"]),
            new("plant", "helper", NarrowingKind.Device, "out", [])));

    [Fact]
    public void What_is_left_is_never_more_than_what_is_declared()
    {
        string journal = Play(
            running: false,
            new("plant", "gardener", NarrowingKind.Subscribe, "soil/+", ["order", "+/1", "+"]),
            new("plant", "gardener", NarrowingKind.Publish, "valve/+", ["+/+", "soil/1"]),
            new("plant", "gardener", NarrowingKind.Spawn, "helper", ["9"]),
            new("other", "gardener", NarrowingKind.Device, "out", []));
        Assert.Contains("publishes valve/1", journal, StringComparison.Ordinal);
        Assert.DoesNotContain("publishes soil", journal, StringComparison.Ordinal);
        Assert.Equal(3, journal.Split("is plant.helper").Length - 1);
    }

    [Fact]
    public void A_new_version_is_narrowed_as_it_says()
    {
        // Nobody waits for an answer, so each swap is done at once.
        var web = new Narrowing("plant", "gardener", NarrowingKind.Device, "web", []);
        var console = web with { Name = "out" };
        string second = Program.Replace("1.0.0", "1.0.1", StringComparison.Ordinal);
        string third = Program.Replace("1.0.0", "1.0.2", StringComparison.Ordinal);
        var rig = new SystemRig(running: false).Add(Program, [web, console]).Boot();
        rig.Message("order", SystemRig.Int(1));
        rig.Swap(rig.Image(second).Narrowed([web])).Message("order", SystemRig.Int(2));
        rig.Swap(rig.Image(third).Narrowed([web, console])).Message("order", SystemRig.Int(3));
        Assert.Equal(2, rig.Swaps.Count(one => one.IsDone));
        Assert.Equal(
            [false, true, false],
            Enumerable.Range(1, 3).Select(order => rig.Journal.Contains(
                $"tells out.print {{\"line\":\"valve {order}\"}}", StringComparison.Ordinal)));
    }

    private static string Play(bool running, params Narrowing[] narrowings)
    {
        var rig = new SystemRig(running).Add(Program, [.. narrowings]).Boot();
        rig.Message("soil/1", SystemRig.Int(10)).Message("soil/2", SystemRig.Int(20));
        for (int order = 1; order <= 4; order++)
        {
            rig.Message("order", SystemRig.Int(order));
            if (0 < rig.Asks.Count)
            {
                rig.Step("the page is not there", new KernelEvent.Answer(
                    rig.At, rig.Asks[^1], new DeviceAnswer.Failed(AskFailure.Unavailable, "gone")));
                rig.Asks.Clear();
            }
        }

        return rig.Lines("input", last: false, "x").Stop().Journal;
    }
}
