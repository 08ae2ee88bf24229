namespace Tars.Host.Sharding;

/// <summary>What one shard prints, put by until it can be handed on in whole lines.</summary>
internal sealed class LineStream : MemoryStream
{
    /// <summary>Hands on all that is there; several shards may do so at once.</summary>
    public void HandOn(Stream output)
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
