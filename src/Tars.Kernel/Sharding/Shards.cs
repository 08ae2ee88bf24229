using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel.Blobs;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Swapping;

namespace Tars.Kernel.Sharding;

/// <summary>What a kernel knows of the others that run the same system, and its mail for them.</summary>
/// <remarks>
/// Invariants:
///   I1  Numbers of processes and asks are unique over all shards: each shard counts in steps of how many there are.
///   I2  What leaves for one shard leaves in the order in which it was made, numbered without gaps; what comes from one
///       is taken in that order, once.
///   I3  A process is looked for here first: only who is not here can be elsewhere.
///   I4  Where a number lives is said by who gave it out, unless its process has moved: then by a table that all
///       shards have alike, since they stood still when it changed.
/// </remarks>
internal sealed class Shards
{
    private readonly KernelState _state;
    private readonly ByteWriter[] _outgoing;
    private readonly long[] _sent;
    private readonly long[] _received;
    private readonly long[] _begun;
    private readonly long[] _serialTold;
    private readonly HashSet<long>[] _blobsTold;
    private readonly Dictionary<ProcessId, AgentImage> _elsewhere = [];
    private readonly Dictionary<int, ProcessId> _first = [];
    private readonly Dictionary<ProcessId, int> _moved = [];
    private readonly Dictionary<long, int> _movedAsks = [];

    public Shards(KernelState state, ShardPlace place)
    {
        _state = state;
        Plan = place.Plan;
        Own = place.Number;
        int count = Plan.Count;
        _outgoing = [.. Enumerable.Range(0, count).Select(_ => new ByteWriter())];
        _sent = new long[count];
        _received = new long[count];
        _begun = new long[count];
        _serialTold = new long[count];
        _blobsTold = [.. Enumerable.Range(0, count).Select(_ => new HashSet<long>())];
        state.NumberStep = count;
        state.LastId = Own + 1 - count; // I1
        state.Asks.CountFrom(Own + 1 - count);
        state.Blobs.CountFrom(Own + 1 - count, count);
        Departures = new Departures(state, this);
        Arrivals = new Arrivals(state, this);
        Probes = new Probes(state, this);
        Moves = new Moves(state, this);
        Swaps = new SwapsElsewhere(state, this);
        Lending = new Lending(state, this);
        state.Derivations.CountFrom(Own + 1 - count, count);
        state.Derivations.IsElsewhere = state.Planted == Planted.UsedWhereHeld ? _ => false : IsElsewhere;
        state.Derivations.Revoked = Lending.Revoked;
    }

    public ShardPlan Plan { get; private set; }

    /// <summary>The number of this one.</summary>
    public int Own { get; }

    public Departures Departures { get; }

    public Arrivals Arrivals { get; }

    public Probes Probes { get; }

    public Moves Moves { get; }

    public SwapsElsewhere Swaps { get; }

    public Lending Lending { get; }

    /// <summary>Numbers of which a table says where they live, or what they are.</summary>
    public int MovedNumbers => _moved.Count + _movedAsks.Count;

    /// <summary>At the start: true for an agent whose process is born on another shard, which is then known.</summary>
    public bool BeginsElsewhere(AgentImage agent)
    {
        int shard = Plan.ShardOf(agent.ModuleIndex);
        if (shard == Own)
        {
            return false;
        }

        // Each shard counts for all of them, in the same order.
        var id = new ProcessId((_begun[shard]++ * Plan.Count) + shard + 1);
        _elsewhere.Add(id, agent);
        _first.TryAdd(agent.Place, id);
        return true;
    }

    /// <summary>A process has begun on another shard with a new version of its module.</summary>
    public void Begun(AgentImage agent, ProcessId id)
    {
        _elsewhere[id] = agent;
        _first.TryAdd(agent.Place, id);
    }

    /// <summary>A module is about to be swapped: what is known of agents by number becomes that of the new system.
    /// </summary>
    public void Swapped(SwapWork work)
    {
        foreach (var (process, agent) in _elsewhere.OrderBy(one => one.Key).ToArray())
        {
            _elsewhere.Remove(process);
            if (work.AfterSwap(agent) is { } after)
            {
                _elsewhere.Add(process, after);
            }
        }

        var moved = new List<(int Place, ProcessId Process)>();
        foreach (var (place, process) in _first.OrderBy(one => one.Key).ToArray())
        {
            _first.Remove(place);
            if (work.AfterSwap(_state.AgentOf(place)) is { } after)
            {
                moved.Add((after.Place, process));
            }
        }

        moved.ForEach(one => _first.Add(one.Place, one.Process));
    }

    /// <summary>Events so far that all shards have alike: moves, swaps, and what is said of a module's rights.
    /// </summary>
    public long Common { get; set; }

    public ShardView View => new(Plan, _state.IsPaused, Common, [.. _sent], [.. _received]);

    /// <summary>Writes all of it, while mail may leave.</summary>
    public void Save(ByteWriter output)
    {
        output.U32((uint)Plan.Count);
        Plan.Save(output);
        output.I64(Common);
        for (int shard = 0; shard < Plan.Count; shard++)
        {
            output.I64(_sent[shard]);
            output.I64(_received[shard]);
            output.I64(_begun[shard]);
            output.I64(_serialTold[shard]);
        }

        Save(output, _elsewhere.OrderBy(one => one.Key).Select(one => (one.Key.Value, one.Value.Place)));
        Save(output, _first.OrderBy(one => one.Key).Select(one => (one.Value.Value, one.Key)));
        Save(output, _moved.OrderBy(one => one.Key).Select(one => (one.Key.Value, one.Value)));
        Save(output, _movedAsks.OrderBy(one => one.Key).Select(one => (one.Key, one.Value)));
        Departures.Save(output);
        Probes.Save(output);
    }

    /// <summary>Fills what is empty; false when the octets are none of this shard.</summary>
    public bool Load(ref ByteReader input)
    {
        if (input.U32() != Plan.Count || ShardPlan.Load(_state.System, Plan.Count, ref input) is not { } plan)
        {
            return false;
        }

        Plan = plan;
        Common = input.I64();
        bool fits = 0 <= Common;
        for (int shard = 0; shard < Plan.Count; shard++)
        {
            _sent[shard] = input.I64();
            _received[shard] = input.I64();
            _begun[shard] = input.I64();
            _serialTold[shard] = input.I64();
            fits &= 0 <= _sent[shard] && 0 <= _received[shard] && 0 <= _begun[shard];
        }

        int agents = _state.System.Agents.Length;
        return fits
            && Load(ref input, agents, (id, place) => _elsewhere.TryAdd(new ProcessId(id), _state.AgentOf(place)))
            && Load(ref input, agents, (id, place) => _first.TryAdd(place, new ProcessId(id)))
            && Load(ref input, Plan.Count, (id, shard) => _moved.TryAdd(new ProcessId(id), shard))
            && Load(ref input, Plan.Count, _movedAsks.TryAdd)
            && Departures.Load(ref input) && Probes.Load(ref input) && !input.Failed;
    }

    private static void Save(ByteWriter output, IEnumerable<(long Number, int Value)> rows)
    {
        (long Number, int Value)[] all = [.. rows];
        output.U32((uint)all.Length);
        foreach (var (number, value) in all)
        {
            output.I64(number);
            output.U32((uint)value);
        }
    }

    // Numbers above zero, and values below a bound.
    private static bool Load(ref ByteReader input, int bound, Func<long, int, bool> add)
    {
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            long number = input.I64();
            uint value = input.U32();
            if (number <= 0 || bound <= value || !add(number, (int)value))
            {
                return false;
            }
        }

        return !input.Failed;
    }

    /// <summary>The process of an agent that started with its module on another shard.</summary>
    public ProcessId? FirstOf(int agent) => _first.TryGetValue(agent, out var id) ? id : null;

    /// <summary>Of a process that started with its module on another shard, or has moved; null for any other.</summary>
    public AgentImage? AgentOf(ProcessId process) => _elsewhere.GetValueOrDefault(process);

    /// <summary>A module and its tree live on another shard from now on, with these processes.</summary>
    public void Moved(int module, int shard, ReadOnlySpan<MovedRow> rows)
    {
        Plan = Plan.Moved(module, shard);
        foreach (var row in rows)
        {
            var agent = _state.AgentOf(row.Agent);
            Note(_moved, row.Process, ShardOfNumber(row.Process.Value), shard);
            _elsewhere[row.Process] = agent;
            if (agent.Spec.Starts == AgentStart.WithModule)
            {
                _first.TryAdd(agent.Place, row.Process);
            }

            if (row.Ask != 0)
            {
                Note(_movedAsks, row.Ask, ShardOfNumber(row.Ask), shard);
            }
        }
    }

    /// <summary>Numbers of the table that live here if anywhere, and do not: nobody needs to be told where any more.
    /// </summary>
    public (ProcessId[] Processes, long[] Asks) Over()
    {
        HashSet<long> waited = [.. _state.Processes.Values.Select(one => one.Waiting?.Number ?? 0)];
        return (
            [.. _elsewhere.Keys.Where(one => ShardOf(one) == Own && _state.Find(one) is null).Order()],
            [.. _movedAsks.Where(one => one.Value == Own && !waited.Contains(one.Key)).Select(one => one.Key).Order()]);
    }

    /// <summary>All shards forget at once where those lived.</summary>
    public void Forget(ProcessId[] processes, long[] asks)
    {
        foreach (var process in processes)
        {
            _moved.Remove(process);
            _elsewhere.Remove(process);
        }

        foreach (long ask in asks)
        {
            _movedAsks.Remove(ask);
        }
    }

    // Who comes home needs no row.
    private static void Note<T>(Dictionary<T, int> table, T number, int home, int shard)
        where T : notnull
    {
        if (home == shard)
        {
            table.Remove(number);
        }
        else
        {
            table[number] = shard;
        }
    }

    /// <summary>True for a process that is not here and may live on another shard.</summary>
    public bool IsElsewhere(ProcessId process) => 0 < process.Value && ShardOf(process) != Own;

    /// <summary>Where a process lives, if it lives.</summary>
    public int ShardOf(ProcessId process) =>
        _moved.TryGetValue(process, out int shard) ? shard : ShardOfNumber(process.Value);

    /// <summary>Where the process lives that waits for the answer of an ask.</summary>
    public int ShardOfAsk(long ask) => _movedAsks.TryGetValue(ask, out int shard) ? shard : ShardOfNumber(ask);

    /// <summary>True for the ask of a process on another shard.</summary>
    public bool IsOthers(long ask) => 0 < ask && ShardOfAsk(ask) != Own;

    // The shard that gave out a number above zero.
    private int ShardOfNumber(long number) => Plan.ShardOfNumber(number); // I1

    /// <summary>True while a process waits for an answer of another shard, or for room there.</summary>
    public bool Awaits() => _state.Processes.Values.Any(one =>
        (one.Waiting is { Payload: null } ask && (ask.Wish is not null || IsElsewhere(ask.Target)))
        || 0 < one.Unacknowledged);

    /// <summary>Octets that one Step sends to other shards; fewer in a test.</summary>
    public long OutgoingBytesMax { get; set; } = Limits.ShardOutgoingBytesMax;

    /// <summary>Octets that this Step sends to other shards so far.</summary>
    public long OutgoingOctets => _outgoing.Sum(one => (long)one.Length);

    /// <summary>Begins a record for a shard; who calls writes the rest of it.</summary>
    public ByteWriter Record(int shard, ShardTag tag)
    {
        var output = _outgoing[shard];
        output.U8((byte)tag);
        return output;
    }

    /// <summary>Octets of what a record carries to a shard, with blobs that go with the same mail already.</summary>
    public long OctetsOf(int shard, BlobHold? cargo) =>
        cargo is null ? 0 : cargo.Octets + Lending.OctetsOf(shard, cargo.Lent);

    /// <summary>What a record carries goes to a shard before it, a blob once with the mail of a Step.</summary>
    public void Bring(int shard, BlobHold? cargo)
    {
        if (cargo is null)
        {
            return;
        }

        Lending.Bring(shard, cargo.Lent);
        foreach (var blob in cargo.All)
        {
            if (_blobsTold[shard].Add(blob.Id) && _state.Planted != Planted.BlobNotBrought)
            {
                var output = Record(shard, ShardTag.Blob);
                output.I64(blob.Id);
                output.U32((uint)blob.Length);
                output.Bytes(blob.Octets);
            }
        }
    }

    /// <summary>What only one of several shards can be told.</summary>
    public void Apply(KernelEvent happened)
    {
        switch (happened)
        {
            case KernelEvent.FromShard mail:
                Take(mail);
                break;
            case KernelEvent.MoveOut leaves:
                Moves.Out(leaves);
                break;
            case KernelEvent.MoveIn comes:
                Moves.In(comes);
                break;
            case KernelEvent.SwapElsewhere swap:
                Swaps.Apply(swap);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    // Mail from another shard.
    private void Take(KernelEvent.FromShard mail)
    {
        bool known = (uint)mail.Shard < (uint)Plan.Count && mail.Sequence == _received[mail.Shard] + 1; // I2
        if (!known)
        {
            _state.Audit(ProcessId.Outside, "shard", "", "mail from a shard came twice, or out of order");
            return;
        }

        _received[mail.Shard]++;
        Arrivals.IsOwn = mail.Shard == Own;
        var input = new ByteReader(mail.Records.AsSpan());
        while (!input.AtEnd && !input.Failed)
        {
            Arrivals.Take(ref input);
        }

        Arrivals.LetGoOfBlobs();
        if (input.Failed)
        {
            _state.Audit(ProcessId.Outside, "shard", "", "mail from a shard is not whole");
        }
    }

    /// <summary>All are to stand still; or all have learnt of what has moved, and mail leaves again.</summary>
    public void Paused(bool stands)
    {
        Departures.Stands = false;
        if (stands)
        {
            Moves.TellOver();
        }
    }

    /// <summary>The end of a Step: what it made for other shards leaves.</summary>
    public void Ship()
    {
        Probes.Go();
        Arrivals.Acknowledge();
        for (int shard = 0; shard < _outgoing.Length; shard++)
        {
            var records = _outgoing[shard];
            if (0 < records.Length)
            {
                TellSerial(shard);
                _state.Outside.ToShard(shard, ++_sent[shard], records.Written);
                _blobsTold[shard].Clear();
                if (Limits.BufferKeptMax < records.Length)
                {
                    _outgoing[shard] = new ByteWriter(); // Blobs made it large.
                }
                else
                {
                    records.Clear();
                }
            }
        }
    }

    // Who is sent something knows of all waits that this shard knew of then.
    private void TellSerial(int shard)
    {
        if (_serialTold[shard] < _state.Waits.Clock)
        {
            _serialTold[shard] = _state.Waits.Clock;
            Record(shard, ShardTag.Serial).I64(_serialTold[shard]);
        }
    }
}
