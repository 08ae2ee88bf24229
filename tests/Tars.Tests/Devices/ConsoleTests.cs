using System.Text;
using Xunit;
using ConsoleHost = Tars.Devices.Console.Host;

namespace Tars.Tests.Devices;

/// <summary>What a guest prints reaches the terminal as text and nothing else.</summary>
public sealed class ConsoleTests
{
    [Theory]
    [InlineData("plain", "plain\n")]
    [InlineData("Grüße\tund 日本", "Grüße\tund 日本\n")]
    [InlineData("", "\n")]
    [InlineData("two\nlines", "two\nlines\n")]
    [InlineData("\u001b[31mred", "\uFFFD[31mred\n")]
    [InlineData("bell\u0007 delete\u007f csi\u009b", "bell\uFFFD delete\uFFFD csi\uFFFD\n")]
    [InlineData("turned \u202e round", "turned \uFFFD round\n")]
    public void What_drives_a_terminal_is_shown_and_not_sent(string text, string shown)
    {
        using var stream = new MemoryStream();
        new ConsoleHost(stream).Print(Encoding.UTF8.GetBytes(text));
        Assert.Equal(shown, Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void A_line_is_one_line_whatever_is_in_it()
    {
        using var stream = new MemoryStream();
        new ConsoleHost(stream).PrintLine("one\ntwo"u8);
        Assert.Equal("one\uFFFDtwo\n", Encoding.UTF8.GetString(stream.ToArray()));
    }
}
