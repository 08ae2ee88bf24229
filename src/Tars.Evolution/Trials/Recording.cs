using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Tars.Evolution.Store;

namespace Tars.Evolution.Trials;

/// <summary>A recorded run on which versions of a module are tried.</summary>
/// <param name="Name">As whoever named it wrote it.</param>
/// <param name="Hash">Of all that stands in it.</param>
/// <param name="Shards">Opens the journal of each shard, or of the only kernel, from its beginning, any number of
/// times.</param>
public sealed record Recording(string Name, VersionId Hash, ImmutableArray<Func<Stream>> Shards)
{
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Recording Of(string name, ImmutableArray<Func<Stream>> shards)
    {
        var whole = new StringBuilder();
        foreach (var open in shards)
        {
            using var shard = open();
            whole.Append(Convert.ToHexStringLower(SHA256.HashData(shard))).Append('\n');
        }

        return new Recording(name, VersionId.Of(whole.ToString()), shards);
    }

    public static Recording Of(string name, ReadOnlyMemory<byte> octets)
    {
        byte[] copy = octets.ToArray();
        return Of(name, [() => new MemoryStream(copy, writable: false)]);
    }
}
