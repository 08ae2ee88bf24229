using System.Text;
using Tars.Base;
using Tars.Bundle.Manifest;
using Xunit;

namespace Tars.Tests.Bundle.Manifest;

/// <summary>Manifests survive their JSON; anything that is not exactly theirs is refused with a reason.</summary>
public sealed class ManifestJsonTests
{
    [Fact]
    public void A_manifest_survives_its_json()
    {
        byte[] manifest = ManifestJson.WriteManifest(Manifests.Whole);
        byte[] state = ManifestJson.WriteState(Manifests.Whole);
        var read = Assert.IsType<ManifestReading.Read>(ManifestJson.Read(manifest, state));
        Assert.Equal(manifest, ManifestJson.WriteManifest(read.Manifest));
        Assert.Equal(state, ManifestJson.WriteState(read.Manifest));
    }

    [Theory]
    [InlineData("\"language\":1", "\"language\":2", "language version 2 is not known")]
    [InlineData("\"priority\":0", "\"priority\":10", "agent `first` has a limit out of range")]
    [InlineData("\"subject\":\"out\"", "\"subject\":\"in\"", "a slot names `in`, which is not declared")]
    [InlineData("\"subject\":\"a/+\"", "\"subject\":\"c/+\"", "a handler names `c/+`, which is not declared")]
    [InlineData("{x: text, seg: text}", "{x: int, seg: text}",
        "the handler of `a/+` takes other values than its channel has")]
    [InlineData("{x: text, seg: text}", "{x: text}",
        "the handler of `a/+` takes other values than its channel has")]
    [InlineData("0500000000000000", "0a00000000000000", "param `speed` lies outside its range")]
    [InlineData("0500000000000000", "05", "param `speed` has a value that is not of its type")]
    [InlineData("\"prior\":0.5", "\"prior\":1.5", "belief `a` has no prior in 0..1")]
    [InlineData("\"to\":1", "\"to\":2", "a relation names no belief or has no weight in 0..1")]
    [InlineData("\"pattern\":\"a/+\"", "\"pattern\":\"a//b\"", "`a//b` is no pattern of channels")]
    [InlineData("\"kind\":\"lines\"", "\"kind\":\"sun\"", "`sun` is no kind of device")]
    [InlineData("\"name\":\"second\"", "\"name\":\"first\"", "agent `first` stands twice")]
    [InlineData("\"starts\":\"with_module\"", "\"starts\":\"never\"", "manifest.agents[0].starts: no such word")]
    [InlineData("\"summary\":\"Nothing.\",", "", "manifest.summary: missing")]
    [InlineData("\"language\":1", "\"language\": 1", "the manifest is not in canonical form")]
    [InlineData("{\"language\"", "\"language\"", "the manifest is not JSON")]
    public void What_is_wrong_is_said(string old, string changed, string reason)
    {
        var text = Encoding.UTF8.GetString(ManifestJson.WriteManifest(Manifests.Whole));
        int at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(0 <= at);
        var bad = text[..at] + changed + text[(at + old.Length)..];
        var reading = ManifestJson.Read(Encoding.UTF8.GetBytes(bad), ManifestJson.WriteState(Manifests.Whole));
        if (reason.StartsWith("agent `first` stands", StringComparison.Ordinal))
        {
            // The state schema tells of it first.
            Assert.Equal(
                "state: its agents are not those of the manifest",
                    Assert.IsType<ManifestReading.Refused>(reading).Reason);
            return;
        }

        Assert.Equal(reason, Assert.IsType<ManifestReading.Refused>(reading).Reason);
    }

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        var random = new Xoshiro256(41);
        byte[] manifest = ManifestJson.WriteManifest(Manifests.Whole);
        byte[] state = ManifestJson.WriteState(Manifests.Whole);
        for (int round = 0; round < 3_000; round++)
        {
            byte[] bad = [.. manifest];
            byte[] badState = [.. state];
            bad[random.Next(bad.Length)] = (byte)random.Next(256);
            badState[random.Next(badState.Length)] = (byte)random.Next(256);
            ManifestJson.Read(bad, state);
            ManifestJson.Read(manifest, badState);
            ManifestJson.Read(manifest.AsMemory(0, random.Next(manifest.Length)), state);
        }
    }
}
