using Tars.Base;
using Tars.Kernel.Ipc;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Sharding;

/// <summary>
/// Finds processes that wait for each other over several shards: a probe goes from shard to shard along who waits for
/// whom and gathers the graph (K. M. Chandy, J. Misra, L. M. Haas, Distributed Deadlock Detection, ACM TOCS 1(2),
/// 1983).
/// </summary>
/// <remarks>
/// Each shard is seen at another moment, so what a first look finds dead is looked at once more. Who has waited all the
/// time from the first look to the second did so at the moment between the two, and at that moment all of the cycle
/// did: it is there, and stays. Whoever finds it sends the shard of the newest wait its refusal; all who find it name
/// the same one.
///
/// A probe begins where the last wait of a cycle comes to be known: where a process begins to wait for one that waits
/// itself, or where what it waits with arrives at one that does.
///
/// Invariant: a probe comes by a bounded number of processes and shards. A cycle of more is ended by time-outs alone.
/// </remarks>
internal sealed class Probes(KernelState state, Shards shards)
{
    private readonly SortedSet<ProcessId> _from = [];

    /// <summary>Writes what is still to be looked at, and how old waits are.</summary>
    public void Save(ByteWriter output)
    {
        output.I64(state.Waits.Clock);
        output.U32((uint)_from.Count);
        foreach (var process in _from)
        {
            output.I64(process.Value);
        }
    }

    /// <summary>Fills what is empty.</summary>
    public bool Load(ref ByteReader input)
    {
        state.Waits.Hear(input.I64());
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            _from.Add(new ProcessId(input.I64()));
        }

        return !input.Failed;
    }

    /// <summary>A process waits for some that are not here: with the end of the Step they are looked at.</summary>
    /// <param name="graph">What this shard knows of it.</param>
    public void LookFrom(ProcessId process, WaitForGraph graph)
    {
        if (NextOf(graph) is not null)
        {
            _from.Add(process);
        }
    }

    /// <summary>What a process of another shard waits with has come to one that waits itself.</summary>
    /// <param name="waits">True when it waits for just this, as who asks does; else it may.</param>
    public void Arrived(Process target, ProcessId sender, bool waits)
    {
        if (target.IsBlocked || target.Waiting is { Payload: null })
        {
            _from.Add(waits ? target.Id : sender);
        }
    }

    /// <summary>Credit came back to a process, and not enough for it to go on.</summary>
    public void StillWaits(ProcessId sender) => _from.Add(sender);

    /// <summary>The end of a Step: what was found to look at is looked at.</summary>
    public void Go()
    {
        if (_from.Count == 0 || state.IsPaused)
        {
            return; // While all stand still nobody begins to wait, and where they live may be about to change.
        }

        ProcessId[] from = [.. _from];
        _from.Clear();
        foreach (var some in from.Chunk(Limits.ProbeRootsMax))
        {
            var graph = new WaitForGraph();
            foreach (var process in some)
            {
                graph.NodeOf(process);
            }

            GoOn(graph, hops: 0);
        }
    }

    /// <summary>Which of the messages of a process that waits for credit wait on this shard, if it is its turn to say.
    /// </summary>
    public void KnowHolders(WaitForGraph graph, WaitNode node)
    {
        if (!IsToSay(node) || ShardToSay(node) != shards.Own)
        {
            return;
        }

        node.ShardsAsked++;
        foreach (var holder in shards.Arrivals.Holding.Values)
        {
            long held = HeldOf(holder, node.Id);
            if (0 < held)
            {
                node.Add(WaitKind.Credit, graph.NodeOf(holder.Id), held);
            }
        }
    }

    /// <summary>A probe of another shard.</summary>
    public void Take(ref ByteReader input)
    {
        int hops = input.U16();
        if (Read(ref input) is { } graph && !input.Failed)
        {
            GoOn(graph, hops);
        }
    }

    /// <summary>Another shard has found a wait of a process of this one to close a cycle.</summary>
    public void Refuse(ref ByteReader input)
    {
        var wait = new RefusedWait(
            new ProcessId(input.I64()),
            input.I64(),
            (WaitKind)input.U8(),
            new ProcessId(input.I64()),
            input.I64(),
            input.Text());
        if (input.Failed || !Enum.IsDefined(wait.Kind))
        {
            input.Fail();
            return;
        }

        state.Waits.Refuse(wait);
    }

    /// <summary>An ask was refused after it was sent.</summary>
    public void Withdraw(ref ByteReader input)
    {
        var asked = state.Find(new ProcessId(input.I64()));
        long ask = input.I64();
        if (!input.Failed && asked is not null && shards.IsOthers(ask))
        {
            state.Waits.Withdraw(asked, ask);
        }
    }

    private void GoOn(WaitForGraph graph, int hops)
    {
        state.Waits.LookInto(graph);
        if (NextOf(graph) is { } next)
        {
            bool fits = hops < Limits.ProbeHopsMax && graph.Nodes.Count <= Limits.ProbeProcessesMax
                && graph.Nodes.Sum(one => one.Edges.Count) <= Limits.ProbeWaitsMax;
            if (fits)
            {
                var output = shards.Record(next, ShardTag.Probe);
                output.U16((ushort)(hops + 1));
                Write(output, graph);
            }

            return;
        }

        if (graph.Newest() is null)
        {
            return;
        }

        if (graph.Known is null)
        {
            GoOn(graph.Again(), hops: 0);
            return;
        }

        foreach (var cycle in graph.Cycles())
        {
            Refuse(cycle);
        }
    }

    private void Refuse(WaitCycle cycle)
    {
        var edge = cycle.Edges[0];
        int shard = shards.ShardOf(edge.From.Id);
        if (shard == shards.Own)
        {
            state.Waits.Refuse(cycle);
            return;
        }

        var output = shards.Record(shard, ShardTag.RefuseWait);
        output.I64(edge.From.Id.Value);
        output.I64(edge.From.Serial);
        output.U8((byte)edge.Kind);
        output.I64(edge.To.Id.Value);
        output.I64(edge.Number);
        output.Text(cycle.Text(state));
    }

    // The shard that knows what the graph still lacks; null when it lacks nothing.
    private int? NextOf(WaitForGraph graph)
    {
        foreach (var node in graph.Nodes)
        {
            if (!node.IsKnown)
            {
                return shards.ShardOf(node.Id);
            }

            if (IsToSay(node))
            {
                return ShardToSay(node);
            }

            if (node.Edges.Find(one => one is { Kind: WaitKind.Answer, IsThere: null }) is { } ask)
            {
                return shards.ShardOf(ask.To.Id);
            }
        }

        return null;
    }

    private bool IsToSay(WaitNode node) => 0 < node.OnTheWay && node.ShardsAsked < shards.Plan.Count;

    private int ShardToSay(WaitNode node) => (shards.ShardOf(node.Id) + node.ShardsAsked) % shards.Plan.Count;

    private static long HeldOf(Process holder, ProcessId sender)
    {
        long held = 0;
        for (int index = 0; holder.Held is { } mailbox && index < mailbox.Count; index++)
        {
            ref var mail = ref mailbox.At(index);
            held += mail.Sender == sender && mail.Kind != MailKind.Withdrawn ? 1 : 0;
        }

        return held;
    }

    private static void Write(ByteWriter output, WaitForGraph graph)
    {
        output.U32((uint)(graph.Known?.Count ?? 0));
        foreach (var (process, serial) in (graph.Known ?? []).OrderBy(one => one.Key))
        {
            output.I64(process.Value);
            output.I64(serial);
        }

        output.U32((uint)graph.Nodes.Count);
        foreach (var node in graph.Nodes)
        {
            output.I64(node.Id.Value);
            output.U8(node.IsKnown ? (byte)1 : (byte)0);
            output.U32((uint)node.Agent);
            output.I64(node.Serial);
            output.I64(node.OnTheWay);
            output.U8((byte)node.ShardsAsked);
            output.U32((uint)node.Edges.Count);
            foreach (var edge in node.Edges)
            {
                output.U8((byte)edge.Kind);
                output.I64(edge.To.Id.Value);
                output.I64(edge.Number);
                output.U8(edge.IsThere is not { } isThere ? (byte)2 : isThere ? (byte)1 : (byte)0);
            }
        }
    }

    private WaitForGraph? Read(ref ByteReader input)
    {
        var known = new Dictionary<ProcessId, long>();
        for (uint left = Count(ref input, Limits.ProbeProcessesMax); 0 < left && !input.Failed; left--)
        {
            known[new ProcessId(input.I64())] = input.I64();
        }

        var graph = new WaitForGraph { Known = known.Count == 0 ? null : known };
        int waits = 0;
        for (uint left = Count(ref input, Limits.ProbeProcessesMax); 0 < left && !input.Failed; left--)
        {
            var id = new ProcessId(input.I64());
            if (id.Value <= 0)
            {
                input.Fail();
                return null;
            }

            var node = graph.NodeOf(id);
            node.IsKnown = input.U8() != 0;
            node.Agent = (int)Math.Min(input.U32(), int.MaxValue);
            node.Serial = input.I64();
            node.OnTheWay = input.I64();
            node.ShardsAsked = input.U8();
            uint edges = Count(ref input, Limits.ProbeWaitsMax - waits);
            waits += (int)edges;
            for (; 0 < edges && !input.Failed; edges--)
            {
                var kind = (WaitKind)input.U8();
                var to = graph.NodeOf(new ProcessId(Math.Max(1, input.I64())));
                long number = input.I64();
                byte isThere = input.U8();
                node.Add(kind, to, number, isThere > 1 ? null : isThere == 1);
            }

            bool fits = node.Agent < state.System.Agents.Length && node.ShardsAsked <= shards.Plan.Count
                && IsCount(node.OnTheWay)
                && node.Edges.TrueForAll(one =>
                    Enum.IsDefined(one.Kind) && (one.Kind != WaitKind.Credit || IsCount(one.Number)));
            if (!fits || Limits.ProbeProcessesMax < graph.Nodes.Count)
            {
                input.Fail();
            }
        }

        return input.Failed ? null : graph;
    }

    // No shard sends on what is larger, so it is no probe.
    private static uint Count(ref ByteReader input, int most)
    {
        uint count = input.U32();
        if (most < count)
        {
            input.Fail();
            return 0;
        }

        return count;
    }

    // Of messages that are on their way to other shards.
    private static bool IsCount(long number) => number is >= 0 and <= int.MaxValue;
}
