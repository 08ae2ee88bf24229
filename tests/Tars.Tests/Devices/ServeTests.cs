using System.Text;
using Tars.Base;
using Tars.Devices.Serve;
using Xunit;

namespace Tars.Tests.Devices;

/// <summary>Which module a path is for, and what of a handler's answer may go out to a client.</summary>
public sealed class ServeTests
{
    [Theory]
    [InlineData("/links", "a")]
    [InlineData("/links/x", "a")]
    [InlineData("/links/x/y", "b")]
    [InlineData("/linksx", null)]
    [InlineData("/", null)]
    [InlineData("", null)]
    public void The_longest_prefix_by_whole_segments_has_a_path(string path, string? module) =>
        Assert.Equal(module, Protocol.ModuleOf(path, [new("/links", "a"), new("/links/x/y", "b")]));

    [Fact]
    public void The_root_has_every_path_that_nothing_longer_has() =>
        Assert.Equal("all", Protocol.ModuleOf("/anything", [new("/", "all"), new("/links", "a")]));

    [Theory]
    [InlineData(200, "x-a", "1", 200)]
    [InlineData(199, "x-a", "1", 500)]
    [InlineData(600, "x-a", "1", 500)]
    [InlineData(long.MaxValue, "x-a", "1", 500)]
    [InlineData(200, "", "1", 500)]
    [InlineData(200, "x a", "1", 500)]
    [InlineData(200, "x:a", "1", 500)]
    [InlineData(200, "x-a", "1\r\nx-b: 2", 500)]
    [InlineData(200, "x-a", "1\n", 500)]
    [InlineData(200, "x-a", "é", 500)]
    [InlineData(200, "x-a", "a\tb", 200)]
    public void What_no_client_may_be_given_becomes_500(long status, string name, string value, int sent)
    {
        var response = Protocol.Read(Response(status, name, value, "body"), out string why);
        Assert.Equal((sent, sent == 200), (response.Status, why == ""));
    }

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("transfer-encoding")]
    [InlineData("connection")]
    public void How_a_message_travels_is_not_the_handler_s(string name)
    {
        var response = Protocol.Read(Response(200, name, "9", "body"), out string why);
        Assert.Equal(("", 0, 4), (why, response.Headers.Length, response.Body.Length));
    }

    [Fact]
    public void Damaged_octets_are_a_500_and_no_more()
    {
        byte[] good = Response(200, "x-a", "1", "body");
        var random = new Xoshiro256(7);
        for (int turn = 0; turn < 2_000; turn++)
        {
            byte[] bad = good[..random.Next(good.Length)];
            if (0 < bad.Length)
            {
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            }

            var response = Protocol.Read(bad, out string why);
            Assert.True(why != "" || response.Status is >= 200 and <= 599);
        }
    }

    [Theory]
    [InlineData("/f/a%2Fb", "/f/a%2Fb", true)]
    [InlineData("/f/a%2Fb?x=1", "/f/a%2Fb", true)]
    [InlineData("/f/a%252Fb", "/f/a%2Fb", false)]
    [InlineData("/f/a%252fb?x=%2f", "/f/a%2fb", false)]
    [InlineData("/f/a%252Fb?x=%2F", "/f/a%2Fb", false)]
    [InlineData("http://u%2F@host/f/a%252Fb", "/f/a%2Fb", false)]
    [InlineData("http://host/f/a%2Fb?http://", "/f/a%2Fb", true)]
    [InlineData("http://host?%2F", "/", true)]
    public void A_path_that_two_targets_could_mean_is_none(string target, string path, bool isPlain) =>
        Assert.Equal(isPlain, Protocol.IsPlain(target, path));

    private static byte[] Response(long status, string name, string value, string body)
    {
        var response = new ByteWriter();
        response.I64(status);
        response.U32(1);
        response.Text(name);
        response.Text(value);
        byte[] octets = Encoding.UTF8.GetBytes(body);
        response.U32((uint)octets.Length);
        response.Bytes(octets);
        return response.ToArray();
    }
}
