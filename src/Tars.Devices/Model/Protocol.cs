using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Devices.Model;

/// <summary>The messages of a model: a prompt goes out, JSON comes back, which is data until it was checked.</summary>
public static class Protocol
{
    /// <summary>What a model said as a value of the type that was asked for; `malformed` when it is none.</summary>
    public static DeviceAnswer Answer(DeviceAsk asked, ReadOnlyMemory<byte> json)
    {
        var value = new ByteWriter();
        return ValueJsonReader.Read(asked.Answer, json, value) is { } wrong
            ? new DeviceAnswer.Failed(AskFailure.Malformed, wrong)
            : new DeviceAnswer.Value([.. value.Written]);
    }
}
