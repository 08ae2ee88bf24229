using System.Text;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Tests.Support;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>The octets of events as a guest finds them in its ring: what docs/abi.md promises, written down.</summary>
public sealed class EventEncodingTests
{
    [Fact]
    public void Events_are_encoded_as_written_down()
    {
        var manifest = Of(
            "m", Agent("a", Start, Lines("input"), Message("in/+", IntType, captures: 1), Timer("t"), Stop) with
            {
                Slots = [new(SlotKind.Agent, "b")],
                Operations = [Asks("b", "question", IntType, IntType)],
                Continuations = [Continuation(IntType)],
            },
            Agent("b", Ask("question", IntType, IntType))) with
        {
            Subscribes = [new("in/+", IntType)],
            Devices = [new("input", "lines", Value: null, [])],
            Params = [new("p", IntType, [.. SystemRig.Int(5)], Low: null, High: null, "")],
            Beliefs = new BeliefGraphSpec("a", [new("x", "", 0.5)], []),
        };
        var text = new StringBuilder();
        var rig = new SystemRig(running: false).Add(manifest, happened =>
        {
            text.Append(happened.Kind).Append(' ').Append(Convert.ToHexStringLower(happened.Record)).Append('\n');
            if (happened is { Kind: EventKind.Handler, Handler: 0, Payload.Length: 0 })
            {
                happened.Call(HostCall.SetTimer, 3, 1_000_000_000L, 1_000_000_000L);
            }
            else if (happened is { Kind: EventKind.Handler, Handler: 2 })
            {
                happened.Call(HostCall.Ask, 0, 0, 0L, 0, SystemRig.Int(9));
            }
        });
        rig.Boot().Lines("input", last: true, "a", "bcd").Set("m", "p", SystemRig.Int(6)).Wait(3.5);
        rig.Message("in/attic", SystemRig.Int(-1)).Stop();
        Golden.CheckWhole(Golden.Path("kernel/events.txt"), text.ToString());
    }
}
