using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel.Operating;

/// <summary>What an operator does to a running system, in both ways of running a guest.</summary>
public sealed class OperatorTests
{
    internal const string Till = """
        tars: 1
        module: till
        version: 1.0.0
        summary: Takes sales.

        capabilities:
          devices: { out: { kind: console } }
          subscribe: { sold: int, go: text }
          publish: { total: int }

        params:
          tax: { type: int, value: 10, range: [0, 100], about: Percent. }

        state:
          sum: int = 0
          closed: bool = false

        handlers:
          message sold as price:
            do: |
              if closed { fail "closed" }
              sum += price
              publish("total", sum + tax)

          message go as what:
            do: |
              closed = what == "close"
              tell out.print(line = what)

          stop:
            do: |
              log("stopped")
        """;

    private const string Newer = """
        tars: 1
        module: till
        version: 2.0.0
        summary: Takes sales, in another order of handlers.

        capabilities:
          devices: { out: { kind: console } }
          subscribe: { sold: int, go: text }
          publish: { total: int }

        params:
          tax: { type: int, value: 20, range: [15, 100], about: Percent. }

        state:
          sum: int = 0
          closed: bool = false

        handlers:
          message go as what:
            do: |
              closed = what == "close"
              tell out.print(line = what)

          message sold as price:
            do: |
              if closed { fail "closed" }
              sum += 2 * price
              publish("total", sum + tax)
        """;

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_parameter_that_is_set_for_a_time_returns_by_itself(bool running)
    {
        var rig = new SystemRig(running).Add(Till).Boot();
        Sell(rig, 1);
        Set(rig, 50, seconds: 10);
        Sell(rig, 1);
        rig.Wait(5);
        Set(rig, 60, seconds: 10);
        Assert.Equal(15_000_000_000, rig.Last.NextDue);
        rig.Wait(9);
        Sell(rig, 1);
        rig.Wait(1);
        Sell(rig, 1);
        Set(rig, 70, seconds: 10);
        rig.Set("till", "tax", SystemRig.Int(80)).Wait(10);
        Assert.Null(rig.Last.NextDue);
        Sell(rig, 1);
        Set(rig, 101, seconds: 10);
        Set(rig, 90, seconds: 10);
        rig.Swap(Newer).Wait(10);
        Sell(rig, 1);
        Golden.CheckWhole(Golden.Path("kernel/operator-set.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_value_that_the_new_version_does_not_take_returns_as_what_it_declares(bool running)
    {
        var rig = new SystemRig(running).Add(Till).Boot();
        Set(rig, 50, seconds: 10);
        rig.Swap(Newer).Wait(10);
        Sell(rig, 1);
        Assert.Contains("publishes total 22,", rig.Journal, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void What_is_revoked_is_refused_until_it_is_granted_again(bool running)
    {
        var rig = new SystemRig(running).Add(Till).Boot();
        var device = new Right(RightKind.Device, "out");
        var total = new Right(RightKind.Publish, "total");
        Go(rig, "one");
        Revoke(rig, ProcessId.Outside, "till", device);
        Revoke(rig, ProcessId.Outside, "till", device);
        Go(rig, "two");
        Assert.True(rig.Kernel.Rights().Single(one => one.Right == device).IsRevoked);
        rig.Swap(Newer);
        Go(rig, "three");
        Grant(rig, ProcessId.Outside, "till", device);
        Grant(rig, ProcessId.Outside, "till", device);
        Go(rig, "four");
        Revoke(rig, new ProcessId(1), "", total);
        Sell(rig, 1);
        Grant(rig, ProcessId.Outside, "till", total);
        Grant(rig, new ProcessId(1), "", total);
        Sell(rig, 1);
        Revoke(rig, new ProcessId(2), "", total);
        Revoke(rig, ProcessId.Outside, "nobody", total);
        Revoke(rig, ProcessId.Outside, "till", new Right(RightKind.Device, "total"));
        Golden.CheckWhole(Golden.Path("kernel/operator-rights.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void What_was_narrowed_from_a_revoked_right_and_handed_on_goes_with_it(bool running)
    {
        var rig = new SystemRig(running).Add(File.ReadAllText(RepoRoot.File("samples/lend.tars"))).Boot();
        var shelf = new Right(RightKind.Device, "shelf");
        foreach (var (process, module) in new[] { (new ProcessId(1), ""), (ProcessId.Outside, "lend") })
        {
            string name = module.Length == 0 ? "ann" : "bob";
            rig.Message("lend/come", SystemRig.Text(name));
            Revoke(rig, process, module, shelf);
            Write(rig, name);
            Grant(rig, process, module, shelf);
            Write(rig, name);
        }

        rig.Message("lend/come", SystemRig.Text("eve"));
        Write(rig, "eve");
        rig.Step("answer", new KernelEvent.Answer(rig.At, rig.Asks.Single(), new DeviceAnswer.Value([])));
        Golden.CheckWhole(Golden.Path("kernel/operator-derived.txt"), rig.Journal);
    }

    private static void Write(SystemRig rig, string name) => rig.Message(
        "lend/write", [.. SystemRig.Text(name), .. SystemRig.Text($"{name}/title"), .. SystemRig.Text("words")]);

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_dead_letter_is_delivered_again_once_and_as_the_version_that_runs_takes_it(bool running)
    {
        var rig = new SystemRig(running).Add(Till).Boot();
        Go(rig, "close");
        Sell(rig, 1);
        Sell(rig, 2);
        Sell(rig, 3);
        Go(rig, "open");
        var letters = rig.Kernel.DeadLetters.ToArray();
        Assert.Equal([1L, 2L, 3L], letters.Select(one => one.Number));
        Assert.All(letters, one => Assert.Equal(("till", "message sold", ""), (one.Agent, one.Handler, one.WhyNot)));
        Deliver(rig, 2);
        Deliver(rig, 2);
        rig.Swap(Newer);
        Deliver(rig, 1);
        Drop(rig, 3);
        Deliver(rig, 3);
        Assert.Empty(rig.Kernel.DeadLetters);
        Go(rig, "close");
        Sell(rig, 4);
        Deliver(rig, 4);
        Assert.Equal([5L], rig.Kernel.DeadLetters.Select(one => one.Number));
        rig.Step("stop #1", new KernelEvent.StopProcess(rig.At, new ProcessId(1)));
        Deliver(rig, 5);
        Golden.CheckWhole(Golden.Path("kernel/operator-dead.txt"), rig.Journal);
    }

    [Fact]
    public void The_box_of_dead_letters_is_bounded()
    {
        var rig = new SystemRig(running: false).Add(Till).Boot();
        Go(rig, "close");
        for (int number = 1; number <= Tars.Kernel.Limits.DeadLettersMax + 10; number++)
        {
            Sell(rig, number);
        }

        Assert.Equal(Tars.Kernel.Limits.DeadLettersMax, rig.Kernel.DeadLetters.Count());
        Assert.Equal(11, rig.Kernel.DeadLetters.First().Number);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_process_that_is_stopped_runs_its_stop_handler_and_does_not_come_back(bool running)
    {
        var rig = new SystemRig(running).Add(Till).Boot();
        rig.Step("stop #1", new KernelEvent.StopProcess(rig.At, new ProcessId(1)));
        rig.Step("stop #1", new KernelEvent.StopProcess(rig.At, new ProcessId(1)));
        Assert.Equal(0, rig.Last.Alive);
        Assert.Contains("#1 logs stopped", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("operator stop #1: there is no such process", rig.Journal, StringComparison.Ordinal);
    }

    private static void Sell(SystemRig rig, long price) => rig.Message("sold", SystemRig.Int(price));

    private static void Go(SystemRig rig, string what) => rig.Message("go", SystemRig.Text(what));

    private static void Set(SystemRig rig, long value, long seconds) => rig.Step(
        $"set till.tax={value} for {seconds}s",
        new KernelEvent.SetParam(rig.At, "till", "tax", [.. SystemRig.Int(value)])
        {
            Until = rig.At.Monotonic + (seconds * 1_000_000_000),
        });

    private static void Revoke(SystemRig rig, ProcessId process, string module, Right right) =>
        rig.Step($"revoke {right} of {module}{process}", new KernelEvent.Revoke(rig.At, process, module, right));

    private static void Grant(SystemRig rig, ProcessId process, string module, Right right) =>
        rig.Step($"grant {right} of {module}{process}", new KernelEvent.Grant(rig.At, process, module, right));

    private static void Deliver(SystemRig rig, long letter) =>
        rig.Step($"deliver {letter}", new KernelEvent.DeliverDead(rig.At, letter));

    private static void Drop(SystemRig rig, long letter) =>
        rig.Step($"drop {letter}", new KernelEvent.DropDead(rig.At, letter));
}
