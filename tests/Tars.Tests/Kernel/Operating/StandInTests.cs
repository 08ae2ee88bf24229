using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel.Operating;

/// <summary>A module in the place of a device gets only what an operator leaves of that device.</summary>
public sealed class StandInTests
{
    private const string Asker = """
        tars: 1
        module: asker
        version: 1.0.0
        summary: Asks for octets.
        capabilities:
          devices: { dice: random, out: console }
          subscribe: { go: int }
        handlers:
          message go as count:
            do: |
              let drawn = ask dice.octets(count = count) within 9s else why { fail "{why.kind}: {why.detail}" }
              tell out.print(line = "{drawn.len()} octets")
        """;

    private const string Driver = """
        tars: 1
        module: driver
        version: 1.0.0
        summary: Gives zeros.
        implements: { kind: random }
        handlers:
          ask octets:
            with: { count: int }
            returns: bytes
            do: |
              log("asked for {count}")
              return bytes_of(count)
        """;

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void An_operator_takes_it_away_and_gives_it_back_like_any_device(bool running)
    {
        var rig = new SystemRig(running) { StandIns = [new StandIn("asker", "dice", "driver")] }
            .Add(Asker).Add(Driver).Boot();
        var dice = new Right(RightKind.Device, "dice");
        rig.Message("go", SystemRig.Int(2));
        rig.Step("revoke", new KernelEvent.Revoke(rig.At, ProcessId.Outside, "asker", dice));
        rig.Message("go", SystemRig.Int(3));
        rig.Step("grant", new KernelEvent.Grant(rig.At, ProcessId.Outside, "asker", dice));
        rig.Message("go", SystemRig.Int(4)).Stop();

        Golden.CheckWhole(Golden.Path("kernel/stand-in-revoked.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void What_is_withheld_is_withheld_of_who_stands_there_too(bool running)
    {
        var rig = new SystemRig(running) { StandIns = [new StandIn("asker", "dice", "driver")] }
            .Add(Asker, [new Narrowing("asker", "asker", NarrowingKind.Device, "dice", [])]).Add(Driver).Boot();
        rig.Message("go", SystemRig.Int(2)).Stop();

        Golden.CheckWhole(Golden.Path("kernel/stand-in-withheld.txt"), rig.Journal);
    }
}
