using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Bench;

/// <summary>An outside that takes everything and keeps what a bench has to know about it.</summary>
internal sealed class SilentOutside : IOutside
{
    /// <summary>What the guests published last, of a channel of one int.</summary>
    public long LastPublished { get; private set; }

    public long Trapped { get; private set; }

    /// <summary>The first thing that was refused, or null.</summary>
    public string? Refusal { get; private set; }

    public long Started { get; private set; }

    void IOutside.Started(ProcessId process, string module, string agent) => Started++;

    void IOutside.Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken) =>
        LastPublished = BitConverter.ToInt64(value);

    void IOutside.Trapped(DeadLetter letter) => Trapped++;

    void IOutside.Audited(Audit entry) => Refusal ??= $"{entry.Effect} {entry.Target}: {entry.Reason}";

    void IOutside.Ended(ProcessId process, EndReason reason, string detail)
    {
    }

    void IOutside.Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
    }

    void IOutside.Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
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

    void IOutside.InputTaken(LineBatch batch)
    {
    }

    void IOutside.Committed(ProcessId process, int handler, int count, long arrived)
    {
    }
}
