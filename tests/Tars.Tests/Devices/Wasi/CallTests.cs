using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Devices.Host;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Calls;
using Tars.Devices.Wasi.Linux;
using Tars.Devices.Wasi.Simulated;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Devices.Wasi;

/// <summary>What each call does, what it refuses, and that no argument of any call does harm.</summary>
public sealed class CallTests
{
    private const uint Result = 512;

    [Fact]
    public void The_calls_are_those_of_preview_1()
    {
        Assert.Equal(46, CallTable.Rows.Length);
        Assert.Equal(CallTable.Rows.Length, CallTable.Rows.Select(row => row.Name).Distinct().Count());
        Assert.Equal(77, Enum.GetValues<Errno>().Length);
    }

    [Fact]
    public void The_page_lists_the_calls_as_the_table_does()
    {
        string page = File.ReadAllText(RepoRoot.File("docs/wasi.md"));
        foreach (var row in CallTable.Rows)
        {
            Assert.Contains($"| `{row.Name}` | {row.Rights} | {row.Meaning} |", page, StringComparison.Ordinal);
        }
    }

    // Every call with every kind of argument: small numbers, open files, addresses at and beyond all ends.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_arguments_do_harm(int seed)
    {
        var random = new Xoshiro256((ulong)seed);
        ulong[] odd =
        [
            0, 1, 2, 3, 4, 5, 6, 7, 8, 255, 512, 1_024, 4_096, WasiRig.MemorySize - 8, WasiRig.MemorySize - 1,
            WasiRig.MemorySize, WasiRig.MemorySize + 1, int.MaxValue, 0x80000000, uint.MaxValue - 7, uint.MaxValue,
            (ulong)Rights.File, (ulong)(Rights.File | Rights.Folder), long.MaxValue, 0x8000000000000000, ulong.MaxValue,
        ];
        using var rig = LibC.IsHere && seed == 1 ? WasiRig.OnDisk() : WasiRig.InMemory();
        for (int turn = 0; turn < 30_000; turn++)
        {
            if (turn % 50 == 0)
            {
                Refill(rig, random);
            }

            var row = CallTable.Rows[random.Next(CallTable.Rows.Length)];
            if (row.Body is not null && row.Name != "poll_oneoff")
            {
                var arguments = new ulong[row.Type.Parameters.Length];
                for (int place = 0; place < arguments.Length; place++)
                {
                    arguments[place] = odd[random.Next(odd.Length)];
                }

                rig.Call(row.Name, arguments);
            }
        }
    }

    [Fact]
    public void No_subscriptions_do_harm()
    {
        var random = new Xoshiro256(7);
        using var rig = WasiRig.InMemory();
        for (int turn = 0; turn < 5_000; turn++)
        {
            Refill(rig, random);
            uint address = (uint)random.Next(WasiRig.MemorySize + 100);
            rig.Call("poll_oneoff", address, (uint)random.Next(WasiRig.MemorySize), (uint)random.Next(1_200), 8);
        }
    }

    [Fact]
    public void What_lies_outside_the_memory_is_a_fault_and_nothing_is_done()
    {
        using var rig = WasiRig.InMemory();
        Assert.Equal(Errno.Success, rig.Open("file", out uint fd, Opening.Create));
        rig.SetU32(0, 100);
        rig.SetU32(4, 10);
        rig.SetU32(8, WasiRig.MemorySize - 4);
        rig.SetU32(12, 5);

        Assert.Equal(Errno.Fault, rig.Call("fd_write", fd, 0, 2, Result));
        Assert.Equal(Errno.Fault, rig.Call("fd_write", fd, 0, 1, WasiRig.MemorySize - 3));
        Assert.Equal(Errno.Fault, rig.Call("fd_write", fd, WasiRig.MemorySize - 7, 1, Result));
        Assert.Equal(Errno.Inval, rig.Call("fd_write", fd, 0, 0x20000000, Result));
        Assert.Equal(Errno.Fault, rig.Call("random_get", uint.MaxValue, 2));
        Assert.Equal(Errno.Fault, rig.Call("path_open", 3, 0, uint.MaxValue, 4, 1, 0, 0, 0, Result));
        Assert.Equal(Errno.Success, rig.Call("fd_filestat_get", fd, 1_024));
        Assert.Equal(0ul, rig.U64(1_024 + 32));
    }

    [Fact]
    public void A_number_that_is_not_open_is_badf()
    {
        using var rig = WasiRig.InMemory();
        foreach (uint fd in (uint[])[4, 1_024, int.MaxValue, uint.MaxValue])
        {
            Assert.Equal(Errno.Badf, rig.Call("fd_close", fd));
            Assert.Equal(Errno.Badf, rig.Call("fd_read", fd, 0, 1, Result));
            Assert.Equal(Errno.Badf, rig.Call("fd_renumber", 3, fd));
            Assert.Equal(Errno.Badf, rig.Call("fd_prestat_get", fd, Result));
        }
    }

    [Fact]
    public void Without_grants_there_is_nothing_but_three_streams_that_lead_nowhere()
    {
        using var rig = WasiRig.With(new WasiGrants());
        Assert.Equal(Errno.Badf, rig.Call("fd_prestat_get", 3, Result));
        Assert.Equal(Errno.Success, rig.Call("args_sizes_get", Result, Result + 4));
        Assert.Equal((0u, 0u), (rig.U32(Result), rig.U32(Result + 4)));
        Assert.Equal(Errno.Success, rig.Call("environ_sizes_get", Result, Result + 4));
        Assert.Equal((0u, 0u), (rig.U32(Result), rig.U32(Result + 4)));
        Assert.Equal(Errno.Notdir, rig.Open("file", out _, folder: 0));
        Assert.Equal(Errno.Notcapable, rig.Write(0, "x"));
        Assert.Equal(Errno.Notcapable, rig.Read(1, out _));
    }

    [Fact]
    public void Rights_that_were_given_up_do_not_come_back()
    {
        using var rig = WasiRig.InMemory();
        Assert.Equal(Errno.Success, rig.Open("file", out uint fd, Opening.Create));
        Assert.Equal(Errno.Success, rig.Call("fd_fdstat_set_rights", fd, (ulong)Rights.FdRead, 0));
        Assert.Equal(Errno.Notcapable, rig.Write(fd, "x"));
        Assert.Equal(Errno.Success, rig.Read(fd, out _));
        ulong more = (ulong)(Rights.FdRead | Rights.FdWrite);
        Assert.Equal(Errno.Notcapable, rig.Call("fd_fdstat_set_rights", fd, more, 0));
        Assert.Equal(Errno.Notcapable, rig.Call("fd_seek", fd, 0, 0, Result));
    }

    [Fact]
    public void What_is_opened_gets_no_right_that_its_folder_does_not_hand_on()
    {
        using var rig = WasiRig.InMemory();
        var handsOn = Rights.FdRead | Rights.PathOpen;
        Assert.Equal(Errno.Success, rig.At("path_create_directory", "folder"));
        Assert.Equal(Errno.Success, rig.Open("folder", out uint folder, Opening.Folder with { Inheriting = handsOn }));
        Assert.Equal(Errno.Success, rig.Open("file", out _, new Opening(OpenFlags.Creat, Rights.FdRead), folder));
        Assert.Equal(Errno.Notcapable, rig.Open("file", out _, new Opening(OpenFlags.None, Rights.FdWrite), folder));
        Assert.Equal(
            Errno.Notcapable,
            rig.Open("file", out _, new Opening(OpenFlags.None, Rights.FdRead, Rights.FdWrite), folder));
        Assert.Equal(
            Errno.Notcapable,
            rig.Open("file", out _, new Opening(OpenFlags.None, Rights.FdRead, FdFlags: FdFlags.Sync), folder));
    }

    [Theory]
    [InlineData("path_create_directory", (ulong)Rights.PathCreateDirectory)]
    [InlineData("path_remove_directory", (ulong)Rights.PathRemoveDirectory)]
    [InlineData("path_unlink_file", (ulong)Rights.PathUnlinkFile)]
    public void A_call_without_its_right_is_refused(string call, ulong right)
    {
        using var rig = WasiRig.InMemory();
        ulong without = (ulong)Rights.Folder & ~right;
        Assert.Equal(Errno.Success, rig.Call("fd_fdstat_set_rights", WasiRig.Granted, without, 0));
        Assert.Equal(Errno.Notcapable, rig.At(call, "name"));
        Assert.Equal(1, rig.Wasi.Metrics.Refused);
    }

    [Fact]
    public void A_folder_granted_for_reading_cannot_be_changed()
    {
        using var rig = WasiRig.With(new WasiGrants { Folders = [new FolderGrant(null, "/r", FolderAccess.ReadOnly)] });
        Assert.Equal(Errno.Notcapable, rig.Open("made", out _, Opening.Create));
        Assert.Equal(Errno.Notcapable, rig.Open("made", out _, new Opening(OpenFlags.None, Rights.FdWrite)));
        Assert.Equal(Errno.Notcapable, rig.At("path_create_directory", "made"));
        Assert.Equal(Errno.Notcapable, rig.Symlink("x", "made"));
        Assert.Equal(Errno.Notcapable, rig.Rename("x", "made"));
        Assert.Equal(Errno.Notcapable, rig.Link("x", "made"));
        Assert.Equal(Errno.Notcapable, rig.Call("path_filestat_set_times", 3, 0, 1_024, 1, 0, 0, 2));
        Assert.Equal(Errno.Noent, rig.Open("made", out _, Opening.Reading));
        Assert.Equal(Errno.Success, rig.Stat("."));
    }

    [Fact]
    public void At_most_1024_files_are_open_at_a_time()
    {
        using var rig = WasiRig.InMemory();
        uint fd = 0;
        for (int count = 4; count < 1_024; count++)
        {
            Assert.Equal(Errno.Success, rig.Open("file", out fd, Opening.Create));
        }

        Assert.Equal(1_023u, fd);
        Assert.Equal(Errno.Mfile, rig.Open("file", out _));
        Assert.Equal(Errno.Success, rig.Call("fd_close", 7));
        Assert.Equal(Errno.Success, rig.Open("file", out fd));
        Assert.Equal(7u, fd);
    }

    [Fact]
    public void A_file_moves_to_another_number()
    {
        using var rig = WasiRig.InMemory();
        rig.Open("one", out uint one, Opening.Create);
        rig.Open("two", out uint two, Opening.Create);
        rig.Write(one, "content");
        Assert.Equal(Errno.Success, rig.Call("fd_renumber", one, two));
        Assert.Equal(Errno.Badf, rig.Call("fd_tell", one, Result));
        Assert.Equal(Errno.Success, rig.Call("fd_tell", two, Result));
        Assert.Equal(7ul, rig.U64(Result));
        Assert.Equal(Errno.Success, rig.Call("fd_renumber", two, two));
        Assert.Equal(Errno.Success, rig.Call("fd_tell", two, Result));
    }

    // However small the buffer is, the same names come, in the order of their octets.
    [Theory]
    [InlineData(24u)]
    [InlineData(30u)]
    [InlineData(64u)]
    [InlineData(1_000u)]
    public void A_folder_is_listed_through_a_buffer_of_any_size(uint size)
    {
        using var rig = WasiRig.InMemory();
        foreach (var name in (string[])["b", "a", "C", "name-of-some-length"])
        {
            rig.At("path_create_directory", name);
        }

        Assert.Equal([".", "..", "C", "a", "b", "name-of-some-length"], Names(rig, Math.Max(size, 24 + 19)));
        Assert.Equal(Errno.Success, rig.Call("fd_readdir", WasiRig.Granted, 2_048, size, ulong.MaxValue, Result));
        Assert.Equal(0u, rig.U32(Result));
    }

    [Fact]
    public void Arguments_and_environment_come_as_they_were_given()
    {
        using var rig = WasiRig.With(new WasiGrants { Arguments = ["name", "ä b", ""], Environment = ["K=V"] });
        Assert.Equal(Errno.Success, rig.Call("args_sizes_get", Result, Result + 4));
        Assert.Equal((3u, 11u), (rig.U32(Result), rig.U32(Result + 4)));
        Assert.Equal(Errno.Success, rig.Call("args_get", 1_024, 2_048));
        Assert.Equal("name\0ä b\0\0", Encoding.UTF8.GetString(rig.Memory, 2_048, 11));
        Assert.Equal([2_048u, 2_053u, 2_058u], [rig.U32(1_024), rig.U32(1_028), rig.U32(1_032)]);
        Assert.Equal(Errno.Success, rig.Call("environ_get", 1_024, 2_048));
        Assert.Equal("K=V\0", Encoding.UTF8.GetString(rig.Memory, 2_048, 4));
        Assert.Equal(Errno.Fault, rig.Call("args_get", 1_024, WasiRig.MemorySize - 10));
    }

    [Fact]
    public void Equal_seeds_give_equal_octets_and_others_do_not()
    {
        string[] drawn =
        [
            .. new ulong[] { 1, 1, 2 }.Select(seed =>
            {
                using var rig = WasiRig.With(new WasiGrants { Entropy = new SeededEntropy(seed) });
                Assert.Equal(Errno.Success, rig.Call("random_get", 1_024, 100));
                return Convert.ToHexString(rig.Memory.AsSpan(1_024, 100));
            }),
        ];
        Assert.Equal(drawn[0], drawn[1]);
        Assert.NotEqual(drawn[0], drawn[2]);
    }

    [Fact]
    public void Waiting_moves_a_virtual_clock_to_the_first_that_is_due()
    {
        var clock = new VirtualClock();
        using var rig = WasiRig.InMemory(clock);
        PutClock(rig, 0, userData: 11, timeout: 5_000_000_000);
        PutClock(rig, 48, userData: 22, timeout: 2_000_000_000);
        Assert.Equal(Errno.Success, rig.Call("poll_oneoff", 0, 4_096, 2, Result));
        Assert.Equal(1u, rig.U32(Result));
        Assert.Equal(22ul, rig.U64(4_096));
        Assert.Equal(2_000_000_000, clock.Now.Monotonic);
    }

    [Fact]
    public void A_file_is_ready_at_once_and_one_that_is_not_open_says_so()
    {
        var clock = new VirtualClock();
        using var rig = WasiRig.InMemory(clock);
        rig.Memory.AsSpan(0, 200).Clear();
        PutClock(rig, 0, userData: 11, timeout: 5_000_000_000);
        rig.Memory[48 + 8] = 2;
        rig.SetU32(48 + 16, 1);
        rig.Memory[96 + 8] = 1;
        rig.SetU32(96 + 16, 99);
        Assert.Equal(Errno.Success, rig.Call("poll_oneoff", 0, 4_096, 3, Result));
        Assert.Equal(2u, rig.U32(Result));
        Assert.Equal(0, clock.Now.Monotonic);
        Assert.Equal((ushort)Errno.Badf, rig.Memory[4_096 + 32 + 8]);
        Assert.Equal(Errno.Inval, rig.Call("poll_oneoff", 0, 4_096, 0, Result));
    }

    // As many as there is room for, and no more: else 4 million names would take gigabytes.
    [Fact]
    public void Names_take_room_too()
    {
        using var rig = WasiRig.InMemory();
        Assert.Equal(Errno.Success, rig.Open("file", out _, Opening.Create));
        string stem = new('n', 200);
        string longer = new('m', 207);
        int count = 0;
        var errno = Errno.Success;
        while (errno is Errno.Success && count < 500_000)
        {
            errno = rig.Link("file", string.Create(CultureInfo.InvariantCulture, $"{stem}{count}"));
            count += errno is Errno.Success ? 1 : 0;
        }

        Assert.Equal(Errno.Nospc, errno);
        Assert.InRange(count * 200L, 1 << 20, 1 << 26);
        Assert.Equal(Errno.Nospc, rig.At("path_create_directory", longer));
        Assert.Equal(Errno.Nospc, rig.Symlink("file", longer));
        Assert.Equal(Errno.Nospc, rig.Rename("file", longer));
        Assert.Equal(Errno.Success, rig.At("path_unlink_file", $"{stem}0"));
        Assert.Equal(Errno.Success, rig.At("path_unlink_file", $"{stem}1"));
        Assert.Equal(Errno.Success, rig.Rename("file", longer));
    }

    [Fact]
    public void Links_that_are_gone_leave_no_room_that_was_not_there()
    {
        using var rig = WasiRig.InMemory();
        string target = new('t', 3_000);
        for (int turn = 0; turn < 30_000; turn++)
        {
            Assert.Equal(Errno.Success, rig.Symlink(target, "link"));
            Assert.Equal(Errno.Success, rig.At("path_unlink_file", "link"));
        }

        var sizable = Opening.Create with { Rights = Rights.FdFilestatSetSize };
        Assert.Equal(Errno.Success, rig.Open("one", out uint one, sizable));
        Assert.Equal(Errno.Success, rig.Open("two", out uint two, sizable));
        Assert.Equal(Errno.Success, rig.Call("fd_filestat_set_size", one, 40 << 20));
        Assert.Equal(Errno.Nospc, rig.Call("fd_filestat_set_size", two, 40 << 20));
    }

    [Fact]
    public void What_was_cut_off_a_file_is_given_back()
    {
        var node = new MemoryNode(1, FileType.RegularFile, now: 0);
        node.Resize(1 << 20);
        node.Content.Fill(7);
        node.Resize(3);
        Assert.InRange(node.Room, 3, 12);
        Assert.Equal([7, 7, 7], node.Content.ToArray());
        node.Resize(5);
        Assert.Equal([7, 7, 7, 0, 0], node.Content.ToArray());
        node.Resize(0);
        Assert.Equal(0, node.Room);
    }

    [Fact]
    public void Listings_that_are_being_read_take_room_until_they_are_over()
    {
        using var rig = WasiRig.InMemory();
        for (int turn = 0; turn < 1_000; turn++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{new string('n', 240)}{turn}");
            Assert.Equal(Errno.Success, rig.At("path_create_directory", name));
        }

        var listable = new Opening(OpenFlags.Directory, Rights.FdReaddir);
        var open = new List<uint>();
        var errno = Errno.Success;
        while (errno is Errno.Success && open.Count < 1_000)
        {
            Assert.Equal(Errno.Success, rig.Open(".", out uint fd, listable));
            open.Add(fd);
            errno = rig.Call("fd_readdir", fd, 2_048, 100, 0, Result);
        }

        Assert.Equal(Errno.Nomem, errno);
        Assert.InRange(open.Count, 10, 500);

        // One that was read to its end makes room for another, and so does one that is closed.
        Assert.Equal(Errno.Success, rig.Call("fd_readdir", open[0], 2_048, 100, 1_002, Result));
        Assert.Equal(Errno.Success, rig.Call("fd_readdir", open[^1], 2_048, 100, 0, Result));
        Assert.Equal(Errno.Nomem, rig.Call("fd_readdir", open[0], 2_048, 100, 0, Result));
        Assert.Equal(Errno.Success, rig.Call("fd_close", open[1]));
        Assert.Equal(Errno.Success, rig.Call("fd_readdir", open[0], 2_048, 100, 0, Result));
    }

    private static void PutClock(WasiRig rig, uint at, ulong userData, ulong timeout)
    {
        rig.Memory.AsSpan((int)at, 48).Clear();
        rig.SetU64(at, userData);
        rig.SetU32(at + 16, 1);
        rig.SetU64(at + 24, timeout);
    }

    private static List<string> Names(WasiRig rig, uint size)
    {
        var names = new List<string>();
        ulong cookie = 0;
        while (true)
        {
            Assert.Equal(Errno.Success, rig.Call("fd_readdir", WasiRig.Granted, 2_048, size, cookie, Result));
            uint used = rig.U32(Result);
            uint at = 0;
            while (at + 24 <= used && at + 24 + rig.U32(2_048 + at + 16) <= used)
            {
                uint length = rig.U32(2_048 + at + 16);
                names.Add(Encoding.UTF8.GetString(rig.Memory, (int)(2_048 + at + 24), (int)length));
                cookie = rig.U64(2_048 + at);
                at += 24 + length;
            }

            if (used < size)
            {
                return names;
            }
        }
    }

    // Paths, small numbers and noise, so that calls get somewhere before something is wrong.
    private static void Refill(WasiRig rig, Xoshiro256 random)
    {
        string[] words = ["a", "b/c", "../x", "a/../b", "/etc", "a/", ".", "\0", "\xFF", new('n', 300)];
        for (int at = 0; at < rig.Memory.Length; at += 8)
        {
            rig.SetU64((uint)at, random.Next(4) == 0 ? random.Next() : (ulong)random.Next(9));
        }

        foreach (uint at in (uint[])[0, 255, 512, 1_024, 4_096])
        {
            rig.Put(words[random.Next(words.Length)], at);
        }
    }
}
