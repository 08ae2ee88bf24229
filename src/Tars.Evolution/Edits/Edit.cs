using System.Collections.Immutable;
using Tars.Lang.Checking;

namespace Tars.Evolution.Edits;

/// <summary>One change of a metascript, by path: all that a planner can ask for. The family is closed.</summary>
/// <remarks>A path is keys joined by points (docs/language.md, section 14); a list is addressed as a whole.</remarks>
public abstract record Edit
{
    private Edit(string path) => Path = path;

    public string Path { get; }

    /// <summary>Another value for a key that is there.</summary>
    public sealed record Set(string Path, DataNode Value) : Edit(Path);

    /// <summary>A new key at the end of the mapping at a path; a mapping that is not there is made.</summary>
    public sealed record Insert(string Path, string Key, DataNode Value) : Edit(Path);

    public sealed record Remove(string Path) : Edit(Path);

    /// <summary>Another place for a key among its neighbours.</summary>
    /// <param name="Before">The neighbour that it shall stand before; empty for the end.</param>
    public sealed record Move(string Path, string Before) : Edit(Path);

    /// <summary>Another key for a value; what names the old one is not changed with it.</summary>
    public sealed record Rename(string Path, string Key) : Edit(Path);

    /// <summary>Another expression in the code at a path.</summary>
    /// <param name="Way">From the code to the expression, by <see cref="Lang.Syntax.CodeTree"/>.</param>
    public sealed record ReplaceExpression(string Path, ImmutableArray<int> Way, string Expression) : Edit(Path);

    /// <summary>Another number for a number.</summary>
    public sealed record TuneNumber(string Path, string Number) : Edit(Path);

    /// <summary>A new handler of the agent at a path; an empty path is the module, when it is one agent.</summary>
    public sealed record AddHandler(string Path, string Event, DataNode Handler) : Edit(Path);
}
