namespace Tars.Host.Sharding;

/// <summary>What one shard prints, put by until it is flushed to where several print. Whoever writes to it flushes it
/// between two lines.</summary>
internal sealed class LineStream(Stream output) : MemoryStream
{
    /// <exception cref="IOException">It cannot be written there.</exception>
    public override void Flush()
    {
        if (Length == 0)
        {
            return;
        }

        lock (output)
        {
            WriteTo(output);
            output.Flush();
        }

        SetLength(0);
    }
}
