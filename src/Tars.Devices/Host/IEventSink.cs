namespace Tars.Devices.Host;

/// <summary>Where a device puts what comes in by itself, each event in the value encoding of its kind.</summary>
public interface IEventSink
{
    /// <summary>Waits while the system is behind; then the event is on its way.</summary>
    Task Put(ReadOnlyMemory<byte> value, CancellationToken stop);

    /// <summary>The same without waiting; false when the system is behind and the event is not taken.</summary>
    bool TryPut(ReadOnlyMemory<byte> value);
}
