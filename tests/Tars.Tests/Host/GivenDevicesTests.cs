using Tars.Host;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host;

/// <summary>What one device is given no other device of the run has, by whatever path.</summary>
public sealed class GivenDevicesTests : IDisposable
{
    private static readonly ReadOnlyMemory<byte> _bundle = CompiledProcess.Compile("""
        tars: 1
        module: two
        version: 1.0.0
        summary: Writes in two folders.
        capabilities:
          devices: { one: directory, other: directory, kept: { kind: store, value: text } }
        handlers:
          start:
            do: |
              ask one.make(path = "a") within 9s else why { fail why.detail }
              ask other.make(path = "a") within 9s else why { fail why.detail }
              ask kept.put(key = "a", value = "b") within 9s else why { fail why.detail }
              exit()
        """).Bytes;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-given-").FullName;

    public GivenDevicesTests()
    {
        foreach (string name in new[] { "a/in", "ab", "kept" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, name));
        }

        File.CreateSymbolicLink(Path.Combine(_folder, "link"), "a/in");
    }

    [Theory]
    [InlineData("a", "a/", "kept", "--directory other: another device has that folder already")]
    [InlineData("a", "a/in", "kept", "--directory other: another device has a folder around that folder")]
    [InlineData("a", "link", "kept", "--directory other: another device has a folder around that folder")]
    [InlineData("a/in", "a", "kept", "--directory other: another device has what lies in that folder")]
    [InlineData("a", "ab", "a/kept", "--store kept: another device has a folder around that folder")]
    [InlineData("a", "ab", "kept", null)]
    public void No_device_is_given_what_lies_in_the_folder_of_another(
        string one, string other, string kept, string? why)
    {
        string At(string path) => $"{_folder}/{path}";
        var options = new RunOptions
        {
            VirtualTime = true,
            Bindings = [new("directory", "one", At(one)), new("directory", "other", At(other)),
                new("store", "kept", At(kept))],
        };
        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        var outcome = SystemRun.Run([_bundle], options, streams, TestContext.Current.CancellationToken);
        if (why is null)
        {
            Assert.Equal(0, Assert.IsType<RunOutcome.Ended>(outcome).Report.Kernel.Traps);
        }
        else
        {
            Assert.Equal([why], Assert.IsType<RunOutcome.Refused>(outcome).Reasons);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
