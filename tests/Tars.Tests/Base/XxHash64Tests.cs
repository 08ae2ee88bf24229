using System.Text;
using Tars.Base;
using Xunit;

namespace Tars.Tests.Base;

/// <summary>The digest is the one that others call XXH64.</summary>
public sealed class XxHash64Tests
{
    // The first two are the test vectors that come with the algorithm's description.
    [Theory]
    [InlineData("", 0, 0xEF46DB3751D8E999)]
    [InlineData("abc", 0, 0x44BC2CF5AD770999)]
    public void Known_texts_have_known_digests(string text, ulong seed, ulong digest) =>
        Assert.Equal(digest, XxHash64.Of(Encoding.UTF8.GetBytes(text), seed));

    [Fact]
    public void Every_octet_and_the_seed_count()
    {
        byte[] octets = new byte[100];
        var seen = new HashSet<ulong> { XxHash64.Of(octets, 0), XxHash64.Of(octets, 1) };
        for (int size = 0; size < octets.Length; size++)
        {
            Assert.True(seen.Add(XxHash64.Of(octets.AsSpan(0, size), 0)));
            octets[size] = 1;
            Assert.True(seen.Add(XxHash64.Of(octets, 0)));
            octets[size] = 0;
        }
    }
}
