using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>From when a time-out counts, and what becomes of a Failure that is handed on.</summary>
public sealed class AskTests
{
    private const string Program = """
        tars: 1
        module: desk
        version: 1.0.0
        summary: A desk asks a clerk, who asks a shelf.

        capabilities:
          subscribe: { look: text, fail: FailureKind }
          publish: { told: text }
          devices:
            shelf: { kind: store, value: text }

        agentic:
          agents:
            desk:
              role: Tells what it hears.
              handlers:
                message look as key:
                  do: |
                    let value = ask shelf.get(key = key) within 5s else why {
                      publish("told", "{key}: {why.kind} {why.detail}")
                      return
                    }
                    publish("told", "{key} is {value ?? key}")
                message fail as kind:
                  do: |
                    ask clerk.decline(kind = kind) within 5s else why {
                      publish("told", "{why.kind} {why.detail}")
                    }
            clerk:
              role: Hands on what it hears.
              handlers:
                ask decline:
                  with: { kind: FailureKind }
                  do: |
                    return Failure(kind = kind, detail = "it says")
        """;

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    /// <summary>A message that waited for longer than that found each of its asks too late before it was made.
    /// </summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public void A_time_out_counts_from_the_ask_and_not_from_the_event_that_waited(bool running)
    {
        var rig = new SystemRig(running).Add(Program).Boot();
        rig.Message("look", SystemRig.Text("a")).Message("look", SystemRig.Text("b"));
        rig.Wait(4);
        Reply(rig, 0);
        rig.Wait(4.5);
        Assert.DoesNotContain("timeout", rig.Journal, StringComparison.Ordinal);
        Reply(rig, 1);
        Assert.Contains("publishes told \"b is b\"", rig.Journal, StringComparison.Ordinal);

        rig.Message("look", SystemRig.Text("c"));
        rig.Wait(5.5);
        Assert.Contains("publishes told \"c: timeout no answer in time\"", rig.Journal, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_Failure_that_only_the_kernel_may_tell_of_is_handed_on_as_unavailable(bool running)
    {
        var rig = new SystemRig(running).Add(Program).Boot();
        (string Told, string Heard)[] all =
        [
            ("timeout", "unavailable timeout: it says"), ("refused", "refused it says"),
            ("gone", "unavailable gone: it says"), ("crashed", "unavailable crashed: it says"),
            ("denied", "unavailable denied: it says"), ("unavailable", "unavailable it says"),
            ("malformed", "malformed it says"),
        ];
        for (ushort kind = 0; kind < all.Length; kind++)
        {
            rig.Message("fail", [(byte)kind, 0]);
            Assert.EndsWith(
                $"publishes told \"{all[kind].Heard}\", nobody takes it",
                rig.Journal.Split('\n').Last(line => line.Contains("told", StringComparison.Ordinal)),
                StringComparison.Ordinal);
        }
    }

    private static void Reply(SystemRig rig, int ask) =>
        rig.Step("it answers", new KernelEvent.Answer(rig.At, rig.Asks[ask], new DeviceAnswer.Value([0])));
}
