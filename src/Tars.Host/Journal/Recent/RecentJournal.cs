using Tars.Base;
using Tars.Host.Journal.Durable;
using Tars.Kernel.Journal;

namespace Tars.Host.Journal.Recent;

/// <summary>The newest events of a run, or of one of its shards, at one moment, as any thread may read them.</summary>
/// <param name="Records">Each with its size in four octets before it.</param>
/// <param name="At">The monotonic clock of that moment: what happened until then is in it.</param>
internal sealed record RecentJournal(
    JournalHeader Header,
    IReadOnlyList<ReadOnlyMemory<byte>> Bundles,
    JournalPoint Point,
    ReadOnlyMemory<byte> Checkpoint,
    ReadOnlyMemory<byte> Records,
    long At)
{
    /// <summary>All of it as the octets of a journal.</summary>
    public byte[] ToOctets()
    {
        using var frames = new JournalFrames();
        var output = JournalFolder.HeadOf(
            frames, Header, Bundles, new JournalRecord.Checkpoint(Point, [], Checkpoint));
        var reader = new ByteReader(Records.Span);
        while (!reader.AtEnd)
        {
            frames.Append(output, reader.Bytes(reader.U32()));
        }

        return output.ToArray();
    }
}
