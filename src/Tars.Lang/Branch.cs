using Tars.Base;

namespace Tars.Lang;

/// <summary>A piece of a module's own code that a run may leave out: a whole body, or what one of its branches does.
/// </summary>
/// <param name="Agent">Whose code it is; empty for a function.</param>
/// <param name="Name">Of the function or procedure; empty for a handler.</param>
/// <param name="Handler">The handler's place among those of its agent; -1 for a function or procedure.</param>
/// <param name="Span">Where it begins, in the module's own file.</param>
/// <param name="Within">The place of the branch round it; -1 for a whole body.</param>
public sealed record Branch(BranchKind Kind, string Agent, string Name, int Handler, TextSpan Span, int Within)
{
    /// <summary>Its own code, in the module's own file; empty where there is none.</summary>
    public TextSpan Code { get; init; }

    /// <summary>False for what the bundle does not hold, such as a function that only expectations call, and for what
    /// is behind the last that can be counted.</summary>
    public bool IsCounted { get; init; }
}

/// <summary>To add a kind: here, and where the code of its statement is walked and emitted.</summary>
public enum BranchKind
{
    /// <summary>A function, a procedure or a handler.</summary>
    Body,

    /// <summary>What is done, or taken, where the condition of an `if` holds.</summary>
    Then,

    /// <summary>What is done, or taken, where it does not.</summary>
    Else,

    /// <summary>Nothing is done where it does not: an `if` without an `else`.</summary>
    Passed,

    /// <summary>An arm of a `match`.</summary>
    Arm,

    /// <summary>A turn of a `while` or a `for`.</summary>
    Turn,

    /// <summary>What stands behind the `else` of a value or an ask that may be none.</summary>
    Otherwise,
}
