using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Devices.Directory;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Linux;
using Tars.Kernel.Ports;
using Xunit;
using DirectoryHost = Tars.Devices.Directory.Host;

namespace Tars.Tests.Devices;

/// <summary>A folder of the machine and one in memory say the same, and no path leads out of either.</summary>
public sealed class DirectoryTests : IDisposable
{
    private readonly string _outer = Directory.CreateTempSubdirectory("tars-directory-").FullName;

    public DirectoryTests()
    {
        Directory.CreateDirectory(Inner);
        File.WriteAllText(Path.Combine(_outer, "secret"), "secret");
    }

    private string Inner => Path.Combine(_outer, "inner");

    public void Dispose() => Directory.Delete(_outer, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_folder_and_the_memory_answer_alike(int seed)
    {
        var random = new Xoshiro256((ulong)seed);
        string[] paths =
        [
            "a", "b", "a/b", "a/b/c", "", ".", "a/", "a/../b", "../secret", "/etc/passwd", "a//b", "ü", "with\0zero",
            "a/../../secret", "..", new('n', 300), string.Join('/', Enumerable.Repeat("d", 3_000)),
        ];
        using var host = new DirectoryHost(Inner);
        var twin = new Simulated([]);
        for (int turn = 0; turn < 1_000; turn++)
        {
            string path = paths[random.Next(paths.Length)];
            byte[] data = Encoding.UTF8.GetBytes($"turn {turn}");
            var asked = random.Next(8) switch
            {
                0 => Ask(Device.List, path),
                1 => Ask(Device.Info, path),
                2 => Read(path, random.Next(10) - 1, random.Next(10) - 1),
                3 => Write(path, data),
                4 => WriteAt(path, random.Next(10) - 1, data),
                5 => Ask(Device.Make, path),
                6 => Move(path, paths[random.Next(paths.Length)]),
                _ => Ask(Device.Delete, path),
            };
            Assert.Equal($"{turn} {path} {Text(twin.Ask(asked))}", $"{turn} {path} {Text(host.Ask(asked))}");
        }

        Assert.Equal("secret", File.ReadAllText(Path.Combine(_outer, "secret")));
        var names = Directory.EnumerateFileSystemEntries(_outer).Select(Path.GetFileName).Order();
        Assert.Equal(["inner", "secret"], names);
    }

    [Theory]
    [InlineData("out", "..")]
    [InlineData("out", "../secret")]
    [InlineData("out", "/")]
    [InlineData("out", "a/../../secret")]
    public void A_link_that_leads_out_is_denied(string name, string target)
    {
        Directory.CreateDirectory(Path.Combine(Inner, "a"));
        File.CreateSymbolicLink(Path.Combine(Inner, name), target);
        using var host = new DirectoryHost(Inner);
        DeviceAsk[] asks =
            [Read(name, 0, 9), Ask(Device.List, name), WriteAt(name, 0, [1]), Write($"{name}/secret", [1])];
        foreach (var asked in asks)
        {
            Assert.Equal(AskFailure.Denied, Assert.IsType<DeviceAnswer.Failed>(host.Ask(asked)).Why);
        }

        Assert.Equal("secret", File.ReadAllText(Path.Combine(_outer, "secret")));
    }

    [Theory]
    [InlineData("box/out/secret", "box")]
    [InlineData("box/leak", "box")]
    [InlineData("box/up/other/secret", "box")]
    [InlineData("box/../other/secret", "box")]
    [InlineData("box/sub/out/secret", "box/", "box/sub")]
    [InlineData("box/out/secret", "box", "box/out")]
    [InlineData("other/secret", "box")]
    [InlineData("boxes/secret", "box")]
    [InlineData("way/out/secret", "way")]
    public void What_was_narrowed_to_a_folder_follows_no_link_out_of_it(string path, params string[] within)
    {
        using var host = new DirectoryHost(Furnished());
        DeviceAsk[] asks =
        [
            Read(path, 0, 9), WriteAt(path, 0, [1]), Ask(Device.Make, path), Ask(Device.List, path),
            Ask(Device.Info, $"{path}/x"), Write($"{path}/x", [1]), Ask(Device.Delete, $"{path}/x"),
            Move($"{within[^1]}/file", $"{path}/x"), Move($"{path}/x", $"{within[^1]}/file"),
        ];
        foreach (var asked in asks)
        {
            var failed = Assert.IsType<DeviceAnswer.Failed>(host.Ask(asked with { Within = [.. within] }));
            Assert.Equal(AskFailure.Denied, failed.Why);
        }

        Assert.Equal("secret", File.ReadAllText(Path.Combine(Inner, "other", "secret")));
        Assert.Equal(["secret"], Directory.GetFileSystemEntries(Path.Combine(Inner, "other")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("box/file", "box")]
    [InlineData("box/in", "box")]
    [InlineData("box//sub/../file", "")]
    [InlineData("box/sub/file", "box", "box/sub")]
    [InlineData("way/file", "way")]
    [InlineData("way/sub/file", "way", "way/sub")]
    [InlineData("box/out/secret", "box/out")]
    [InlineData("box/out/secret", "", "box/out/")]
    public void A_link_that_stays_in_the_folder_or_leads_to_it_is_followed(string path, params string[] within)
    {
        using var host = new DirectoryHost(Furnished());
        Assert.Equal("secret", Content(host.Ask(Read(path, 0, 9) with { Within = [.. within] })));
    }

    [Fact]
    public void A_folder_that_was_narrowed_to_is_all_there_is_and_cannot_itself_be_taken_away()
    {
        using var host = new DirectoryHost(Furnished());
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Write("box/out", [1]) with { Within = ["box"] }));
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Ask(Device.Delete, "box/out") with { Within = ["box"] }));
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Ask(Device.List, "box") with { Within = ["box"] }));
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Ask(Device.Make, "empty")));
        DeviceAsk[] asks =
            [Ask(Device.Delete, "empty"), Move("empty", "empty/away"), Write("empty", [1]), Ask(Device.List, "none")];
        foreach (var asked in asks)
        {
            string path = asked.Operation == Device.List ? "none" : "empty";
            Assert.IsType<DeviceAnswer.Failed>(host.Ask(asked with { Within = [path] }));
        }

        Assert.True(Directory.Exists(Path.Combine(Inner, "empty")));
        Assert.True(File.Exists(Path.Combine(Inner, "other", "secret")));
    }

    [Fact]
    public void A_link_that_stays_inside_is_followed_and_one_that_is_written_over_is_replaced()
    {
        File.WriteAllText(Path.Combine(Inner, "file"), "content");
        File.CreateSymbolicLink(Path.Combine(Inner, "link"), "file");
        using var host = new DirectoryHost(Inner);
        Assert.Equal("content", Content(host.Ask(Read("link", 0, 100))));
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Write("link", "other"u8.ToArray())));
        Assert.Equal("content", File.ReadAllText(Path.Combine(Inner, "file")));
        Assert.Equal("other", Content(host.Ask(Read("link", 0, 100))));
    }

    [Fact]
    public void A_folder_that_is_there_by_a_link_is_made_already()
    {
        Directory.CreateDirectory(Path.Combine(Inner, "folder"));
        File.CreateSymbolicLink(Path.Combine(Inner, "link"), "folder");
        File.CreateSymbolicLink(Path.Combine(Inner, "out"), "../elsewhere");
        using var host = new DirectoryHost(Inner);
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Ask(Device.Make, "link")));
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Write("link/file", "content"u8.ToArray())));
        Assert.Equal("content", File.ReadAllText(Path.Combine(Inner, "folder", "file")));
        Assert.Equal(
            AskFailure.Denied, Assert.IsType<DeviceAnswer.Failed>(host.Ask(Ask(Device.Make, "out"))).Why);
        Assert.False(Directory.Exists(Path.Combine(_outer, "elsewhere")));
    }

    [Fact]
    public void A_pipe_in_the_folder_keeps_nobody_waiting()
    {
        using var mkfifo = System.Diagnostics.Process.Start("mkfifo", Path.Combine(Inner, "pipe"));
        mkfifo.WaitForExit();
        using var host = new DirectoryHost(Inner);
        Assert.IsType<DeviceAnswer.Failed>(host.Ask(Read("pipe", 0, 9)));
        Assert.IsType<DeviceAnswer.Failed>(host.Ask(WriteAt("pipe", 0, [1])));
    }

    [Fact]
    public void A_file_is_written_whole_or_not_and_twice_is_as_once()
    {
        using var host = new DirectoryHost(Inner);
        for (int turn = 0; turn < 2; turn++)
        {
            Assert.IsType<DeviceAnswer.Value>(host.Ask(Write("a", "one"u8.ToArray())));
            Assert.IsType<DeviceAnswer.Value>(host.Ask(WriteAt("a", 3, " two"u8.ToArray())));
            Assert.IsType<DeviceAnswer.Value>(host.Ask(WriteAt("a", 3, " two"u8.ToArray())));
            Assert.Equal("one two", Content(host.Ask(Read("a", 0, 1 << 20))));
            Assert.IsType<DeviceAnswer.Failed>(host.Ask(WriteAt("a", 8, [1])));
        }

        Assert.Equal(["a"], Directory.EnumerateFileSystemEntries(Inner).Select(Path.GetFileName));
    }

    [Fact]
    public void Two_that_write_in_one_folder_take_nothing_from_each_other()
    {
        string[] all = ["a", "b"];
        Parallel.ForEach(all, name =>
        {
            using var host = new DirectoryHost(Inner);
            for (int turn = 0; turn < 100; turn++)
            {
                byte[] data = Encoding.UTF8.GetBytes($"{name} {turn}");
                Assert.Equal("", Text(host.Ask(Write(name, data))));
                Assert.Equal(data, File.ReadAllBytes(Path.Combine(Inner, name)));
            }
        });
        Assert.Equal(all, Directory.EnumerateFileSystemEntries(Inner).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("sub")]
    public void What_a_power_cut_left_of_a_write_goes_and_what_another_is_writing_stays(string sub)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Inner, sub)).FullName;
        string old = Path.Combine(folder, ".tars-write-0123456789abcdef");
        File.WriteAllText(old, "half");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        string young = Path.Combine(folder, ".tars-write-fedcba9876543210");
        File.WriteAllText(young, "half");
        using var host = new DirectoryHost(Inner);
        Assert.Equal("", Text(host.Ask(Write(Path.Combine(sub, "a"), [1]))));
        Assert.Equal([young, Path.Combine(folder, "a")], Directory.GetFiles(folder).Order(StringComparer.Ordinal));
        Assert.Equal(
            AskFailure.Denied,
            Assert.IsType<DeviceAnswer.Failed>(host.Ask(Read(Path.GetRelativePath(Inner, young), 0, 9))).Why);
    }

    [Fact]
    public void The_names_in_a_folder_below_can_be_synced()
    {
        Directory.CreateDirectory(Path.Combine(Inner, "sub"));
        using var folder = LinuxFolder.Open(Inner, out _);
        Assert.NotNull(folder);
        Assert.Equal(Errno.Success, folder.Step([.. "sub"u8], out var below));
        using (below)
        {
            Assert.Equal(Errno.Success, below!.Sync(dataOnly: false));
        }
    }

    [Fact]
    public void What_a_scenario_puts_there_is_there()
    {
        var twin = new Simulated([new("a/b/c.txt", "hello"), new("../x", "no")]);
        Assert.Equal("hello", Content(twin.Ask(Read("a/b/c.txt", 0, 100))));
        Assert.IsType<DeviceAnswer.Failed>(twin.Ask(Read("x", 0, 100)));
    }

    // A box with links of each kind, a way to it, and beside it what is not in it.
    private string Furnished()
    {
        Directory.CreateDirectory(Path.Combine(Inner, "box", "sub"));
        Directory.CreateDirectory(Path.Combine(Inner, "other"));
        foreach (string file in (string[])["box/file", "box/sub/file", "other/secret"])
        {
            File.WriteAllText(Path.Combine(Inner, file), "secret");
        }

        (string Name, string Target)[] links =
        [
            ("box/out", "../other"), ("box/leak", "../other/secret"), ("box/up", ".."), ("box/in", "sub/../file"),
            ("box/sub/out", "../../other"), ("way", "box"), ("boxes", "other"),
        ];
        foreach (var (name, target) in links)
        {
            File.CreateSymbolicLink(Path.Combine(Inner, name), target);
        }

        return Inner;
    }

    private static DeviceAsk Ask(int operation, string path, Action<ByteWriter>? more = null)
    {
        var arguments = new ByteWriter();
        arguments.Text(path);
        more?.Invoke(arguments);
        return new DeviceAsk(operation, [.. arguments.Written], new SchemaType.Unit());
    }

    private static DeviceAsk Read(string path, long at, long count) => Ask(Device.Read, path, more =>
    {
        more.I64(at);
        more.I64(count);
    });

    private static DeviceAsk Write(string path, byte[] data) => Ask(Device.Write, path, more =>
    {
        more.U32((uint)data.Length);
        more.Bytes(data);
    });

    private static DeviceAsk WriteAt(string path, long at, byte[] data) => Ask(Device.WriteAt, path, more =>
    {
        more.I64(at);
        more.U32((uint)data.Length);
        more.Bytes(data);
    });

    private static DeviceAsk Move(string path, string to) => Ask(Device.Move, path, more => more.Text(to));

    private static string Content(DeviceAnswer? answer)
    {
        var reader = new ByteReader(Assert.IsType<DeviceAnswer.Value>(answer).Octets.AsSpan());
        return reader.Text();
    }

    private static string Text(DeviceAnswer? answer) => answer switch
    {
        DeviceAnswer.Value value => Convert.ToHexString(value.Octets.AsSpan()),
        DeviceAnswer.Failed failed => $"{failed.Why}: {failed.Detail}",
        _ => "never",
    };
}
