using System.Text;
using Tars.Base;
using Tars.Devices.Lines;
using Tars.Kernel.Ports;
using Xunit;
using LinesHost = Tars.Devices.Lines.Host;

namespace Tars.Tests.Devices;

/// <summary>A stream of octets becomes the same lines however it is cut, and nothing in it breaks the device.</summary>
public sealed class LinesTests
{
    [Fact]
    public void Lines_do_not_depend_on_how_the_stream_is_cut()
    {
        var random = new Xoshiro256(91);
        for (int round = 0; round < 300; round++)
        {
            byte[] octets = Octets(random);
            Assert.Equal(Naive(octets), Read(new CutStream(octets, random), out _));
        }
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n", new[] { "" })]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\r\nb\n\nc", new[] { "a", "b", "", "c" })]
    [InlineData("a\rb\r\n", new[] { "a\rb" })]
    public void These_are_the_lines(string text, string[] lines) =>
        Assert.Equal(lines, Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), out _));

    [Fact]
    public void What_is_not_utf8_is_replaced_and_counted()
    {
        byte[] octets = [.. "ok\n"u8, 0xC3, 0x28, (byte)'\n', .. "é\n"u8, 0xFF];
        Assert.Equal(["ok", "\uFFFD(", "é", "\uFFFD"], Read(new MemoryStream(octets), out var metrics));
        Assert.Equal((4, 2), (metrics.Lines, metrics.Repaired));
    }

    [Fact]
    public void A_line_that_is_too_long_is_left_out_and_counted_and_the_next_one_is_whole()
    {
        byte[] octets = [.. "first\n"u8, .. new byte[Protocol.LineBytesMax + 1], (byte)'\n', .. "last"u8];
        Assert.Equal(["first", "last"], Read(new MemoryStream(octets), out var metrics));
        Assert.Equal((3, 1), (metrics.Lines, metrics.TooLong));
    }

    // An input at a terminal or of a pipe may stay silent for hours.
    [Fact]
    public void A_line_behind_one_that_is_too_long_waits_for_nothing()
    {
        byte[] octets = [.. new byte[Protocol.LineBytesMax + 70_000], .. "\nshort\n"u8];
        using var host = new LinesHost(new SilentStream(octets));
        var batch = new LineBatch(64, LineForm.OptionalText);
        host.Fill(batch);
        Assert.Equal((1, "short"), (batch.Count, Encoding.UTF8.GetString(batch.Line(0))));
        Assert.Equal(octets.Length, host.Position);
    }

    private static List<string> Read(Stream stream, out Metrics metrics)
    {
        using var host = new LinesHost(stream);
        var batch = new LineBatch(64, LineForm.OptionalText);
        var lines = new List<string>();
        while (!host.IsAtEnd)
        {
            batch.Clear();
            host.Fill(batch);
            for (int index = 0; index < batch.Count; index++)
            {
                lines.Add(Encoding.UTF8.GetString(batch.Line(index)));
            }

            Assert.Equal(host.IsAtEnd, batch.IsLast);
        }

        metrics = host.Metrics;
        return lines;
    }

    private static List<string> Naive(byte[] octets)
    {
        var lines = new List<string>();
        int start = 0;
        for (int at = 0; at <= octets.Length; at++)
        {
            if (at < octets.Length ? octets[at] == '\n' : start < at)
            {
                int end = start < at && octets[at - 1] == '\r' ? at - 1 : at;
                lines.Add(Encoding.UTF8.GetString(octets, start, end - start));
                start = at + 1;
            }
        }

        return lines;
    }

    private static byte[] Octets(Xoshiro256 random)
    {
        byte[][] parts = ["a"u8.ToArray(), "\n"u8.ToArray(), "\r"u8.ToArray(), "é"u8.ToArray(), [0xFF], [0xE2, 0x82],
            new byte[70]];
        return [.. Enumerable.Range(0, random.Next(60)).SelectMany(_ => parts[random.Next(parts.Length)])];
    }

    /// <summary>Gives its octets in pieces of random sizes.</summary>
    private sealed class CutStream(byte[] octets, Xoshiro256 random) : MemoryStream(octets)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, 1 + random.Next(9)));
    }

    /// <summary>Gives what a pipe gives at a time; whoever reads on behind its octets would wait for ever.</summary>
    private sealed class SilentStream(byte[] octets) : MemoryStream(octets)
    {
        public override int Read(byte[] buffer, int offset, int count) => Position == Length
            ? throw new InvalidOperationException("more was read than is needed")
            : base.Read(buffer, offset, Math.Min(count, 60_000));
    }
}
