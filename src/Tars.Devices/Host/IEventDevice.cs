using Tars.Kernel.Ports;

namespace Tars.Devices.Host;

/// <summary>A real device that has events of its own and not only answers.</summary>
public interface IEventDevice
{
    /// <summary>True while an event may still come; the run goes on for it.</summary>
    bool Expects { get; }

    /// <summary>A run goes on that has had so many events: names that it was told are not given again. Called before
    /// <see cref="Begin"/>.</summary>
    void GoOnFrom(long events);

    /// <summary>From now on events may be put. Called once.</summary>
    void Begin(IEventSink sink);

    /// <summary>What became of an answer: from now on events about it come after it, or nobody knows of it.</summary>
    /// <param name="isTaken">False when nobody waited for it any more.</param>
    void Answered(DeviceAsk asked, DeviceAnswer answer, bool isTaken);
}
