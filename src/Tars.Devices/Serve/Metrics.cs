namespace Tars.Devices.Serve;

/// <summary>What the server of a run counts. Several threads count at a time.</summary>
public sealed class Metrics
{
    private long _requests;
    private long _refused;
    private long _late;

    /// <summary>Requests that were read to their end, those refused included.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Requests that were answered here, by no handler: no such path, too many at once, stopping.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Requests whose answer did not come in time, or came when nobody waited for it.</summary>
    public long Late => Interlocked.Read(ref _late);

    internal void CountRequest() => Interlocked.Increment(ref _requests);

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void CountLate() => Interlocked.Increment(ref _late);
}
