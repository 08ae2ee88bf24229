using Tars.Host.Files;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host;

/// <summary>Which files a module can make the compiler open.</summary>
public sealed class ModuleFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tars-files-").FullName;

    [Theory]
    [InlineData("units.tars", true)]
    [InlineData("deep/../units.tars", true)]
    [InlineData("../beside.tars", true)]
    [InlineData("missing.tars", false)]
    [InlineData("secret.txt", false)]
    [InlineData("units.tars\0.txt", false)]
    [InlineData("../../../../../../../../../../dev/stdin", false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    public void An_import_opens_modules_and_nothing_else(string path, bool isFound)
    {
        string own = Path.Combine(_folder, "own");
        Directory.CreateDirectory(Path.Combine(own, "deep"));
        File.WriteAllText(Path.Combine(own, "units.tars"), "tars: 1\n");
        File.WriteAllText(Path.Combine(own, "secret.txt"), "tars: 1\n");
        File.WriteAllText(Path.Combine(_folder, "beside.tars"), "tars: 1\n");
        var files = ModuleFiles.Of(Path.Combine(own, "main.tars"), "tars: 1\n"u8);
        Assert.Equal(isFound, files.Open(files.Source, path) is not null);
    }

    [Fact]
    public void A_link_stands_for_a_module_only()
    {
        string secret = Path.Combine(_folder, "secret.txt");
        File.WriteAllText(secret, "tars: 1\n");
        File.CreateSymbolicLink(Path.Combine(_folder, "link.tars"), secret);
        var files = ModuleFiles.Of(Path.Combine(_folder, "main.tars"), "tars: 1\n"u8);
        Assert.Null(files.Open(files.Source, "link.tars"));
    }

    [Fact]
    public void A_rooted_path_is_not_opened()
    {
        string path = Path.Combine(_folder, "rooted.tars");
        File.WriteAllText(path, "tars: 1\n");
        var files = ModuleFiles.Of(Path.Combine(_folder, "main.tars"), "tars: 1\n"u8);
        Assert.Null(files.Open(files.Source, path));
    }

    [Fact]
    public void A_pipe_is_an_empty_module_and_nobody_waits_for_its_writer()
    {
        foreach (string name in (string[])["pipe.tars", "pipe.wasm"])
        {
            Assert.Equal(0, Tool.Run("mkfifo", [Path.Combine(_folder, name)]).Status);
        }

        File.CreateSymbolicLink(Path.Combine(_folder, "link.wasm"), Path.Combine(_folder, "pipe.wasm"));
        var files = ModuleFiles.Of(Path.Combine(_folder, "main.tars"), "tars: 1\n"u8);
        Assert.Equal("", files.Open(files.Source, "pipe.tars")!.Text);
        Assert.Equal(0, files.OpenCode(files.Source, "pipe.wasm")!.Value.Length);
        Assert.Equal(0, files.OpenCode(files.Source, "link.wasm")!.Value.Length);
        Assert.Null(files.OpenCode(files.Source, "nowhere.wasm"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
