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
