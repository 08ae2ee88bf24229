namespace Tars.Host.Sharding;

/// <summary>What one shard prints and logs, put by until it is handed on in whole lines.</summary>
internal sealed class ShardOutput(RunStreams streams) : IDisposable
{
    private readonly LineStream _output = new();
    private readonly StringWriter _log = new();

    /// <summary>Where the shard prints and logs.</summary>
    public RunStreams Streams => new(Stream.Null, _output, _log);

    /// <summary>Hands on what was printed.</summary>
    public void HandOnPrinted() => _output.HandOn(streams.Output);

    /// <summary>Hands on what is there when it is much.</summary>
    public void Settle()
    {
        if (Limits.OutputHeldMax < _output.Length)
        {
            HandOn();
        }
    }

    /// <summary>Hands on what is there.</summary>
    public void HandOn()
    {
        _output.HandOn(streams.Output);
        if (0 < _log.GetStringBuilder().Length)
        {
            lock (streams.Log)
            {
                streams.Log.Write(_log.GetStringBuilder());
                streams.Log.Flush();
            }

            _log.GetStringBuilder().Clear();
        }

        lock (streams.Output)
        {
            streams.Output.Flush();
        }
    }

    public void Dispose()
    {
        _output.Dispose();
        _log.Dispose();
    }
}
