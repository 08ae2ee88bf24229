namespace Tars.Devices.Http;

/// <summary>What an `http` device counts. Several threads count at a time.</summary>
public sealed class Metrics
{
    private long _asks;
    private long _failed;

    public long Asks => Interlocked.Read(ref _asks);

    /// <summary>Asks without a Response, those that were denied included.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    internal void CountAsk(bool failed)
    {
        Interlocked.Increment(ref _asks);
        Interlocked.Add(ref _failed, failed ? 1 : 0);
    }
}
