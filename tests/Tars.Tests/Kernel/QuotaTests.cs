using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>What an agent may burn in a second and send in an event, and how much trouble one sender may make.
/// </summary>
public sealed class QuotaTests
{
    private const string Program = """
        tars: 1
        module: quota
        version: 1.0.0
        summary: One agent makes trouble for another, which is patient twice.

        capabilities:
          subscribe: { bother: int, ask: int, both: int }
          publish: { told: text }

        agentic:
          agents:
            rude:
              role: Sends what traps.
              handlers:
                message bother as number:
                  do: |
                    tell patient.take(number = number)
                message ask as number:
                  do: |
                    let size = ask patient.give(number = number) within 1s else why {
                      publish("told", "rude: {why.kind} {why.detail}")
                      return
                    }
                    publish("told", "rude has {size}")
                refused as what:
                  do: |
                    publish("told", "rude is refused: {what.reason}")
            kind:
              role: Sends what does not.
              limits: { sends: 2 }
              handlers:
                message bother as number:
                  do: |
                    tell patient.take(number = 0)
                message both as number:
                  do: |
                    tell patient.take(number = 0)
                    publish("told", "one")
                    publish("told", "two")
                refused as what:
                  do: |
                    publish("told", "kind is refused: {what.reason}")
            patient:
              role: Takes it.
              on_trap: restart
              reject_after: 2
              handlers:
                ask take:
                  with: { number: int }
                  do: |
                    if number > 0 { fail "number {number}" }
                    publish("told", "taken")
                ask give:
                  with: { number: int }
                  returns: int
                  do: |
                    return number
        """;

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void Nothing_more_is_taken_from_who_has_caused_so_many_traps(bool running)
    {
        var rig = new SystemRig(running).Add(Program).Boot();
        for (int sent = 1; sent <= 4; sent++)
        {
            rig.Message("bother", SystemRig.Int(sent));
        }

        rig.Message("ask", SystemRig.Int(7));
        Assert.Equal(2, rig.Letters.Count);
        Assert.Equal(4, Count(rig, "\"taken\""));
        Assert.Equal(2, Count(rig, "rude is refused: it caused too many traps"));
        Assert.Equal(1, Count(rig, "rude: refused it caused too many traps"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void What_an_event_sends_and_publishes_is_counted_together(bool running)
    {
        var rig = new SystemRig(running).Add(Program).Boot().Message("both", SystemRig.Int(1));
        Assert.Equal((1, 0), (Count(rig, "\"one\""), Count(rig, "\"two\"")));
        Assert.Equal(1, Count(rig, "kind is refused: the event sends more than its limit"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Over_any_time_no_more_is_burnt_than_the_seconds_allow(bool running)
    {
        var rig = Slow(running, out var handled).Boot();
        rig.Wait(100); // What was not burnt in earlier seconds is not saved up.
        for (int sent = 0; sent < 100; sent++)
        {
            rig.Message("work", SystemRig.Int(sent));
            rig.Wait(0.1);
            Assert.InRange(handled.Count, 1, (int)(2 * (2 + (sent * 0.1))));
        }

        Assert.InRange(handled.Count, 18, 22);
        while (rig.Last.NextDue is not null)
        {
            rig.Wait(1);
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(number => (long)number), handled);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Who_rests_is_stopped_at_once_and_an_end_of_all_waits_for_no_second(bool running)
    {
        var rig = Slow(running, out var handled).Boot();
        for (int sent = 0; sent < 40; sent++)
        {
            rig.Message("work", SystemRig.Int(sent));
        }

        Assert.InRange(handled.Count, 1, 10);
        Assert.NotNull(rig.Last.NextDue);
        rig.Stop();
        Assert.Equal(40, handled.Count);
        Assert.Equal(0, rig.Last.Alive);

        rig = Slow(running, out handled).Boot();
        rig.Message("work", SystemRig.Int(1)).Message("work", SystemRig.Int(2)).Message("work", SystemRig.Int(3));
        rig.Step("stop it", new KernelEvent.StopProcess(rig.At, new ProcessId(1)));
        Assert.Equal(0, rig.Last.Alive);
        Assert.Null(rig.Last.NextDue);
    }

    // Each event burns 500 of the 1,000 of a second.
    private static SystemRig Slow(bool running, out List<long> handled)
    {
        var seen = handled = [];
        var agent = Agent("a", Message("work", IntType)) with
        {
            Limits = new LimitSpec(Fuel: null, Memory: null, FuelPerSecond: 1_000, Sends: null),
            Mailbox = new MailboxSpec(1_000, WhenFull.Reject),
        };
        var manifest = Of("m", agent) with { Subscribes = [new("work", IntType)] };
        return new SystemRig(running).Add(manifest, happened =>
        {
            if (happened.Kind == Tars.Bundle.Abi.EventKind.Handler)
            {
                happened.Burn(490);
                seen.Add(BitConverter.ToInt64(happened.Payload));
            }
        });
    }

    private static int Count(SystemRig rig, string words) =>
        rig.Journal.Split('\n').Count(line => line.Contains(words, StringComparison.Ordinal));
}
