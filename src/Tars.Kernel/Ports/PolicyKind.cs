using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>The scheduling policies that are built in; docs/scheduling.md says what each does.</summary>
public enum PolicyKind : byte
{
    /// <summary>Who has been ready longest.</summary>
    RoundRobin = 0,

    /// <summary>The highest priority; waiting counts as priority.</summary>
    Priority = 1,

    /// <summary>The earliest deadline.</summary>
    Deadline = 2,

    /// <summary>Who has had least fuel for its weight.</summary>
    Fair = 3,
}

/// <summary>What the built-in policies are called on a command line and in reports.</summary>
public static class PolicyNames
{
    private static readonly ImmutableArray<(string Name, PolicyKind Kind)> _rows =
    [
        ("round-robin", PolicyKind.RoundRobin),
        ("priority", PolicyKind.Priority),
        ("deadline", PolicyKind.Deadline),
        ("fair", PolicyKind.Fair),
    ];

    public static ImmutableArray<string> All { get; } = [.. _rows.Select(row => row.Name)];

    public static PolicyKind? Find(string name)
    {
        foreach (var row in _rows)
        {
            if (row.Name == name)
            {
                return row.Kind;
            }
        }

        return null;
    }

    public static string Of(PolicyKind kind) => _rows.First(row => row.Kind == kind).Name;
}
