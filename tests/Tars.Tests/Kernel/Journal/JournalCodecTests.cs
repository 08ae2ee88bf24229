using System.Text;
using Tars.Base;
using Tars.Kernel.Journal;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel.Journal;

/// <summary>Records are octets and back; the octets are written down, and no others are believed.</summary>
public sealed class JournalCodecTests
{
    [Fact]
    public void The_octets_are_the_ones_written_down()
    {
        var text = new StringBuilder();
        foreach (var record in JournalSamples.Records)
        {
            string name = record is JournalRecord.Happened happened ? happened.Event.GetType().Name
                : record.GetType().Name;
            string hex = Convert.ToHexStringLower(JournalSamples.Encode(record));
            text.Append(name).Append('\n');
            foreach (char[] line in hex.Chunk(64))
            {
                text.Append("  ").Append(line).Append('\n');
            }
        }

        Golden.CheckWhole(Golden.Path("kernel/journal/records.txt"), text.ToString());
    }

    [Fact]
    public void What_is_read_is_what_was_written()
    {
        foreach (var record in JournalSamples.Records)
        {
            byte[] octets = JournalSamples.Encode(record);
            var read = JournalCodec.Read(octets);
            Assert.NotNull(read);
            Assert.Equal(octets, JournalSamples.Encode(read));
        }
    }

    [Fact]
    public void A_part_of_a_record_is_none()
    {
        // A value and a bundle have no end of their own: less of them is another one.
        foreach (var record in JournalSamples.Records)
        {
            byte[] octets = JournalSamples.Encode(record);
            for (int size = 0; size < octets.Length; size++)
            {
                if (JournalCodec.Read(octets.AsSpan(0, size)) is { } read)
                {
                    Assert.Equal(octets[..size], JournalSamples.Encode(read));
                }
            }
        }
    }

    [Fact]
    public void No_octets_make_the_reader_throw_and_what_it_reads_it_writes_again()
    {
        var random = new Xoshiro256(5);
        for (int round = 0; round < 40_000; round++)
        {
            var record = JournalSamples.Records[random.Next(JournalSamples.Records.Length)];
            byte[] octets = JournalSamples.Encode(record);
            for (int change = random.Next(4); 0 <= change; change--)
            {
                octets[random.Next(octets.Length)] = (byte)(random.Next(3) == 0 ? 255 : random.Next(256));
            }

            octets = octets[..(octets.Length - (random.Next(4) == 0 ? random.Next(octets.Length) : 0))];
            if (JournalCodec.Read(octets) is { } read)
            {
                Assert.Equal(octets, JournalSamples.Encode(read));
            }
        }
    }
}
