using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Devices.Store;
using Tars.Devices.Wasi.Linux;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;
using StoreHost = Tars.Devices.Store.Host;

namespace Tars.Tests.Devices;

/// <summary>The store in a folder and the store in memory say the same; only the first outlives its run.</summary>
public sealed class StoreTests : IDisposable
{
    private const StringComparison Ordinal = StringComparison.Ordinal;
    private static readonly SchemaType _text = new SchemaType.Text();

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-store-").FullName;

    public static bool IsLinux => OperatingSystem.IsLinux();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_folder_and_the_memory_answer_alike(int seed)
    {
        var random = new Xoshiro256((ulong)seed);
        string[] keys = ["a", "b", "../../up", "", "with\0zero", "ü", "/etc/passwd", new('k', 1_100)];
        var host = new StoreHost(Path.Combine(_folder, "s"));
        var twin = new Simulated();
        for (int turn = 0; turn < 300; turn++)
        {
            string key = keys[random.Next(keys.Length)];
            int operation = random.Next(4);
            var asked = Ask(operation, key, operation is Device.Put or Device.PutNew ? $"v{turn}" : null);
            Assert.Equal(Text(twin.Ask(asked)), Text(host.Ask(asked)));
            if (turn % 50 == 0)
            {
                host.Dispose();
                host = new StoreHost(Path.Combine(_folder, "s"));
            }
        }

        host.Dispose();
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder), one => Path.GetFileName(one) != "s");
    }

    [Fact]
    public void A_change_that_comes_again_is_not_made_again()
    {
        var first = Ask(Device.PutNew, "a", "first") with { Id = new EffectId("run", new ProcessId(1), 1) };
        var second = Ask(Device.Put, "a", "second") with { Id = new EffectId("run", new ProcessId(2), 2) };
        var other = Ask(Device.PutNew, "a", "other") with { Id = new EffectId("other", new ProcessId(1), 1) };
        foreach (var asked in new[] { first, second })
        {
            using var once = new StoreHost(_folder);
            once.Ask(asked);
        }

        // As after a crash: all is asked again, in another run of the program.
        using var host = new StoreHost(_folder);
        Assert.Equal("01", Text(host.Ask(first)));
        Assert.Equal("", Text(host.Ask(second)));
        Assert.Equal("00", Text(host.Ask(other)));
        Assert.Equal(2, host.Metrics.Repeats);
        Assert.EndsWith(Convert.ToHexString("second"u8), Text(host.Ask(Ask(Device.Get, "a", null))), Ordinal);

        // What nobody knows by an id is always done.
        host.Ask(Ask(Device.Put, "a", "third"));
        host.Ask(Ask(Device.Put, "a", "fourth"));
        Assert.EndsWith(Convert.ToHexString("fourth"u8), Text(host.Ask(Ask(Device.Get, "a", null))), Ordinal);
    }

    // An agent that is not durable asks before its event is kept: a crash takes that back, and the number is another's.
    [Fact]
    public void Another_change_under_the_number_of_one_that_a_crash_took_back_is_made()
    {
        var taken = new EffectId("run", new ProcessId(1), 1);
        foreach (var asked in (DeviceAsk[])[Ask(Device.Put, "a", "lost"), Ask(Device.PutNew, "b", "lost")])
        {
            using var once = new StoreHost(_folder);
            once.Ask(asked with { Id = taken });
        }

        using var host = new StoreHost(_folder);
        Assert.Equal("", Text(host.Ask(Ask(Device.Put, "a", "kept") with { Id = taken })));
        Assert.EndsWith(Convert.ToHexString("kept"u8), Text(host.Ask(Ask(Device.Get, "a", null))), Ordinal);
        Assert.Equal("00", Text(host.Ask(Ask(Device.PutNew, "b", "kept") with { Id = taken })));
        Assert.Equal("", Text(host.Ask(Ask(Device.Delete, "b", null) with { Id = taken })));
        Assert.Equal("00", Text(host.Ask(Ask(Device.Get, "b", null))));
        Assert.Equal(0, host.Metrics.Repeats);
    }

    [Fact]
    public void A_delete_that_comes_again_takes_nothing_that_was_put_since()
    {
        var made = Ask(Device.PutNew, "a", "first") with { Id = new EffectId("run", new ProcessId(1), 1) };
        var gone = Ask(Device.Delete, "a", null) with { Id = new EffectId("run", new ProcessId(2), 2) };
        var later = Ask(Device.Put, "a", "later") with { Id = new EffectId("run", new ProcessId(3), 3) };
        foreach (var asked in new[] { made, gone })
        {
            using var once = new StoreHost(_folder);
            once.Ask(asked);
        }

        using (var host = new StoreHost(_folder))
        {
            Assert.Equal(0, host.Count);
            Assert.Equal("01", Text(host.Ask(made))); // As before, and it is not there again.
            Assert.Equal("00", Text(host.Ask(Ask(Device.Get, "a", null))));
            host.Ask(gone);
            Assert.Equal(2, host.Metrics.Repeats);
            host.Ask(later);
        }

        // Another shard had its answer on the disk already, and asks nothing again.
        using var again = new StoreHost(_folder);
        Assert.Equal("", Text(again.Ask(gone)));
        Assert.EndsWith(Convert.ToHexString("later"u8), Text(again.Ask(Ask(Device.Get, "a", null))), Ordinal);
        again.Ask(gone with { Id = new EffectId("run", new ProcessId(2), 9) });
        Assert.Equal("00", Text(again.Ask(Ask(Device.Get, "a", null))));
        Assert.Equal(0, again.Count);
    }

    [Fact]
    public void Of_deleted_values_a_store_remembers_the_newest()
    {
        const int more = 3;
        using var host = new StoreHost(_folder, syncNames: () => { });
        for (int number = 0; number < Tars.Devices.Limits.StoreGoneMax + more; number++)
        {
            host.Ask(Ask(Device.Put, $"k{number}", "v"));
            var id = new EffectId("run", new ProcessId(1), number);
            host.Ask(Ask(Device.Delete, $"k{number}", null) with { Id = id });
        }

        Assert.Equal(Tars.Devices.Limits.StoreGoneMax, Directory.EnumerateFiles(_folder, "*.gone").Count());
        host.Ask(Ask(Device.Put, "k0", "new"));
        host.Ask(Ask(Device.Delete, "k0", null) with { Id = new EffectId("run", new ProcessId(1), 0) });
        Assert.Equal(0, host.Count); // It was forgotten.
    }

    [Fact]
    public void Of_each_process_the_newest_change_is_known_and_of_all_together_a_few()
    {
        using var host = new StoreHost(_folder);
        for (int process = 1; process <= 30; process++)
        {
            host.Ask(Put(process, number: 2 * process));
            host.Ask(Put(process, number: (2 * process) + 1));
        }

        host.Ask(Put(process: 30, number: 61));
        host.Ask(Put(process: 23, number: 47));
        Assert.Equal(2, host.Metrics.Repeats);
        host.Ask(Put(process: 30, number: 60));
        host.Ask(Put(process: 22, number: 45));
        Assert.Equal(2, host.Metrics.Repeats);
        Assert.InRange(new FileInfo(Assert.Single(Values(_folder))).Length, 1, 1_000);
    }

    [Fact]
    public void A_damaged_value_is_told_and_never_given()
    {
        using var host = new StoreHost(_folder);
        host.Ask(Ask(Device.Put, "a", "value"));
        string file = Assert.Single(Values(_folder));
        byte[] good = File.ReadAllBytes(file);
        for (int at = 0; at < good.Length; at++)
        {
            byte[] bad = [.. good];
            bad[at] ^= 1;
            File.WriteAllBytes(file, bad);
            Assert.IsType<DeviceAnswer.Failed>(host.Ask(Ask(Device.Get, "a", value: null)));
            File.WriteAllBytes(file, good[..at]);
            Assert.IsType<DeviceAnswer.Failed>(host.Ask(Ask(Device.Get, "a", value: null)));
        }

        File.WriteAllBytes(file, good);
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Ask(Device.Get, "a", value: null)));
    }

    [Fact]
    public void A_link_that_waits_where_a_value_is_written_is_not_followed()
    {
        string folder = Path.Combine(_folder, "s");
        using var host = new StoreHost(folder);
        host.Ask(Ask(Device.Put, "a", "value"));
        string victim = Path.Combine(_folder, "victim");
        File.WriteAllText(victim, "mine");
        File.CreateSymbolicLink($"{Assert.Single(Values(folder))}.new", victim);
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Ask(Device.Put, "a", "other")));
        Assert.Equal("mine", File.ReadAllText(victim));
    }

    [Fact]
    public void Whatever_was_answered_has_its_names_on_the_disk()
    {
        string[] synced = ["none"];
        using var host = new StoreHost(_folder, () => synced = Directory.GetFiles(_folder));
        Assert.Equal(Directory.GetFiles(_folder), synced);
        foreach (int operation in new[] { Device.Put, Device.Put, Device.Delete, Device.PutNew, Device.Delete })
        {
            synced = ["none"];
            host.Ask(Ask(operation, "a", operation == Device.Delete ? null : "value"));
            Assert.Equal(Directory.GetFiles(_folder), synced);
        }
    }

    [Fact]
    public void What_cannot_be_said_to_be_on_the_disk_is_answered_so_and_counted_right()
    {
        bool isBroken = false;
        using var host = new StoreHost(_folder, () =>
        {
            if (isBroken)
            {
                throw new IOException("EIO");
            }
        });
        isBroken = true;
        foreach (int operation in new[] { Device.Put, Device.Put, Device.Delete, Device.Delete, Device.PutNew })
        {
            var answer = host.Ask(Ask(operation, "a", operation == Device.Delete ? null : "value"));
            Assert.Equal(AskFailure.Unavailable, Assert.IsType<DeviceAnswer.Failed>(answer).Why);
            Assert.Equal(Values(_folder).Length, host.Count);
        }

        isBroken = false;
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Ask(Device.Put, "a", "other")));
        Assert.Equal(1, host.Count);
    }

    // A folder of /proc can be opened and not be synced (EINVAL).
    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsLinux))]
    public void Names_that_cannot_be_synced_are_told_unless_nobody_can()
    {
        FolderSync.Sync(_folder);
        FolderSync.Sync("/proc/self");
        var told = Assert.Throws<IOException>(() => FolderSync.Sync(Path.Combine(_folder, "nowhere")));
        Assert.Contains("nowhere", told.Message, Ordinal);
    }

    [Fact]
    public void What_a_power_cut_left_half_written_is_swept_and_nothing_else()
    {
        string name = new string('a', 64) + ".value.new";
        File.WriteAllText(Path.Combine(_folder, name), "half");
        File.WriteAllText(Path.Combine(_folder, "mine.value.new"), "of somebody else");
        using var host = new StoreHost(_folder);
        Assert.Equal(["lock", "mine.value.new"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_pipe_in_the_place_of_a_value_keeps_nobody_waiting()
    {
        using var host = new StoreHost(_folder);
        host.Ask(Ask(Device.Put, "a", "value"));
        string file = Assert.Single(Values(_folder));
        File.Delete(file);
        Assert.Equal(0, Tool.Run("mkfifo", [file]).Status);
        Assert.Equal("Unavailable: the value was damaged", Text(host.Ask(Ask(Device.Get, "a", null))));
        Assert.Equal("", Text(host.Ask(Ask(Device.Put, "a", "other"))));
        Assert.EndsWith(Convert.ToHexString("other"u8), Text(host.Ask(Ask(Device.Get, "a", null))), Ordinal);
    }

    [Fact]
    public void A_full_disk_is_told_and_nothing_half_written_keeps_its_room()
    {
        string disk = Path.Combine(_folder, "disk");
        Directory.CreateDirectory(disk);
        if (Tool.Run("mount", ["-t", "tmpfs", "-o", "size=64k", "tars-store", disk]).Status != 0)
        {
            Assert.Skip("no file system may be mounted here");
        }

        try
        {
            using var host = new StoreHost(disk);
            Assert.Equal("", Text(host.Ask(Ask(Device.Put, "a", "value"))));
            Assert.Equal(
                "Unavailable: there is no room for it",
                Text(host.Ask(Ask(Device.Put, "b", new string('x', 100_000)))));
            Assert.Equal(2, Directory.GetFiles(disk).Length); // The lock, and one value.
            Assert.Equal("", Text(host.Ask(Ask(Device.Put, "c", "value"))));
        }
        finally
        {
            Assert.Equal(0, Tool.Run("umount", [disk]).Status);
        }
    }

    [Fact]
    public void A_folder_is_one_runs_until_that_run_is_over()
    {
        var first = new StoreHost(_folder);
        first.Ask(Ask(Device.PutNew, "a", "value"));
        Assert.ThrowsAny<IOException>(() => new StoreHost(_folder));
        Assert.Equal("00", Text(first.Ask(Ask(Device.PutNew, "a", "other"))));
        first.Dispose();
        Assert.Equal(
            "Unavailable: the folder of the store cannot be used", Text(first.Ask(Ask(Device.Put, "a", "late"))));
        using var second = new StoreHost(_folder);
        Assert.EndsWith(Convert.ToHexString("value"u8), Text(second.Ask(Ask(Device.Get, "a", null))), Ordinal);
    }

    [Fact]
    public void A_lock_that_is_no_regular_file_is_refused_with_the_reason()
    {
        Assert.Equal(0, Tool.Run("mkfifo", [Path.Combine(_folder, "lock")]).Status);
        var refused = Assert.Throws<InvalidDataException>(() => new StoreHost(_folder));
        Assert.Equal("what is called lock in it is no regular file", refused.Message);
    }

    [Theory]
    [InlineData(Device.Get, null)]
    [InlineData(Device.Put, "other")]
    [InlineData(Device.PutNew, "other")]
    [InlineData(Device.Delete, null)]
    public void A_folder_that_is_away_is_told_and_no_value_is_said_to_be_none(int operation, string? value)
    {
        string folder = Path.Combine(_folder, "s");
        string away = Path.Combine(_folder, "away");
        using var host = new StoreHost(folder);
        host.Ask(Ask(Device.Put, "a", "value"));
        Directory.Move(folder, away);
        const string Told = "Unavailable: the folder of the store cannot be used";
        Assert.Equal(Told, Text(host.Ask(Ask(operation, "a", value))));

        // Another folder there is not the one that this run has: nothing is read from it or written to it.
        Directory.CreateDirectory(folder);
        Assert.Equal(Told, Text(host.Ask(Ask(operation, "a", value))));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        if (IsLinux)
        {
            using (var other = new StoreHost(folder))
            {
                Assert.Equal(Told, Text(host.Ask(Ask(operation, "a", value))));
                Assert.Equal(0, other.Count);
            }
        }

        Directory.Delete(folder, recursive: true);
        Directory.Move(away, folder);
        Assert.EndsWith(Convert.ToHexString("value"u8), Text(host.Ask(Ask(Device.Get, "a", null))), Ordinal);
        Assert.Equal(1, host.Count);
    }

    private static string[] Values(string folder) => Directory.GetFiles(folder, "*.value");

    private static DeviceAsk Put(int process, long number) => Ask(Device.Put, "k", $"{process}") with
    {
        Id = new EffectId(new string('r', 32), new ProcessId(process), number),
    };

    private static DeviceAsk Ask(int operation, string key, string? value)
    {
        var arguments = new ByteWriter();
        arguments.Text(key);
        if (value is not null)
        {
            arguments.Text(value);
        }

        return new DeviceAsk(operation, [.. arguments.Written], _text);
    }

    private static string Text(DeviceAnswer? answer) => answer switch
    {
        DeviceAnswer.Value value => Convert.ToHexString(value.Octets.AsSpan()),
        DeviceAnswer.Failed failed => $"{failed.Why}: {failed.Detail}",
        _ => "never",
    };
}
