namespace Tars.Evolution.Changes;

/// <summary>One difference between two metascripts.</summary>
/// <param name="Path">As in `may_change`; within a list followed by `[name]` or `[index]`.</param>
/// <param name="Before">The value, one line for each line of code; empty when it was not there.</param>
/// <param name="After">The same of the new one.</param>
public sealed record DocumentChange(ChangeKind Kind, string Path, string Before, string After)
{
    /// <summary>Whether the language does not know the key at that place.</summary>
    public bool IsUnknownKey { get; init; }
}

public enum ChangeKind
{
    Added,
    Removed,

    /// <summary>Another value.</summary>
    Changed,

    /// <summary>A number became another number.</summary>
    Tuned,

    /// <summary>Code says something else.</summary>
    Rewritten,

    /// <summary>The same value under another key.</summary>
    Renamed,

    /// <summary>The same keys in another order, where the order is the author's.</summary>
    Reordered,
}
