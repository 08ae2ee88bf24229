using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Manifest;

namespace Tars.Evolution.Scenarios;

/// <summary>What became of one scenario with one seed.</summary>
/// <param name="Refused">Why it could not be run; empty when it ran.</param>
/// <param name="Checks">Every expectation: those of steps in the order of the text, then those of the end.</param>
/// <param name="Notes">What else speaks against the run: it is void, or was cut short. Empty when all is well.</param>
/// <param name="Traps">The first of them, in words.</param>
/// <param name="Events">Commits of handlers.</param>
/// <param name="Fuel">Of all processes, those of the environment too.</param>
public sealed record ScenarioOutcome(
    string Scenario,
    long Seed,
    ImmutableArray<string> Refused,
    ImmutableArray<CheckOutcome> Checks,
    ImmutableArray<string> Notes,
    ImmutableArray<MetricSeries> Metrics,
    ImmutableArray<string> Traps,
    long TrapCount,
    long Events,
    long Fuel)
{
    /// <summary>The handlers of the module that committed, as `agent: event`, in the order of their names.</summary>
    public ImmutableArray<string> Handled { get; init; } = [];

    /// <summary>The handlers of other modules that committed, as `module/agent: event`, in the order of their names.
    /// </summary>
    public ImmutableArray<string> HandledAround { get; init; } = [];

    /// <summary>The places of the rules of `reflection` that hold at the end, of a run that was looked into.</summary>
    public ImmutableArray<int> Reflected { get; init; } = [];

    /// <summary>Which run it was, in words.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Scenario}, seed {Seed}");

    public bool Passed => Refused.IsEmpty && Notes.IsEmpty && Checks.All(one => one.Held);
}

/// <summary>One expectation and what became of it.</summary>
/// <param name="Text">As the author wrote it, or what was asked when only an answer was expected.</param>
/// <param name="Detail">What was seen instead; empty when it held.</param>
public sealed record CheckOutcome(string Text, TextSpan Span, bool Held, string Detail);

/// <summary>A metric of a run: its joined value, and its reports over time as far as they are kept.</summary>
/// <param name="Value">Null when nothing was reported.</param>
/// <param name="Points">Thinned evenly when they are many.</param>
public sealed record MetricSeries(
    string Module,
    string Name,
    string Unit,
    MetricKind Kind,
    double? Value,
    long Count,
    ImmutableArray<MetricPoint> Points);

/// <param name="At">Nanoseconds since the run began.</param>
public readonly record struct MetricPoint(long At, double Value);
