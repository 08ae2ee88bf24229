using Tars.Base;

namespace Tars.Sim.Authority;

/// <summary>Who may use what: the capabilities that were narrowed as a tree, and who holds which.</summary>
/// <remarks>
/// A capability stands as long as nobody has revoked it or anything that it was narrowed from, and whoever narrowed
/// them lives. What the agents say of their uses must agree.
/// </remarks>
internal sealed class AuthorityModel
{
    private readonly Dictionary<int, Node> _nodes = [];
    private readonly SortedSet<(int Agent, int Id)> _held = [];
    private (int Agent, int Id, bool Stands)? _use;

    /// <summary>The first thing that was otherwise; null while there is none.</summary>
    public string? Problem { get; private set; }

    /// <summary>One that an agent holds, standing or not; zero for none.</summary>
    public int Draw(int agent, Xoshiro256 random)
    {
        int[] own = [.. _held.Where(one => one.Agent == agent).Select(one => one.Id)];
        return own.Length == 0 ? 0 : own[random.Next(own.Length)];
    }

    /// <summary>An agent is about to be told to do something.</summary>
    public void Order(int agent, AuthorityAct act, int id, int from, int to)
    {
        bool holds = _held.Contains((agent, from));
        switch (act)
        {
            case AuthorityAct.Narrow:
                Add(agent, id, parent: null);
                break;
            case AuthorityAct.NarrowAgain when holds:
                Add(agent, id, _nodes[from]);
                break;
            case AuthorityAct.HandOn when holds && _nodes[from].Stands:
                _held.Add(((agent + 1 + to) % AuthorityText.Names.Length, from));
                break;
            case AuthorityAct.Revoke when holds && _nodes[from].By == agent:
                _nodes[from].IsRevoked = true;
                break;
            case AuthorityAct.Use when holds:
                _use = (agent, from, _nodes[from].Stands);
                break;
            default:
                break; // It holds nothing of the kind, so nothing comes of it.
        }
    }

    /// <summary>An agent is lost and begins anew: it holds nothing, and what it narrowed has ended.</summary>
    public void Crash(int agent)
    {
        _held.RemoveWhere(one => one.Agent == agent);
        foreach (var node in _nodes.Values.Where(one => one.By == agent))
        {
            node.IsRevoked = true;
        }
    }

    /// <summary>An agent says that it has used a capability, or might not.</summary>
    public void Used(int agent, int id, bool mightIt)
    {
        if (_use is not { } use || use.Agent != agent || use.Id != id)
        {
            Problem ??= $"agent {agent} used {id}, and was not told to";
        }
        else if (mightIt != use.Stands)
        {
            Problem ??= $"agent {agent} might{(mightIt ? "" : " not")} use {id}: {_nodes[id]}";
        }

        _use = null;
    }

    /// <summary>All that an order leads to has happened.</summary>
    public void End()
    {
        if (_use is { } use)
        {
            Problem ??= $"agent {use.Agent} was told to use {use.Id}, and said nothing";
        }
    }

    private void Add(int agent, int id, Node? parent)
    {
        _nodes.Add(id, new Node(agent, parent));
        _held.Add((agent, id));
    }

    private sealed class Node(int by, Node? parent)
    {
        public int By => by;

        public bool IsRevoked { get; set; } = parent?.Stands == false; // Of what has ended nothing can be narrowed.

        public bool Stands => !IsRevoked && parent?.Stands != false;

        public override string ToString() =>
            $"{(IsRevoked ? "revoked" : "standing")} of {by}{(parent is null ? "" : $", below {parent}")}";
    }
}

/// <summary>What an agent is told to do; the numbers stand in the module.</summary>
internal enum AuthorityAct
{
    Narrow = 0,
    NarrowAgain = 1,
    HandOn = 2,
    Revoke = 3,
    Use = 4,
}
