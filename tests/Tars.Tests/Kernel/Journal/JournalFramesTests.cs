using Tars.Base;
using Tars.Kernel.Journal;
using Xunit;

namespace Tars.Tests.Kernel.Journal;

/// <summary>A torn end is told from a change, and a change is found where it is.</summary>
public sealed class JournalFramesTests
{
    private static readonly byte[] _whole = JournalSamples.Whole();

    [Fact]
    public void All_that_was_written_is_read()
    {
        var (count, end) = Read(_whole);
        Assert.Equal((JournalSamples.Records.Length, FrameKind.End), (count, end));
    }

    [Fact]
    public void A_journal_that_was_cut_anywhere_gives_its_whole_records_and_a_torn_end()
    {
        int before = 0;
        for (int size = JournalFrames.Begin.Length; size < _whole.Length; size++)
        {
            var (count, end) = Read(_whole.AsSpan(0, size));
            Assert.True(count == before ? end is FrameKind.Torn or FrameKind.End : end == FrameKind.End);
            Assert.InRange(count, before, before + 1);
            before = count;

            // A file that grew before it was filled ends with zeros.
            byte[] grown = [.. _whole.AsSpan(0, size), .. new byte[50]];
            Assert.NotEqual(FrameKind.Whole, Read(grown).End);
            Assert.True(end != FrameKind.End || Read(grown) == (count, FrameKind.Torn));
        }

        Assert.Equal(JournalSamples.Records.Length - 1, before);
    }

    [Fact]
    public void A_flipped_bit_is_found_in_the_record_that_it_is_in()
    {
        var starts = Starts();
        for (int at = JournalFrames.Begin.Length; at < _whole.Length; at++)
        {
            byte[] changed = [.. _whole];
            changed[at] ^= (byte)(1 << (at & 7));
            Assert.Equal((starts.FindLastIndex(start => start <= at), FrameKind.Damaged), Read(changed));
        }
    }

    [Fact]
    public void Records_that_changed_places_are_found()
    {
        var starts = Starts();
        byte[] swapped =
        [
            .. _whole[..starts[2]],
            .. _whole[starts[3]..starts[4]],
            .. _whole[starts[2]..starts[3]],
            .. _whole[starts[4]..],
        ];
        Assert.Equal((2, FrameKind.Damaged), Read(swapped));
    }

    [Fact]
    public void No_octets_make_the_reader_throw()
    {
        var random = new Xoshiro256(9);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] octets = new byte[random.Next(80)];
            for (int at = 0; at < octets.Length; at++)
            {
                octets[at] = (byte)random.Next(256);
            }

            Assert.NotEqual(FrameKind.Whole, Read(octets).End);
        }
    }

    private static List<int> Starts()
    {
        var starts = new List<int>();
        using var frames = new JournalFrames();
        for (int at = JournalFrames.Begin.Length; at < _whole.Length;)
        {
            starts.Add(at);
            at += frames.Read(_whole.AsSpan(at), atEnd: true).Size;
        }

        return starts;
    }

    private static (int Count, FrameKind End) Read(ReadOnlySpan<byte> journal)
    {
        using var frames = new JournalFrames();
        var rest = journal[Math.Min(journal.Length, JournalFrames.Begin.Length)..];
        while (true)
        {
            var frame = frames.Read(rest, atEnd: true);
            if (frame.Kind != FrameKind.Whole)
            {
                return ((int)frames.Count, frame.Kind);
            }

            Assert.NotNull(JournalCodec.Read(rest[frame.Record]));
            rest = rest[frame.Size..];
        }
    }
}
