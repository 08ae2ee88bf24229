using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Sim.Sharding.Kept;

/// <summary>What a kept run on several shards may show over all its lives, and what of its mail may leave.</summary>
/// <remarks>
/// It sees what leaves and nothing of the shards: what was shown once is true for good, in that order and without
/// gaps, so whoever forgets it says something else in its place. The same of mail, by its numbers. At the end, what the
/// one has said the other has heard.
/// </remarks>
internal sealed class KeptModel
{
    private readonly Dictionary<int, List<ShardsSaying>> _said = [];
    private readonly Dictionary<(int Shard, int By), long> _last = [];
    private readonly Dictionary<(int From, int To, long Number), ulong> _mail = [];
    private readonly Dictionary<(int From, int To), long> _newest = [];
    private readonly SortedDictionary<long, (string Key, string Device)> _uses = [];

    /// <summary>The first thing that was not as it should be; null while there is none.</summary>
    public string? Problem { get; private set; }

    /// <summary>What was shown, each once.</summary>
    public long Shown => _said.Values.Sum(one => (long)one.Count);

    /// <summary>What was shown more than once.</summary>
    public long ShownAgain { get; private set; }

    /// <summary>Mail that has left, each once.</summary>
    public long Left => _mail.Count;

    /// <summary>Mail that left in one life and again in another.</summary>
    public long LeftAgain { get; private set; }

    /// <summary>A new life begins: each shard may begin again anywhere in what it has shown.</summary>
    public void Begin()
    {
        _last.Clear();
        _newest.Clear();
    }

    /// <summary>A shard shows what one of its modules says.</summary>
    public void Show(int shard, ShardsSaying saying)
    {
        var known = Said(saying.By);
        if (_last.TryGetValue((shard, saying.By), out long last) && saying.Index <= last)
        {
            Fail($"shard {shard} shows saying {saying.Index} of {saying.By} after {last}");
        }

        _last[(shard, saying.By)] = saying.Index;
        if (saying.Index == known.Count + 1)
        {
            known.Add(saying);
        }
        else if (saying.Index < 1 || known.Count < saying.Index)
        {
            Fail($"saying {saying.Index} of {saying.By} is shown after {known.Count}");
        }
        else if (known[(int)saying.Index - 1] is var before && before != saying)
        {
            Fail($"what was shown is forgotten: {before} is {saying} now");
        }
        else
        {
            ShownAgain++;
        }
    }

    /// <summary>A device is asked; after a crash perhaps once more.</summary>
    /// <param name="device">By the name that it has or had.</param>
    public void Ask(long ask, string key, string device)
    {
        if (!_uses.TryAdd(ask, (key, device)) && _uses[ask] != (key, device))
        {
            Fail($"ask {ask} is {key} of {device} now, and was {_uses[ask].Key} of {_uses[ask].Device}");
        }
    }

    /// <summary>Mail leaves one shard for another.</summary>
    public void Leave(int from, int to, long number, ReadOnlySpan<byte> records)
    {
        ulong hash = XxHash64.Of(records, seed: 0);
        if (_newest.TryGetValue((from, to), out long newest) && number != newest + 1)
        {
            Fail($"mail {number} of shard {from} for {to} leaves after {newest}");
        }

        _newest[(from, to)] = number;
        if (_mail.TryAdd((from, to, number), hash))
        {
            return;
        }

        LeftAgain++;
        if (_mail[(from, to, number)] != hash)
        {
            Fail($"mail {number} of shard {from} for {to} left before, and was another");
        }
    }

    /// <summary>Something was refused.</summary>
    public void Hear(Audit entry)
    {
        if (!ShardsSeed.MayBeRefused(entry))
        {
            Fail($"{entry.Process} {entry.Effect} {entry.Target}: {entry.Reason}");
        }
    }

    /// <summary>Anything else went wrong.</summary>
    public void Fail(string what) => Problem ??= what;

    /// <summary>At the end, when all is at rest: null, or what is missing.</summary>
    public string? WhyNotOver() => Problem ?? WhyNotHeard() ?? WhyNotLent();

    // Each message once and in its order; each order of the outside at most once, since a full mailbox takes none.
    private string? WhyNotHeard()
    {
        var all = _said.OrderBy(one => one.Key).SelectMany(one => one.Value).ToArray();
        var sent = all.Where(one => one.What == ShardsSaying.Said).ToLookup(one => (one.Of, one.To), one => one.Number);
        var heard = all.Where(one => one.What == ShardsSaying.Heard)
            .ToLookup(one => (one.Of, one.To), one => one.Number);
        foreach (var pair in sent.Select(one => one.Key).Union(heard.Select(one => one.Key)).Order())
        {
            if (!sent[pair].SequenceEqual(heard[pair]))
            {
                int same = sent[pair].Zip(heard[pair]).TakeWhile(one => one.First == one.Second).Count();
                return $"{pair.To} has heard {heard[pair].Count()} messages of {pair.Of}, which sent "
                    + $"{sent[pair].Count()}; the first {same} are the same";
            }
        }

        foreach (var (by, sayings) in _said)
        {
            long[] orders = [.. sayings.Where(one => one.What == ShardsSaying.Ordered).Select(one => one.Number)];
            if (!orders.SequenceEqual(orders.Distinct().Order()))
            {
                return $"orders come to {by} twice or out of order: {string.Join(' ', orders)}";
            }
        }

        return null;
    }

    private string? WhyNotLent()
    {
        var lent = new LentModel();
        foreach (var made in _said.Values.SelectMany(one => one)
            .Where(one => one.What is ShardsSaying.Made or ShardsSaying.Revoked))
        {
            lent.Hear(made.What, made.Number, made.To);
        }

        return _uses.Values.Select(one => lent.Used(one.Key, one.Device)).FirstOrDefault(why => why is not null);
    }

    private List<ShardsSaying> Said(int by)
    {
        if (!_said.TryGetValue(by, out var said))
        {
            _said.Add(by, said = []);
        }

        return said;
    }
}
