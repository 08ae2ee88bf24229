using Tars.Kernel.Ports;

namespace Tars.Devices.Host;

/// <summary>A real device that has events of its own and not only answers.</summary>
public interface IEventDevice
{
    /// <summary>True while an event may still come; the run goes on for it.</summary>
    bool Expects { get; }

    /// <summary>From now on events may be put. Called once.</summary>
    void Begin(IEventSink sink);

    /// <summary>An answer is on its way, so that events about it come after it.</summary>
    void Answered(DeviceAsk asked, DeviceAnswer? answer);
}
