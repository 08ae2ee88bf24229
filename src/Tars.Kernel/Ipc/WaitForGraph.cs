using Tars.Kernel.Ports;

namespace Tars.Kernel.Ipc;

/// <summary>Who waits for whom, as far as it was looked at, and which of them can never go on.</summary>
/// <remarks>
/// It is the AND-OR model (E. Knapp, Deadlock Detection in Distributed Databases, ACM Computing Surveys 19(4), 1987): a
/// process goes on when all of its waits are over, and its wait for credit is over when anyone who holds its mail takes
/// some.
///
/// Invariants:
///   I1  Who was not looked at, or does not wait, is live: nobody is dead for want of knowledge.
///   I2  A process is dead when one of its waits cannot end though all who are live go on. So whoever is dead leads to
///       a cycle of the dead.
/// </remarks>
internal sealed class WaitForGraph
{
    private readonly List<WaitNode> _nodes = [];
    private readonly Dictionary<ProcessId, WaitNode> _byId = [];

    /// <summary>In the order in which they were come to; the first were asked about.</summary>
    public IReadOnlyList<WaitNode> Nodes => _nodes;

    /// <summary>The waits that an earlier look has found dead: only they are looked at again, and they are dead only if
    /// they have waited ever since. Null in the first look.</summary>
    public Dictionary<ProcessId, long>? Known { get; init; }

    /// <summary>Waits of one kind only; a planted mistake.</summary>
    public WaitKind? Only { get; set; }

    /// <summary>The node of a process, new if it is the first to lead there.</summary>
    public WaitNode NodeOf(ProcessId process)
    {
        if (!_byId.TryGetValue(process, out var node))
        {
            node = new WaitNode(process);
            _nodes.Add(node);
            _byId.Add(process, node);
        }

        return node;
    }

    /// <summary>A wait of the process that waits since last of all on a cycle of the dead, with that cycle; null for
    /// none.</summary>
    public WaitCycle? Newest()
    {
        FindDead();
        var some = Trimmed();
        return some.OrderByDescending(one => one.Serial).ThenByDescending(one => one.Id)
            .Select(CycleOf).FirstOrDefault(cycle => cycle is not null);
    }

    /// <summary>The same, one after the other, each as if those before were broken.</summary>
    public IEnumerable<WaitCycle> Cycles()
    {
        while (Newest() is { } cycle)
        {
            yield return cycle;
            cycle.Edges[0].From.End(cycle.Edges[0]);
        }
    }

    /// <summary>The graph to look at again: those of this one that are dead. To be asked for behind
    /// <see cref="Newest"/>.</summary>
    public WaitForGraph Again()
    {
        var dead = _nodes.Where(one => one.IsDead).ToArray();
        var again = new WaitForGraph { Known = dead.ToDictionary(one => one.Id, one => one.Serial) };
        foreach (var node in dead)
        {
            again.NodeOf(node.Id);
        }

        return again;
    }

    // Whoever does not wait goes on, and so does who waits for nobody else. The rest is dead. // I1, I2
    private void FindDead()
    {
        foreach (var node in _nodes)
        {
            node.Before.Clear();
        }

        foreach (var edge in _nodes.SelectMany(one => one.Edges))
        {
            edge.To.Before.Add(edge);
        }

        var live = new Stack<WaitNode>();
        foreach (var node in _nodes)
        {
            node.Begin();
            if (!node.IsDead)
            {
                live.Push(node);
            }
        }

        while (live.TryPop(out var node))
        {
            foreach (var edge in node.Before)
            {
                if (edge.From.IsDead && edge.From.Goes(edge))
                {
                    live.Push(edge.From);
                }
            }
        }
    }

    // Whom nobody dead waits for lies on no cycle.
    private List<WaitNode> Trimmed()
    {
        var left = _nodes.Where(one => one.IsDead).ToHashSet();
        var ways = left.ToDictionary(one => one, one => one.Before.Count(edge => edge.IsDead));
        var free = new Stack<WaitNode>(left.Where(one => ways[one] == 0));
        while (free.TryPop(out var node))
        {
            left.Remove(node);
            foreach (var edge in node.Edges.Where(one => one.IsDead))
            {
                if (--ways[edge.To] == 0)
                {
                    free.Push(edge.To);
                }
            }
        }

        return [.. left];
    }

    // The shortest one that begins with the newest wait of a process.
    private static WaitCycle? CycleOf(WaitNode node)
    {
        foreach (var first in node.Edges.Where(one => one.IsDead))
        {
            var cameBy = new Dictionary<WaitNode, WaitEdge> { [first.To] = first };
            var next = new Queue<WaitNode>([first.To]);
            while (next.TryDequeue(out var at) && at != node)
            {
                foreach (var edge in at.Edges.Where(one => one.IsDead))
                {
                    if (cameBy.TryAdd(edge.To, edge))
                    {
                        next.Enqueue(edge.To);
                    }
                }
            }

            if (cameBy.ContainsKey(node))
            {
                return new WaitCycle(Way(node, first, cameBy));
            }
        }

        return null;
    }

    private static List<WaitEdge> Way(WaitNode node, WaitEdge first, Dictionary<WaitNode, WaitEdge> cameBy)
    {
        var way = new List<WaitEdge>();
        for (var edge = cameBy[node]; edge != first; edge = cameBy[edge.From])
        {
            way.Add(edge);
        }

        way.Add(first);
        way.Reverse();
        return way;
    }
}

/// <summary>A process in a wait-for graph, and whom it waits for.</summary>
internal sealed class WaitNode(ProcessId id)
{
    private int _standing;
    private bool _creditStands;

    public ProcessId Id { get; } = id;

    /// <summary>True once it was looked at where it lives.</summary>
    public bool IsKnown { get; set; }

    /// <summary>The place of its agent in the system.</summary>
    public int Agent { get; set; }

    /// <summary>Says which of two waits began later, and whether one is the same as before.</summary>
    public long Serial { get; set; }

    /// <summary>What it waits for, the newest first.</summary>
    public List<WaitEdge> Edges { get; } = [];

    /// <summary>Where it waits for credit, how many of its messages no mailbox has taken; zero where it does not.
    /// </summary>
    public long OnTheWay { get; set; }

    /// <summary>How many shards have said which of those they hold, counted from the one where it lives.</summary>
    public int ShardsAsked { get; set; }

    /// <summary>Edges that lead here.</summary>
    public List<WaitEdge> Before { get; } = [];

    /// <summary>True when it can never go on.</summary>
    public bool IsDead { get; private set; }

    public void Add(WaitKind kind, WaitNode to, long number, bool? isThere = true) =>
        Edges.Add(new WaitEdge(this, kind, to, number) { IsThere = isThere });

    /// <summary>A wait is over.</summary>
    public void End(WaitEdge edge)
    {
        Edges.RemoveAll(one => one == edge || (one.Kind == WaitKind.Credit && edge.Kind == WaitKind.Credit));
        OnTheWay = edge.Kind == WaitKind.Credit ? 0 : OnTheWay;
    }

    /// <summary>As far as its own waits say: dead until somebody goes on.</summary>
    public void Begin()
    {
        // What is still under way to a mailbox, or taken already, gives credit back.
        long held = Edges.Where(one => one.Kind == WaitKind.Credit).Sum(one => one.Number);
        _creditStands = 0 < OnTheWay && OnTheWay <= held;
        _standing = (_creditStands ? 1 : 0)
            + Edges.Count(one => one.Kind == WaitKind.Room || (one.Kind == WaitKind.Answer && one.IsThere == true));
        IsDead = 0 < _standing;
        foreach (var edge in Edges)
        {
            edge.IsOver = edge.Kind == WaitKind.Credit ? !_creditStands : edge.IsThere != true;
        }
    }

    /// <summary>One that it waits for goes on.</summary>
    /// <returns>True when it is the last that kept it dead.</returns>
    public bool Goes(WaitEdge edge)
    {
        if (edge.IsOver)
        {
            return false;
        }

        edge.IsOver = true;
        if (edge.Kind == WaitKind.Credit)
        {
            _creditStands = false; // Any of them will do.
            Edges.ForEach(one => one.IsOver |= one.Kind == WaitKind.Credit);
        }

        IsDead = 0 < --_standing;
        return !IsDead;
    }
}

/// <summary>One process waits for another.</summary>
/// <param name="Number">Of the ask; for credit, how many of its messages wait there.</param>
internal sealed record WaitEdge(WaitNode From, WaitKind Kind, WaitNode To, long Number)
{
    /// <summary>For an ask: whether the one who is asked has it. Null while that is not known.</summary>
    public bool? IsThere { get; set; }

    /// <summary>True when this does not keep its process from going on.</summary>
    public bool IsOver { get; set; }

    /// <summary>True between two that can never go on.</summary>
    public bool IsDead => !IsOver && From.IsDead && To.IsDead;

    public bool Equals(WaitEdge? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>Some who wait for each other; the first edge is the wait that began last.</summary>
internal sealed record WaitCycle(List<WaitEdge> Edges)
{
    private const int NamedMax = 8;

    /// <summary>Says who waits for whom.</summary>
    public string Text(KernelState state)
    {
        string Name(WaitNode node) => $"{state.AgentOf(node.Agent).Name} {node.Id}";
        string What(WaitKind kind) => kind == WaitKind.Answer ? "the answer of" : "room with";
        var parts = Edges.Take(NamedMax).Select(edge =>
            $"{Name(edge.From)} awaits {What(edge.Kind)} {Name(edge.To)}");
        string more = NamedMax < Edges.Count ? $", and {Edges.Count - NamedMax} more" : "";
        return $"waiting would close a cycle: {string.Join(", ", parts)}{more}";
    }
}

/// <summary>What a process waits for.</summary>
internal enum WaitKind : byte
{
    /// <summary>That who was asked answers.</summary>
    Answer,

    /// <summary>That a message finds room in a mailbox.</summary>
    Room,

    /// <summary>That any of its messages on other shards is taken, so that more may leave.</summary>
    Credit,
}
