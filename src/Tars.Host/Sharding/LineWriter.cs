namespace Tars.Host.Sharding;

/// <summary>What one shard logs, put by until it is flushed to where several log.</summary>
internal sealed class LineWriter(TextWriter log) : StringWriter
{
    /// <exception cref="IOException">It cannot be written there.</exception>
    public override void Flush()
    {
        var lines = GetStringBuilder();
        if (lines.Length == 0)
        {
            return;
        }

        lock (log)
        {
            log.Write(lines);
            log.Flush();
        }

        lines.Clear();
    }
}
