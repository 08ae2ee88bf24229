using System.Text;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>What a process is told before its next event: beliefs and parameters that changed.</summary>
public sealed class PreludeTests
{
    private const string Believer = """
        tars: 1
        module: believer
        version: 1.0.0
        summary: Believes more with each message.
        capabilities:
          subscribe: { in/text: text }
        params:
          step: { type: int, value: 1, range: [1, 5], about: How much a message counts. }
        state:
          seen: int = 0
        handlers:
          message in/text as words:
            do: |
              observe(dry, 0.9)
              seen += step
              log("seen", count = seen, size = words.size(), wet = belief(wet))
        belief_graph:
          beliefs:
            dry: { claim: It is dry., prior: 0.3 }
            wet: { claim: It is wet., prior: 0.3 }
          relations:
            - { from: dry, attacks: wet, weight: 0.5 }
        """;

    public static IEnumerable<TheoryDataRow<bool, int>> Sizes =>
        from mode in SystemRig.Modes
        from size in Enumerable.Range(0, 40)
        select new TheoryDataRow<bool, int>(mode.Data, 65_536 - (size * 16));

    [Theory]
    [MemberData(nameof(Sizes))]
    public void What_leaves_no_room_for_the_event_has_a_batch_of_its_own(bool running, int size)
    {
        var rig = new SystemRig(running).Add(Believer).Boot();
        byte[] words = [.. BitConverter.GetBytes(size), .. Encoding.UTF8.GetBytes(new string('x', size))];
        rig.Message("in/text", words).Message("in/text", words);
        rig.Step("set", new KernelEvent.SetParam(rig.At, "believer", "step", [.. BitConverter.GetBytes(5L)]));
        rig.Message("in/text", words);
        Assert.Empty(rig.Letters);
        Assert.Equal(3, Assert.Single(rig.Kernel.Report().Processes).Committed);
    }
}
