namespace Tars.Host.Sharding;

/// <summary>What one shard prints and logs, put by until it is flushed: then it goes to where all shards print and log,
/// in whole lines.</summary>
internal sealed class ShardOutput : IDisposable
{
    private readonly LineStream _printed;
    private readonly LineWriter _logged;

    public ShardOutput(RunStreams shared)
    {
        _printed = new LineStream(shared.Output);
        _logged = new LineWriter(shared.Log);
    }

    /// <summary>Where the shard prints and logs.</summary>
    public RunStreams Streams => new(Stream.Null, _printed, _logged);

    /// <summary>Octets that were printed and not handed on.</summary>
    public long Length => _printed.Length;

    public void Dispose()
    {
        _printed.Dispose();
        _logged.Dispose();
    }
}
