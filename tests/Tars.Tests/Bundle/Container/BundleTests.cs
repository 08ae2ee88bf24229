using System.Text;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;
using Tars.Tests.Bundle.Manifest;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Bundle.Container;

/// <summary>A bundle is written, read again, named by its meaning, and refused when it is not whole.</summary>
public sealed class BundleTests
{
    private static readonly byte[] _module = [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0];

    private static readonly DebugInfo _debug = new(
        ["whole.tars"],
        [default, new(0, new LinePosition(3, 7), new LinePosition(3, 20)),
            new(0, new LinePosition(2, 1), new LinePosition(9, 300))],
        ["", "tars.send", "start"]);

    [Fact]
    public void A_bundle_is_read_as_it_was_written()
    {
        var bytes = BundleWriter.Write(_module, Manifests.Whole, _debug, [new("whole.tars", "tars: 1\n")]);
        var bundle = Read(bytes);
        Assert.Equal(bytes, bundle.Bytes.ToArray());
        Assert.Equal(_debug, bundle.Debug);
        Assert.Equal(new SourceFile("whole.tars", "tars: 1\n"), Assert.Single(bundle.Sources));
        Assert.Equal(ManifestJson.WriteManifest(Manifests.Whole), ManifestJson.WriteManifest(bundle.Manifest));
        Assert.Equal(ManifestJson.WriteState(Manifests.Whole), ManifestJson.WriteState(bundle.Manifest));
    }

    [Fact]
    public void Comments_lines_and_names_of_functions_are_not_in_the_hash_and_all_else_is()
    {
        var first = Read(BundleWriter.Write(_module, Manifests.Whole, _debug, [new("whole.tars", "tars: 1\n")]));
        var moved = Manifests.Whole with
        {
            Agents = [.. Manifests.Whole.Agents.Select(agent => agent with
            {
                Handlers = [.. agent.Handlers.Select(handler => handler with { Line = handler.Line + 1 })],
            })],
        };
        var stripped = Read(BundleWriter.Write(_module, moved, DebugInfo.None, []));
        var other = Read(BundleWriter.Write(_module, Manifests.Whole with { Version = "1.0.1" }, _debug, []));
        var code = Read(BundleWriter.Write([.. _module, 3, 1, 0], Manifests.Whole, _debug, []));
        Assert.Equal(first.Hash, stripped.Hash);
        Assert.NotEqual(first.Hash, other.Hash);
        Assert.NotEqual(first.Hash, code.Hash);
        Assert.Equal(64, first.Hash.ToString().Length);
    }

    [Fact]
    public void The_sections_are_those_written_down()
    {
        var bundle = Read(BundleWriter.Write(_module, Manifests.Whole, _debug, [new("whole.tars", "tars: 1\n")]));
        var text = string.Join('\n', [
            Encoding.UTF8.GetString(ManifestJson.WriteManifest(bundle.Manifest)),
            Encoding.UTF8.GetString(ManifestJson.WriteState(bundle.Manifest)),
            Convert.ToHexStringLower(DebugInfoCodec.Write(bundle.Debug)),
            $"{bundle.Hash}",
            "",
        ]);
        Golden.CheckWhole(Golden.Path("bundle/sections.txt"), text);
    }

    [Fact]
    public void A_bundle_holds_those_that_it_needs_and_their_hashes_are_in_its_own()
    {
        var needed = BundleWriter.Write(_module, Manifests.Empty, DebugInfo.None, []);
        var imports = Manifests.Whole.Imports;
        var manifest = Manifests.Whole with { Imports = [imports[0] with { Hash = Read(needed).Hash }] };
        var whole = Read(BundleWriter.Write(_module, manifest, _debug, [], [needed]));
        Assert.Equal(needed, Assert.Single(whole.Imports).ToArray());
        Assert.Equal(Read(needed).Hash, whole.Manifest.Imports[0].Hash);
        Assert.Equal(whole.Hash, Read(BundleWriter.Write(_module, manifest, _debug, [])).Hash);
        Assert.NotEqual(whole.Hash, Read(BundleWriter.Write(_module, Manifests.Whole, _debug, [])).Hash);
    }

    [Fact]
    public void A_site_is_found_by_its_number_and_no_other_is()
    {
        Assert.Null(_debug.Find(0));
        Assert.Equal(new LinePosition(3, 7), _debug.Find(1)!.Value.Start);
        Assert.Null(_debug.Find(3));
        Assert.Equal("start", _debug.FunctionName(2));
        Assert.Equal("", _debug.FunctionName(-1));
    }

    [Fact]
    public void A_module_without_a_manifest_is_no_bundle() =>
        Assert.Equal(
            "a WebAssembly module without a manifest is no bundle",
            Assert.IsType<BundleReading.Refused>(BundleReader.Read(_module)).Reason);

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        var random = new Xoshiro256(51);
        var bytes = BundleWriter.Write(
            _module, Manifests.Whole, _debug, [new("whole.tars", "tars: 1\n")], [new byte[] { 0, 1, 2, 3 }]);
        for (int cut = 0; cut < bytes.Length; cut++)
        {
            BundleReader.Read(bytes.AsMemory(0, cut));
        }

        for (int round = 0; round < 3_000; round++)
        {
            byte[] bad = [.. bytes];
            bad[random.Next(bad.Length)] = (byte)random.Next(256);
            BundleReader.Read(bad);
        }
    }

    private static BundleFile Read(byte[] bytes) => Assert.IsType<BundleReading.Read>(BundleReader.Read(bytes)).Bundle;
}
