using Tars.Base;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Linux;
using Xunit;

namespace Tars.Tests.Devices.Wasi;

/// <summary>A folder in memory answers as one of the machine does, whatever is done to both. A failure names its
/// seed.</summary>
public sealed class TwinTests
{
    private const int CallCount = 400;

    private static readonly string[] _paths =
    [
        "a", "b", "c", "a/b", "a/c", "b/a", "a/b/c", "b/../a", "c/../b/a", "a/", "b/", "c/a/", ".", "a/.", "..", "../a",
        "a/../..", "/a", "a//b", "./b", "a/b/../c", "b/c/../../a",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    public void A_folder_and_its_twin_answer_alike(int seed)
    {
        Assert.SkipUnless(LibC.IsHere, "folders of the machine are granted on 64-bit Linux only");
        using var inMemory = WasiRig.InMemory();
        using var onDisk = WasiRig.OnDisk();
        var twin = Play(inMemory, seed);
        var real = Play(onDisk, seed);
        for (int call = 0; call < CallCount; call++)
        {
            Assert.Equal($"seed {seed}, call {call}: {real[call]}", $"seed {seed}, call {call}: {twin[call]}");
        }
    }

    private static List<string> Play(WasiRig rig, int seed)
    {
        var random = new Xoshiro256((ulong)seed);
        var told = new List<string>();
        for (int call = 0; call < CallCount; call++)
        {
            told.Add(One(rig, random));
        }

        return told;
    }

    private static string One(WasiRig rig, Xoshiro256 random)
    {
        string path = _paths[random.Next(_paths.Length)];
        string other = _paths[random.Next(_paths.Length)];
        bool follows = random.Next(2) == 0;
        switch (random.Next(13))
        {
            case 0 or 1:
                return $"mkdir {path} {rig.At("path_create_directory", path)}";
            case 2:
                return $"rmdir {path} {rig.At("path_remove_directory", path)}";
            case 3:
                return $"unlink {path} {rig.At("path_unlink_file", path)}";
            case 4:
                return $"rename {path} {other} {rig.Rename(path, other)}";
            case 5:
                return $"link {path} {other} {follows} {rig.Link(path, other, follows)}";
            case 6:
                return $"symlink {path} {other} {rig.Symlink(path, other)}";
            case 7:
                return $"readlink {path} {rig.Readlink(path, out string target)} '{target}'";
            case 8:
                return $"stat {path} {follows} {Stat(rig, path, follows)}";
            case 9:
                return $"list {path} {List(rig, path)}";
            default:
                return $"open {path} {follows} {Use(rig, random, path, follows)}";
        }
    }

    // A folder's size and links are its file system's own affair.
    private static string Stat(WasiRig rig, string path, bool follows)
    {
        var errno = rig.Stat(path, follows);
        const uint At = 16_384;
        bool isFile = rig.Memory[At + 16] == 4;
        return errno is not Errno.Success ? errno.ToString()
            : isFile ? $"file of {rig.U64(At + 32)} with {rig.U64(At + 24)} names"
            : $"type {rig.Memory[At + 16]}";
    }

    private static string List(WasiRig rig, string path)
    {
        var errno = rig.Open(path, out uint fd, Opening.Folder);
        if (errno is not Errno.Success)
        {
            return errno.ToString();
        }

        Assert.Equal(Errno.Success, rig.Call("fd_readdir", fd, 32_768, 4_096, 0, 512));
        uint used = rig.U32(512);
        var names = new List<string>();
        for (uint at = 0; at < used;)
        {
            uint size = rig.U32(32_768 + at + 16);
            names.Add(System.Text.Encoding.UTF8.GetString(rig.Memory, (int)(32_768 + at + 24), (int)size));
            at += 24 + size;
        }

        rig.Call("fd_close", fd);
        return string.Join(' ', names);
    }

    private static string Use(WasiRig rig, Xoshiro256 random, string path, bool follows)
    {
        OpenFlags[] flags =
        [
            OpenFlags.None, OpenFlags.Creat, OpenFlags.Creat, OpenFlags.Creat | OpenFlags.Excl,
            OpenFlags.Creat | OpenFlags.Trunc, OpenFlags.Trunc, OpenFlags.Directory,
        ];
        var fdFlags = random.Next(3) == 0 ? FdFlags.Append : FdFlags.None;
        var how = new Opening(flags[random.Next(flags.Length)], FdFlags: fdFlags, Follows: follows);
        int offset = random.Next(20);
        var whence = (Whence)random.Next(3);
        string text = new('x', random.Next(10));
        var errno = rig.Open(path, out uint fd, how);
        if (errno is not Errno.Success)
        {
            return $"{how.Flags} {errno}";
        }

        var told = $"{how.Flags} {fdFlags} write {rig.Write(fd, text)}"
            + $" seek {rig.Call("fd_seek", fd, (ulong)(offset - 10), (ulong)whence, 512)} {rig.U64(512)}"
            + $" read {rig.Read(fd, out string read)} '{read}' write {rig.Write(fd, "yz")}"
            + $" tell {rig.Call("fd_seek", fd, 0, (ulong)Whence.Cur, 512)} {rig.U64(512)}";
        rig.Call("fd_close", fd);
        return told;
    }
}
