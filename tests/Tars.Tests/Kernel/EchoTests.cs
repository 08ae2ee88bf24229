using System.Text;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;
using Tars.Tests.Engine;
using Tars.Tests.Support;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>Hand-written wasm under a real engine goes through the kernel: the two sides of the ABI meet.</summary>
public sealed class EchoTests
{
    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void What_is_sent_to_the_echo_comes_out_of_the_console(bool running)
    {
        var validated = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(EchoGuest.Module())).Module;
        using var code = Assert.IsType<EngineLoad.Loaded>(TestEngine.Here().Load(validated)).Code;
        var limits = new GuestLimits(1 << 20, DepthSlotsMax: 10_000, TableElementsMax: 100);

        // The guest sends to slot 7 as operation 3; the rest of both tables stands there so that these are the
        // screen's.
        var echo = Agent("echo", Message("say", TextType)) with
        {
            Slots = [.. Enumerable.Repeat(new SlotSpec(SlotKind.Device, "screen"), (int)EchoGuest.Slot + 1)],
            Operations = [.. Enumerable.Repeat(Prints, EchoGuest.Operation + 1)],
        };
        var manifest = Of("m", echo, Agent("other", Message("say", TextType))) with
        {
            Subscribes = [new("say", TextType)],
            Devices = [new("screen", "console", Value: null, [])],
        };
        // It has no start function and no segment that could trap, so it can be instantiated.
        var rig = new SystemRig(running).Add(manifest, () => code.Instantiate(limits, out _)!);
        rig.Boot();
        rig.Message("say", SystemRig.Text("one")).Message("say", SystemRig.Text("sixteen octets !"));
        rig.Message("say", Encoding.UTF8.GetBytes("no text")).Stop();
        Golden.CheckWhole(Golden.Path("kernel/echo.txt"), rig.Journal);
    }
}
