using System.Collections.Immutable;
using System.Globalization;

namespace Tars.Sim.Sharding;

/// <summary>What was lent in a seed of the shards, kept beside the kernels: no use too many, none by who knows that it
/// was taken back, and nothing left where it has ended.</summary>
internal sealed class LentModel
{
    private readonly Dictionary<long, int> _uses = [];
    private readonly HashSet<long> _ofAnnex = [];
    private readonly HashSet<long> _revoked = [];

    /// <summary>Uses that were allowed.</summary>
    public long Uses { get; private set; }

    /// <summary>Of those, uses of a device that a swap has brought.</summary>
    public long AnnexUses { get; private set; }

    /// <summary>What was revoked.</summary>
    public long Revoked => _revoked.Count;

    /// <summary>A capability was made, or revoked.</summary>
    /// <param name="uses">Of one that was made: how many it has, and whether it is of the annex.</param>
    public void Hear(int what, long id, int uses)
    {
        if (what == ShardsSaying.Made)
        {
            _uses.Add(id, uses % ShardsText.AnnexUses);
            if (ShardsText.AnnexUses <= uses)
            {
                _ofAnnex.Add(id);
            }
        }
        else
        {
            _revoked.Add(id);
        }
    }

    /// <summary>A device is asked.</summary>
    /// <param name="key">What its user knows, then what it goes through.</param>
    /// <param name="device">The device, by the name that it has or had.</param>
    /// <returns>Null, or what is wrong with that.</returns>
    public string? Used(string key, string device)
    {
        string[] words = key.Split(' ');
        string root = _ofAnnex.Contains(long.Parse(words[1], CultureInfo.InvariantCulture))
            ? ShardsText.Annex
            : ShardsText.Shelf;
        if (device != root)
        {
            return $"{device} is asked through {key}, which is of {root}";
        }

        Uses++;
        AnnexUses += device == ShardsText.Annex ? 1 : 0;
        if (words[0] == "gone")
        {
            return $"a device is asked through {key}, by who knew of it";
        }

        foreach (long id in words[1..].Select(one => long.Parse(one, CultureInfo.InvariantCulture)))
        {
            _uses[id]--;
            if (_uses[id] < 0)
            {
                return $"{id} is used more often than it may be";
            }
        }

        return null;
    }

    /// <summary>Null for a reason why a use may be denied.</summary>
    public static string? WhyWrong(string reason) =>
        reason is "the capability was revoked" or "it was used as often as it may be"
            or "the new version does not name the device"
            ? null
            : $"a use is denied: {reason}";

    /// <summary>At rest: what stands anywhere stands where it lives.</summary>
    public static string? WhyNot(ImmutableArray<Kernel.Kernel> kernels)
    {
        var alive = kernels.SelectMany(one => one.Lent).Where(one => one.IsHere).Select(one => one.Id).ToHashSet();
        return kernels.SelectMany(one => one.Lent).Where(one => !alive.Contains(one.Id))
            .Select(one => $"capability {one.Id} has ended and is known still").FirstOrDefault();
    }
}
