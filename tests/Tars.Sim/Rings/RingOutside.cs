using System.Text;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Sim.Rings;

/// <summary>Watches what leaves the kernel: an effect that no grant leads to is noted.</summary>
internal sealed class RingOutside(int forbidden) : IOutside
{
    /// <summary>What left without a route, or null.</summary>
    public string? Escaped { get; private set; }

    /// <summary>Tells and asks that reached a device.</summary>
    public long Reached { get; private set; }

    public long Refused { get; private set; }

    public bool AnyEnded { get; private set; }

    /// <summary>Asks of devices that were not answered yet, oldest first.</summary>
    public Queue<long> Asks { get; } = new();

    void IOutside.Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments) =>
        Reach(from, device);

    void IOutside.Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        Reach(from, device);
        Asks.Enqueue(ask);
    }

    void IOutside.Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
        // Only the first agent publishes, and only there.
        if (from.Value != 1 || !channel.SequenceEqual("out"u8))
        {
            Escaped ??= $"{from} published {Encoding.UTF8.GetString(channel)}";
        }
    }

    void IOutside.Audited(Audit entry) => Refused += entry.Count;

    void IOutside.Ended(ProcessId process, EndReason reason, string detail) => AnyEnded |= process.Value < 3;

    void IOutside.Started(ProcessId process, string module, string agent)
    {
    }

    void IOutside.Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
    }

    void IOutside.Measured(ProcessId from, int metric, double value)
    {
    }

    void IOutside.Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
    }

    void IOutside.Trapped(DeadLetter letter)
    {
    }

    void IOutside.InputTaken(LineBatch batch)
    {
    }

    void IOutside.Committed(ProcessId process, int handler, int count, long arrived)
    {
    }

    private void Reach(ProcessId from, DeviceId device)
    {
        Reached++;
        if (device.Value == forbidden)
        {
            Escaped ??= $"{from} reached a device that only an agent names which never acts";
        }
    }
}
