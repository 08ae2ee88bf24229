using Tars.Base;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Objects;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.EngineVm.Objects;

/// <summary>What was compiled once is found again, whole or not at all.</summary>
public sealed class ObjectCacheTests : IDisposable
{
    private const int HeadSize = 72;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-objects").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_kept_is_found_by_whoever_opens_the_folder_next()
    {
        byte[] octets = Octets(seed: 1, 5_000);
        Cache().Keep(Key("a"), octets);
        Assert.Equal(octets, Cache().Find(Key("a")));
        Assert.Null(Cache().Find(Key("b")));
    }

    [Fact]
    public void Code_tier_and_options_each_make_another_object()
    {
        var keys = new[]
        {
            ObjectKey.Of("x"u8, CodeTier.O2, "1"), ObjectKey.Of("y"u8, CodeTier.O2, "1"),
            ObjectKey.Of("x"u8, CodeTier.O0, "1"), ObjectKey.Of("x"u8, CodeTier.O2, "2"),
        };
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void A_flipped_bit_anywhere_and_a_cut_anywhere_make_it_as_if_it_were_not_there()
    {
        byte[] octets = Octets(seed: 2, 40);
        var random = new Xoshiro256(3);
        for (int at = 0; at < octets.Length + HeadSize; at++)
        {
            Cache().Keep(Key("a"), octets);
            string file = Assert.Single(Directory.GetFiles(_folder));
            byte[] whole = File.ReadAllBytes(file);
            whole[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(file, whole);
            Assert.Null(Cache().Find(Key("a")));

            Cache().Keep(Key("a"), octets);
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..at]);
            Assert.Null(Cache().Find(Key("a")));
        }

        Cache().Keep(Key("a"), octets);
        Assert.Equal(octets, Cache().Find(Key("a")));
    }

    [Fact]
    public void An_object_under_another_ones_name_is_not_found()
    {
        Cache().Keep(Key("a"), Octets(seed: 4, 100));
        string file = Assert.Single(Directory.GetFiles(_folder));
        File.Copy(file, Path.Combine(_folder, $"{Key("b").Hex}.object"));
        Assert.Null(Cache().Find(Key("b")));
        Assert.NotNull(Cache().Find(Key("a")));
    }

    // On a disk that is full each start would leave another one behind, and the disk full.
    [Fact]
    public void What_could_not_be_kept_leaves_nothing_behind()
    {
        Cache().Keep(Key("a"), Octets(seed: 5, 100));
        string file = Assert.Single(Directory.GetFiles(_folder));
        File.Delete(file);
        Directory.CreateDirectory(file);
        Cache().Keep(Key("a"), Octets(seed: 5, 100));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void The_folder_stays_below_its_bound_and_keeps_what_was_used_last()
    {
        var cache = new ObjectCache(_folder, 10_000);
        for (int number = 0; number < 40; number++)
        {
            cache.Keep(Key($"{number}"), Octets((ulong)number, 1_000));
            Age(Key($"{number}"), 100 - number);
            Assert.NotNull(cache.Find(Key("0"))); // Used each time, and before the next is kept.
            long sum = Directory.GetFiles(_folder).Sum(file => new FileInfo(file).Length);
            Assert.InRange(sum, 1, 10_000);
        }

        Assert.NotNull(cache.Find(Key("39")));
        Assert.Null(cache.Find(Key("1")));
    }

    [Fact]
    public void What_does_not_fit_at_all_is_not_kept()
    {
        new ObjectCache(_folder, 1_000).Keep(Key("a"), Octets(seed: 5, 1_000));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_used_costs_the_cache_and_nothing_else()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var cache = new ObjectCache(Path.Combine(file, "below"), 1_000);
        cache.Keep(Key("a"), Octets(seed: 6, 10));
        Assert.Null(cache.Find(Key("a")));
    }

    // Whatever hangs here is a reader that waits for a pipe's writer or for the end of a device.
    [Fact(Timeout = 20_000)]
    public async Task What_is_no_file_of_its_own_is_not_opened_and_gives_way()
    {
        string path = Path.Combine(_folder, $"{Key("a").Hex}.object");
        foreach (string target in new[] { "/dev/zero", Path.Combine(_folder, "nothing") })
        {
            File.CreateSymbolicLink(path, target);
            Assert.Null(await Task.Run(() => Cache().Find(Key("a"))));
            Cache().Keep(Key("a"), Octets(seed: 7, 10));
            Assert.NotNull(Cache().Find(Key("a")));
            File.Delete(path);
        }

        Assert.Equal(0, Tool.Run("mkfifo", [path]).Status);
        Assert.Null(await Task.Run(() => Cache().Find(Key("a"))));
        Cache().Keep(Key("a"), Octets(seed: 7, 10));
        Assert.NotNull(Cache().Find(Key("a")));
    }

    [Fact]
    public void A_link_to_nothing_does_not_end_the_keeping()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), Path.Combine(_folder, "nothing"));
        Cache().Keep(Key("a"), Octets(seed: 8, 10));
        Assert.NotNull(Cache().Find(Key("a")));
        Assert.Equal(1, ObjectCache.Measure(_folder).Count);
    }

    // Who may add names to a folder may not take those of others away where it is sticky: that alone harms nobody.
    [Theory]
    [InlineData("0775", false)]
    [InlineData("0757", false)]
    [InlineData("0777", false)]
    [InlineData("1777", true)]
    [InlineData("0755", true)]
    [InlineData("0700", true)]
    public void A_folder_that_others_can_change_is_not_used_and_one_line_says_so(string mode, bool isUsed)
    {
        foreach (string place in new[] { "", "below", "below/it" })
        {
            string open = Path.Combine(_folder, place);
            string folder = Path.Combine(_folder, "below/it");
            var told = new List<string>();
            var cache = new ObjectCache(folder, 1 << 20, told.Add);
            cache.Keep(Key("a"), Octets(seed: 9, 10));
            Assert.NotNull(cache.Find(Key("a")));
            Chmod(mode, open);
            Assert.Equal(isUsed, cache.Find(Key("a")) is not null);
            cache.Keep(Key("b"), Octets(seed: 10, 10));
            Assert.Equal(isUsed, File.Exists(Path.Combine(folder, $"{Key("b").Hex}.object")));
            string line = $"compiled code that was kept is not used: other users can change {open}; chmod go-w {open}";
            Assert.Equal(isUsed ? [] : [line], told);
            Assert.Equal(isUsed, ObjectCache.WhyNotKept(folder) is null);
            Chmod("0700", open);
            Directory.Delete(Path.Combine(_folder, "below"), recursive: true);
        }
    }

    [Theory]
    [InlineData("0620", false)]
    [InlineData("0602", false)]
    [InlineData("0644", true)]
    public void An_object_that_others_can_change_is_not_used_and_is_compiled_anew(string mode, bool isUsed)
    {
        var told = new List<string>();
        var cache = new ObjectCache(_folder, 1 << 20, told.Add);
        cache.Keep(Key("a"), Octets(seed: 11, 10));
        string file = Assert.Single(Directory.GetFiles(_folder));
        Chmod(mode, file);
        Assert.Equal(isUsed, cache.Find(Key("a")) is not null);
        Assert.Equal(
            isUsed ? [] : [$"compiled code that was kept is not used: other users can change {file}; rm {file}"], told);
        cache.Keep(Key("a"), Octets(seed: 11, 10));
        Assert.NotNull(cache.Find(Key("a")));
    }

    [Fact]
    public void What_belongs_to_another_user_is_not_used()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give files away");
        string below = Path.Combine(_folder, "below");
        var told = new List<string>();
        Cache().Keep(Key("a"), Octets(seed: 12, 10));
        string file = Assert.Single(Directory.GetFiles(_folder));
        Assert.Equal(0, Tool.Run("chown", ["4321", file]).Status);
        Assert.Null(new ObjectCache(_folder, 1 << 20, told.Add).Find(Key("a")));

        Directory.CreateDirectory(below);
        Assert.Equal(0, Tool.Run("chown", ["4321", below]).Status);
        Assert.Null(new ObjectCache(Path.Combine(below, "objects"), 1 << 20, told.Add).Find(Key("a")));
        new ObjectCache(below, 1 << 20, told.Add).Keep(Key("a"), Octets(seed: 12, 10));
        Assert.Empty(Directory.GetFiles(below));

        // A link of somebody else decides too, wherever it leads.
        string link = Path.Combine(_folder, "link");
        Directory.CreateSymbolicLink(link, Directory.CreateDirectory(Path.Combine(_folder, "own")).FullName);
        Assert.Equal(0, Tool.Run("chown", ["-h", "4321", link]).Status);
        Assert.Null(new ObjectCache(link, 1 << 20, told.Add).Find(Key("a")));
        Assert.Equal(4, told.Count);
        Assert.All(told, line => Assert.Contains("belongs to user 4321", line, StringComparison.Ordinal));
    }

    // A folder for what is cached often lies on another disk.
    [Fact]
    public void Links_of_this_user_are_followed_to_where_they_lead_and_looked_at_there()
    {
        string real = Directory.CreateDirectory(Path.Combine(_folder, "real/deep")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(_folder, "absolute"), real);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "relative"), "./real/../real/deep");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "round"), "round");
        foreach (string link in new[] { "absolute", "relative" })
        {
            var told = new List<string>();
            var cache = new ObjectCache(Path.Combine(_folder, link, "objects"), 1 << 20, told.Add);
            cache.Keep(Key(link), Octets(seed: 13, 10));
            Assert.NotNull(cache.Find(Key(link)));
            Chmod("0777", Path.Combine(_folder, "real"));
            Assert.Null(cache.Find(Key(link)));
            Assert.Contains($"other users can change {_folder}/real;", Assert.Single(told), StringComparison.Ordinal);
            Chmod("0755", Path.Combine(_folder, "real"));
        }

        var lost = new ObjectCache(Path.Combine(_folder, "round"), 1 << 20);
        lost.Keep(Key("a"), Octets(seed: 13, 10));
        Assert.Null(lost.Find(Key("a")));
    }

    [Fact]
    public void What_comes_to_be_is_this_users_alone()
    {
        var cache = new ObjectCache(Path.Combine(_folder, "one/two"), 1 << 20);
        cache.Keep(Key("a"), Octets(seed: 14, 10));
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Own | UnixFileMode.UserExecute, ModeOf(Path.Combine(_folder, "one")));
        Assert.Equal(Own | UnixFileMode.UserExecute, ModeOf(Path.Combine(_folder, "one/two")));
        Assert.Equal(Own, ModeOf(Assert.Single(Directory.GetFiles(Path.Combine(_folder, "one/two")))));
    }

    private static void Chmod(string mode, string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        }
    }

    private static UnixFileMode ModeOf(string path) =>
        OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);

    private ObjectCache Cache() => new(_folder, 1 << 20);

    private void Age(ObjectKey key, int minutes)
    {
        string path = Path.Combine(_folder, $"{key.Hex}.object");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-minutes));
    }

    private static ObjectKey Key(string code) =>
        ObjectKey.Of(System.Text.Encoding.UTF8.GetBytes(code), CodeTier.O2, options: "");

    private static byte[] Octets(ulong seed, int count)
    {
        var random = new Xoshiro256(seed);
        byte[] octets = new byte[count];
        for (int at = 0; at < count; at++)
        {
            octets[at] = (byte)random.Next(256);
        }

        return octets;
    }
}
