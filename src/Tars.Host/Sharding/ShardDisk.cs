using System.Globalization;
using Tars.Host.Journal.Durable;

namespace Tars.Host.Sharding;

/// <summary>The files of one shard on the disk that a run on several keeps its journals on.</summary>
/// <remarks>Whoever opened the disk lets go of it; several shards write at the same time, each to files of its own.
/// </remarks>
internal sealed class ShardDisk(IJournalDisk disk, int shard) : IJournalDisk
{
    private readonly string _prefix = PrefixOf(shard);

    public string RunName => disk.RunName;

    /// <summary>True when the disk holds a journal of some shard.</summary>
    public static bool IsOfShards(IJournalDisk disk) =>
        disk.Names().Any(name => name.StartsWith("shard-", StringComparison.Ordinal)
            && Segment.NumberOf(name[(name.LastIndexOf('-') + 1)..]) is not null);

    /// <summary>True when the disk holds the journal of a run on one shard.</summary>
    public static bool IsOfOne(IJournalDisk disk) => disk.Names().Any(name => Segment.NumberOf(name) is not null);

    public IReadOnlyList<string> Names() =>
    [
        .. disk.Names().Where(name => name.StartsWith(_prefix, StringComparison.Ordinal))
            .Select(name => name[_prefix.Length..]),
    ];

    public byte[] Read(string name) => disk.Read(_prefix + name);

    public long SizeOf(string name) => disk.SizeOf(_prefix + name);

    public TimeSpan AgeOf(string name) => disk.AgeOf(_prefix + name);

    public IJournalFile Create(string name) => disk.Create(_prefix + name);

    public IJournalFile Continue(string name, long octets) => disk.Continue(_prefix + name, octets);

    public void Delete(string name) => disk.Delete(_prefix + name);

    public void SyncNames() => disk.SyncNames();

    public void Dispose()
    {
        // It is not ours.
    }

    private static string PrefixOf(int shard) => string.Create(CultureInfo.InvariantCulture, $"shard-{shard}-");
}
