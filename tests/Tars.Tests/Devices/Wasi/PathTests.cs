using System.Text;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Files;
using Tars.Devices.Wasi.Linux;
using Xunit;

namespace Tars.Tests.Devices.Wasi;

/// <summary>
/// No path leads out of the folder that was granted, and each answers what the system would. Every row runs on a folder
/// of the machine and on its twin in memory. To add a case write a row: what stands in the folder is in Furnish.
/// </summary>
public sealed class PathTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Opens =>
    [
        // Plain ways.
        new("file", "Success"),
        new("./file", "Success"),
        new("folder/inner", "Success"),
        new("folder//inner", "Success"),
        new("folder/./inner", "Success"),
        new("folder/../file", "Success"),
        new("folder/deep/../../file", "Success"),
        new("folder/deep/..//inner", "Success"),
        new("missing", "Noent"),
        new("missing/file", "Noent"),
        new("missing/../file", "Noent"),
        new("", "Noent"),

        // What is no folder.
        new("file/", "Notdir"),
        new("file/x", "Notdir"),
        new("file/..", "Notdir"),
        new("file/.", "Notdir"),
        new("link/", "Notdir"),

        // Out by dots.
        new("..", "Notcapable"),
        new("../", "Notcapable"),
        new("../g/file", "Notcapable"),
        new("folder/../../file", "Notcapable"),
        new("folder/deep/../../../etc/passwd", "Notcapable"),
        new("./../file", "Notcapable"),
        new("folder/..//..//file", "Notcapable"),

        // Absolute.
        new("/", "Notcapable"),
        new("/file", "Notcapable"),
        new("//file", "Notcapable"),
        new("/etc/passwd", "Notcapable"),

        // Links.
        new("link", "Success"),
        new("chain", "Success"),
        new("folder/up", "Success"),
        new("tofolder/inner", "Success"),
        new("tofolder/../file", "Success"),
        new("slashed/inner", "Success"),
        new("loop", "Loop"),
        new("loop/x", "Loop"),
        new("ping", "Loop"),
        new("ping/x", "Loop"),
        new("dangling", "Noent"),
        new("out", "Notcapable"),
        new("out/etc/passwd", "Notcapable"),
        new("outfile", "Notcapable"),
        new("absolute", "Notcapable"),
        new("absolutefolder/passwd", "Notcapable"),
        new("folder/out/file", "Notcapable"),
        new("tofolder/out/file", "Notcapable"),

        // Octets.
        new("file\0", "Inval"),
        new("file\0/../../etc/passwd", "Inval"),
        new("\xFF", "Ilseq"),
        new("\xC0\xAE\xC0\xAE/file", "Ilseq"), // `..` in a form of UTF-8 that is too long.
    ];

    [Theory]
    [MemberData(nameof(Opens))]
    public void Opening_a_path_answers_as_the_table_says(string path, string errno) =>
        Check(rig => rig.Open(path, out _, Opening.Reading), errno);

    [Theory]
    [InlineData("link", nameof(Errno.Loop))]
    [InlineData("absolute", nameof(Errno.Loop))]
    [InlineData("tofolder/inner", nameof(Errno.Success))]
    public void A_link_in_the_last_place_is_not_followed_unless_it_is_asked_for(string path, string errno) =>
        Check(rig => rig.Open(path, out _, Opening.Reading with { Follows = false }), errno);

    [Fact]
    public void A_name_may_have_255_octets_and_a_path_4096()
    {
        Check(rig => rig.Open(new string('n', 255), out _, Opening.Create), nameof(Errno.Success));
        Check(rig => rig.Open(new string('n', 256), out _, Opening.Create), nameof(Errno.Nametoolong));
        Check(rig => rig.Open(Repeat("./", 2_046) + "file", out _), nameof(Errno.Success));
        Check(rig => rig.Open(Repeat("./", 2_047) + "file", out _), nameof(Errno.Nametoolong));
        Check(rig => rig.Open(Repeat("folder/../", 400) + "file", out _), nameof(Errno.Success));
    }

    [Fact]
    public void A_path_leads_at_most_256_folders_deep()
    {
        Check(
            rig =>
            {
                uint folder = WasiRig.Granted;
                for (int depth = 0; depth < 300; depth++)
                {
                    var (address, size) = rig.Put("x");
                    Assert.Equal(Errno.Success, rig.Call("path_create_directory", folder, address, size));
                    Assert.Equal(Errno.Success, rig.Open("x", out uint next, Opening.Folder, folder));
                    if (folder != WasiRig.Granted)
                    {
                        rig.Call("fd_close", folder);
                    }

                    folder = next;
                }

                string deep = Repeat("x/", 300);
                Assert.Equal(Errno.Success, rig.Open(deep[..400], out _, Opening.Folder));
                return rig.Open(deep, out _, Opening.Folder);
            },
            nameof(Errno.Nametoolong));
    }

    [Theory]
    [InlineData("path_create_directory", "new", nameof(Errno.Success))]
    [InlineData("path_create_directory", "new/", nameof(Errno.Success))]
    [InlineData("path_create_directory", "../new", nameof(Errno.Notcapable))]
    [InlineData("path_create_directory", "out/new", nameof(Errno.Notcapable))]
    [InlineData("path_create_directory", "file", nameof(Errno.Exist))]
    [InlineData("path_create_directory", "dangling", nameof(Errno.Exist))]
    [InlineData("path_create_directory", ".", nameof(Errno.Exist))]
    [InlineData("path_remove_directory", "empty", nameof(Errno.Success))]
    [InlineData("path_remove_directory", "empty/", nameof(Errno.Success))]
    [InlineData("path_remove_directory", "folder", nameof(Errno.Notempty))]
    [InlineData("path_remove_directory", "file", nameof(Errno.Notdir))]
    [InlineData("path_remove_directory", "toempty", nameof(Errno.Notdir))]
    [InlineData("path_remove_directory", "out", nameof(Errno.Notdir))]
    [InlineData("path_remove_directory", "out/x", nameof(Errno.Notcapable))]
    [InlineData("path_remove_directory", "..", nameof(Errno.Notcapable))]
    [InlineData("path_remove_directory", ".", nameof(Errno.Inval))]
    [InlineData("path_unlink_file", "file", nameof(Errno.Success))]
    [InlineData("path_unlink_file", "file/", nameof(Errno.Notdir))]
    [InlineData("path_unlink_file", "folder", nameof(Errno.Isdir))]
    [InlineData("path_unlink_file", "out", nameof(Errno.Success))]
    [InlineData("path_unlink_file", "link/", nameof(Errno.Notdir))]
    [InlineData("path_unlink_file", "../x", nameof(Errno.Notcapable))]
    [InlineData("path_unlink_file", "missing", nameof(Errno.Noent))]
    public void Making_and_removing_a_name_answers_as_the_table_says(string call, string path, string errno) =>
        Check(rig => rig.At(call, path), errno);

    [Theory]
    [InlineData("file", "other", nameof(Errno.Success))]
    [InlineData("file", "../other", nameof(Errno.Notcapable))]
    [InlineData("../x", "other", nameof(Errno.Notcapable))]
    [InlineData("file", "out/other", nameof(Errno.Notcapable))]
    [InlineData("file", "/other", nameof(Errno.Notcapable))]
    [InlineData("file", "other/", nameof(Errno.Notdir))]
    [InlineData("file", "folder", nameof(Errno.Isdir))]
    [InlineData("folder", "file", nameof(Errno.Notdir))]
    [InlineData("folder", "empty", nameof(Errno.Success))]
    [InlineData("empty", "folder", nameof(Errno.Notempty))]
    [InlineData("folder", "folder/deep/x", nameof(Errno.Inval))]
    [InlineData("folder/", "renamed/", nameof(Errno.Success))]
    [InlineData("out", "other", nameof(Errno.Success))]
    [InlineData("missing", "other", nameof(Errno.Noent))]
    public void Renaming_answers_as_the_table_says(string from, string to, string errno) =>
        Check(rig => rig.Rename(from, to), errno);

    [Theory]
    [InlineData("file", "other", nameof(Errno.Success))]
    [InlineData("file", "link", nameof(Errno.Exist))]
    [InlineData("file", "other/", nameof(Errno.Noent))]
    [InlineData("folder", "other", nameof(Errno.Perm))]
    [InlineData("outfile", "other", nameof(Errno.Success))]
    [InlineData("../x", "other", nameof(Errno.Notcapable))]
    [InlineData("file", "../other", nameof(Errno.Notcapable))]
    public void Linking_answers_as_the_table_says(string from, string to, string errno) =>
        Check(rig => rig.Link(from, to), errno);

    [Fact]
    public void Linking_through_a_link_that_leads_out_is_refused() =>
        Check(rig => rig.Link("outfile", "other", follows: true), nameof(Errno.Notcapable));

    [Theory]
    [InlineData("anywhere", "made", nameof(Errno.Success))]
    [InlineData("../../x", "made", nameof(Errno.Success))]
    [InlineData("/etc/passwd", "made", nameof(Errno.Notcapable))]
    [InlineData("", "made", nameof(Errno.Noent))]
    [InlineData("x", "file", nameof(Errno.Exist))]
    [InlineData("x", "made/", nameof(Errno.Noent))]
    [InlineData("x", "../made", nameof(Errno.Notcapable))]
    [InlineData("x\0y", "made", nameof(Errno.Inval))]
    public void Making_a_symbolic_link_answers_as_the_table_says(string target, string name, string errno) =>
        Check(rig => rig.Symlink(target, name), errno);

    [Theory]
    [InlineData("link", nameof(Errno.Success))]
    [InlineData("absolute", nameof(Errno.Success))]
    [InlineData("file", nameof(Errno.Inval))]
    [InlineData("missing", nameof(Errno.Noent))]
    [InlineData("out/x", nameof(Errno.Notcapable))]
    public void Reading_a_link_answers_as_the_table_says(string path, string errno) =>
        Check(rig => rig.Readlink(path, out _), errno);

    [Theory]
    [InlineData("link", false, nameof(Errno.Success))]
    [InlineData("absolute", false, nameof(Errno.Success))]
    [InlineData("absolute", true, nameof(Errno.Notcapable))]
    [InlineData("loop", true, nameof(Errno.Loop))]
    [InlineData("loop", false, nameof(Errno.Success))]
    [InlineData("file/", true, nameof(Errno.Notdir))]
    [InlineData("folder/", false, nameof(Errno.Success))]
    [InlineData(".", false, nameof(Errno.Success))]
    [InlineData("..", false, nameof(Errno.Notcapable))]
    public void Asking_about_a_path_answers_as_the_table_says(string path, bool follows, string errno) =>
        Check(rig => rig.Stat(path, follows), errno);

    [Theory]
    [InlineData("made", (int)OpenFlags.Creat, nameof(Errno.Success))]
    [InlineData("made/", (int)OpenFlags.Creat, nameof(Errno.Isdir))]
    [InlineData("file", (int)(OpenFlags.Creat | OpenFlags.Excl), nameof(Errno.Exist))]
    [InlineData("dangling", (int)OpenFlags.Creat, nameof(Errno.Success))]
    [InlineData("dangling", (int)(OpenFlags.Creat | OpenFlags.Excl), nameof(Errno.Exist))]
    [InlineData("outfile", (int)OpenFlags.Creat, nameof(Errno.Notcapable))]
    [InlineData("absolute", (int)(OpenFlags.Creat | OpenFlags.Trunc), nameof(Errno.Notcapable))]
    [InlineData("../made", (int)OpenFlags.Creat, nameof(Errno.Notcapable))]
    [InlineData("folder", (int)OpenFlags.Creat, nameof(Errno.Isdir))]
    [InlineData("folder", (int)OpenFlags.None, nameof(Errno.Isdir))]
    [InlineData("folder", (int)OpenFlags.Directory, nameof(Errno.Success))]
    [InlineData("file", (int)OpenFlags.Directory, nameof(Errno.Notdir))]
    [InlineData("x", (int)(OpenFlags.Creat | OpenFlags.Directory), nameof(Errno.Inval))]
    public void Opening_to_write_answers_as_the_table_says(string path, int flags, string errno) =>
        Check(rig => rig.Open(path, out _, new Opening((OpenFlags)flags)), errno);

    [Fact]
    public void A_folder_that_becomes_a_link_while_it_is_walked_leads_nowhere()
    {
        Assert.SkipUnless(LibC.IsHere, "folders of the machine are granted on 64-bit Linux only");
        using var rig = WasiRig.OnDisk();
        string outside = Directory.CreateTempSubdirectory("tars-outside-").FullName;
        File.WriteAllText(Path.Combine(outside, "secret"), "secret");
        string real = Path.Combine(rig.Folder, "real");
        string door = Path.Combine(rig.Folder, "door");
        Directory.CreateDirectory(real);
        File.WriteAllText(Path.Combine(real, "secret"), "mine");
        using var stop = new CancellationTokenSource();
        var other = new Thread(() => Flip(door, real, outside, stop.Token));
        other.Start();
        for (int turn = 0; turn < 2_000; turn++)
        {
            if (rig.Open("door/secret", out uint fd, Opening.Reading) is Errno.Success)
            {
                Assert.Equal(Errno.Success, rig.Read(fd, out string text));
                Assert.NotEqual("secret", text);
                rig.Call("fd_close", fd);
            }
        }

        stop.Cancel();
        other.Join();
        Directory.Delete(outside, recursive: true);
    }

    private static void Flip(string door, string real, string outside, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Directory.Move(real, door);
            Directory.Move(door, real);
            File.CreateSymbolicLink(door, outside);
            File.Delete(door);
        }
    }

    private static string Repeat(string part, int count) => string.Concat(Enumerable.Repeat(part, count));

    // The one place that knows on what the rows run.
    private static void Check(Func<WasiRig, Errno> act, string expected)
    {
        using (var inMemory = WasiRig.InMemory())
        {
            Furnish(inMemory);
            Assert.Equal(expected, act(inMemory).ToString());
        }

        if (LibC.IsHere)
        {
            using var onDisk = WasiRig.OnDisk();
            Furnish(onDisk);
            Assert.Equal(expected, act(onDisk).ToString());
        }
    }

    private static void Furnish(WasiRig rig)
    {
        foreach (var folder in (string[])["folder", "folder/deep", "empty"])
        {
            Assert.Equal(Errno.Success, rig.At("path_create_directory", folder));
        }

        foreach (var file in (string[])["file", "folder/inner"])
        {
            Assert.Equal(Errno.Success, rig.Open(file, out uint fd, Opening.Create));
            Assert.Equal(Errno.Success, rig.Write(fd, file));
            Assert.Equal(Errno.Success, rig.Call("fd_close", fd));
        }

        (string Name, string Target)[] links =
        [
            ("link", "file"), ("chain", "folder/../link"), ("folder/up", "../file"), ("tofolder", "folder"),
            ("slashed", "folder/"), ("toempty", "empty"), ("loop", "loop"), ("ping", "pong"), ("pong", "ping"),
            ("dangling", "nothing"), ("out", ".."), ("outfile", "../outside"), ("folder/out", "../.."),
        ];
        foreach (var (name, target) in links)
        {
            Assert.Equal(Errno.Success, rig.Symlink(target, name));
        }

        // No call makes these; on a machine somebody else may.
        Plant(rig, "absolute", "/etc/passwd");
        Plant(rig, "absolutefolder", "/etc");
    }

    private static void Plant(WasiRig rig, string name, string target)
    {
        Assert.Equal(Errno.Success, rig.Wasi.Files.Find(WasiRig.Granted, Rights.None, out var entry));
        var folder = (OpenFolder)entry.File;
        Assert.Equal(Errno.Success, folder.MakeLink(Encoding.UTF8.GetBytes(target), Encoding.UTF8.GetBytes(name)));
    }
}
