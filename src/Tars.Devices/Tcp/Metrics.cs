namespace Tars.Devices.Tcp;

/// <summary>What a `tcp` device counts. Several threads count at a time.</summary>
public sealed class Metrics
{
    private long _connections;
    private long _denied;
    private long _received;
    private long _sent;

    /// <summary>Connections that were made, by whichever side.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Asks for what the operator did not allow.</summary>
    public long Denied => Interlocked.Read(ref _denied);

    /// <summary>Octets.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Octets that the system took to send.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    internal void CountConnection() => Interlocked.Increment(ref _connections);

    internal void CountDenied() => Interlocked.Increment(ref _denied);

    internal void CountReceived(int octets) => Interlocked.Add(ref _received, octets);

    internal void CountSent(int octets) => Interlocked.Add(ref _sent, octets);
}
