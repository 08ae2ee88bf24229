using System.Diagnostics.CodeAnalysis;
using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>Brings the events of one device to the kernel, and keeps the device waiting while they are not taken.
/// </summary>
/// <remarks>Each event is a batch of one value, because a batch is what the kernel gives back when it was taken.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing, and a device may"
    + " still bring something while the run ends.")]
internal sealed class EventFeed(DeviceId device, ArrivalQueue arrivals) : IEventSink, IBatchOwner
{
    private readonly SemaphoreSlim _room = new(Limits.EventsWaitingMax);

    public DeviceId Device => device;

    public async Task Put(ReadOnlyMemory<byte> value, CancellationToken stop)
    {
        await _room.WaitAsync(stop);
        Add(value);
    }

    public bool TryPut(ReadOnlyMemory<byte> value)
    {
        bool hasRoom = _room.Wait(0, CancellationToken.None);
        if (hasRoom)
        {
            Add(value);
        }

        return hasRoom;
    }

    public void Return(LineBatch batch) => _room.Release();

    private void Add(ReadOnlyMemory<byte> value)
    {
        var batch = new LineBatch(value.Length, LineForm.Encoded);
        value.CopyTo(batch.Buffer);
        batch.Add(start: 0, value.Length);
        arrivals.Add(Arrival.Happened(this, batch));
    }
}
