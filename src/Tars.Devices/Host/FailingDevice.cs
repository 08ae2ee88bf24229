using Tars.Kernel.Ports;

namespace Tars.Devices.Host;

/// <summary>The twin of any device that fails: every ask of it in the same way.</summary>
public sealed class FailingDevice(AskFailure why) : IAskedDevice
{
    public DeviceAnswer? Ask(DeviceAsk asked) =>
        why == AskFailure.Timeout ? null : new DeviceAnswer.Failed(why, "the scenario has it fail");
}
