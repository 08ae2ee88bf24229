using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>An event that does not fit into its process's memory costs that event and not the process, of whatever kind
/// it is: a message, the answer to an ask, the handlers `start` and `stop`.</summary>
public sealed class LittleRoomTests
{
    private const long LittleRoom = 640 << 10;
    private static readonly string[] _moments = ["start", "message", "answer", "stop"];
    private static readonly bool[] _modes = [false, true];

    private const string Program = """
        tars: 1
        module: room
        version: 1.0.0
        summary: A child reads a blob that is larger than its memory, when it was told to.

        capabilities:
          subscribe: { make: text, poke: int, leave: int }
          publish: { told: text }
          spawn: { child: 4 }

        agentic:
          agents:
            maker:
              role: Makes the blob.
              on_trap: continue
              handlers:
                message make as when:
                  do: |
                    spawn child(octets = blob_of(bytes_of(900_000)), when = when)
                ask size:
                  returns: int
                  do: |
                    return 900_000
                exit child as end:
                  do: |
                    publish("told", "child ended")
            child:
              role: Reads it.
              starts: by_spawn
              on_trap: continue
              state:
                octets: blob
                when: text
              handlers:
                start:
                  do: |
                    if when == "start" { publish("told", "start reads {octets.read(0, octets.len()).len()}") }
                message poke as number:
                  do: |
                    if when == "message" { publish("told", "poke reads {octets.read(0, octets.len()).len()}") }
                    let size = ask maker.size() within 1s else why { return }
                    if when == "answer" { publish("told", "rest reads {octets.read(0, size).len()}") }
                    publish("told", "{number} is well")
                message leave as number:
                  do: |
                    exit()
                stop:
                  do: |
                    if when == "stop" { publish("told", "stop reads {octets.read(0, octets.len()).len()}") }
                    publish("told", "stopped")
        """;

    public static IEnumerable<TheoryDataRow<string, bool>> Cases =>
        from when in _moments
        from running in _modes
        select new TheoryDataRow<string, bool>(when, running);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Only_the_event_that_does_not_fit_is_lost(string when, bool running)
    {
        var (manifest, code) = CompiledModule.Of(Program);
        int made = 0;
        var rig = new SystemRig(running).WithoutCheckpoints().Add(manifest, () => made++ == 0
            ? CompiledModule.Instance(code)
            : CompiledModule.Instance(code, LittleRoom));
        rig.Boot().Message("make", SystemRig.Text(when));
        rig.Message("poke", SystemRig.Int(1));
        rig.Message("poke", SystemRig.Int(2));
        rig.Message("leave", SystemRig.Int(0));

        int pokes = when is "start" or "stop" ? 2 : 0;
        Assert.Equal(pokes, Count(rig, "is well"));
        Assert.Equal(when == "stop" ? 0 : 1, Count(rig, "\"stopped\""));
        Assert.Equal(0, Count(rig, "reads"));
        Assert.Equal(1, Count(rig, "child ended"));
        Assert.Equal(when is "message" or "answer" ? 2 : 1, rig.Letters.Count);
        Assert.All(rig.Letters, letter => Assert.Equal("the event does not fit into the event ring", letter.Detail));
        rig.Stop();
        foreach (var letter in rig.Kernel.DeadLetters.ToArray())
        {
            rig.Step("drop", new KernelEvent.DropDead(rig.At, letter.Number));
        }

        Assert.Equal(0, rig.Kernel.BlobCount);
    }

    private static int Count(SystemRig rig, string words) =>
        rig.Journal.Split('\n').Count(line => line.Contains(words, StringComparison.Ordinal));
}
