namespace Tars.Devices.Udp;

/// <summary>What a `udp` device counts. Several threads count at a time.</summary>
public sealed class Metrics
{
    private long _sent;
    private long _received;
    private long _dropped;
    private long _denied;

    public long Sent => Interlocked.Read(ref _sent);

    public long Received => Interlocked.Read(ref _received);

    /// <summary>Datagrams that came while the system was behind.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Asks for what the operator did not allow.</summary>
    public long Denied => Interlocked.Read(ref _denied);

    internal void CountSent() => Interlocked.Increment(ref _sent);

    internal void CountReceived(bool isTaken) => Interlocked.Increment(ref isTaken ? ref _received : ref _dropped);

    internal void CountDenied() => Interlocked.Increment(ref _denied);
}
