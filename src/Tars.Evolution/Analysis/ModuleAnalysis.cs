using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Evolution.Analysis;

/// <summary>What is known of a module before anybody proposes anything.</summary>
/// <param name="Findings">In a fixed order: kinds, then places.</param>
public sealed record ModuleAnalysis(ImmutableArray<Finding> Findings)
{
    /// <summary>Why none of its scenarios could be run; empty when one was.</summary>
    public ImmutableArray<string> Refusals { get; init; } = [];

    /// <summary>The findings of one kind.</summary>
    public IEnumerable<Finding> Of(FindingKind kind) => Findings.Where(one => one.Kind == kind);
}

/// <summary>One thing that is known of a module.</summary>
/// <param name="Path">Where to look; empty for the whole.</param>
/// <param name="Value">A number, where there is one.</param>
public sealed record Finding(FindingKind Kind, string Path, string Text, double? Value = null)
{
    /// <summary>Where it stands in the module's own file, as that is laid out, where that is one place.</summary>
    public LinePosition? At { get; init; }

    private static readonly ImmutableArray<string> _names =
    [
        "warning", "change", "objective", "metric", "fuel", "trap", "expectation", "void", "belief", "reflection",
        "uncovered",
    ];

    /// <summary>The kind as programs read it.</summary>
    public string Name => _names[(int)Kind];
}

/// <summary>To add a kind: here, a name in <see cref="Finding"/>, and where <see cref="Analyzer"/> finds it.</summary>
public enum FindingKind
{
    /// <summary>The checker warns.</summary>
    Warning,

    /// <summary>It differs from the version before.</summary>
    Change,

    /// <summary>The mean of what it is judged by, on one split.</summary>
    Objective,

    /// <summary>The mean of another metric.</summary>
    Metric,

    /// <summary>What a run costs.</summary>
    Fuel,

    /// <summary>Something trapped.</summary>
    Trap,

    /// <summary>Something that is expected does not hold.</summary>
    Expectation,

    /// <summary>A run that counts for nothing.</summary>
    Void,

    /// <summary>Beliefs that contradict each other.</summary>
    Belief,

    /// <summary>A rule of `reflection` that holds.</summary>
    Reflection,

    /// <summary>Code that no scenario comes to: a handler, a function, an arm of a branch.</summary>
    Uncovered,
}
