using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Scenarios;

/// <summary>How a scenario is run.</summary>
public sealed record ScenarioOptions
{
    /// <summary>True when guests answer Running and their end is an event of its own; results do not depend on it.
    /// </summary>
    public bool AnswersLater { get; init; } = true;

    /// <summary>True to ask at the end which rules of `reflection` hold.</summary>
    public bool LooksInto { get; init; }

    /// <summary>Takes the trace, line by line; null for none.</summary>
    public TextWriter? Trace { get; init; }

    /// <summary>Hears now and then how far the run has come, in nanoseconds of its own clock; null for nobody.
    /// </summary>
    public Action<long>? Progress { get; init; }

    /// <summary>Values of params in place of the scenario's own, encoded.</summary>
    public ImmutableArray<KeyValuePair<string, ImmutableArray<byte>>> Params { get; init; } = [];

    /// <summary>Code of the judged module in place of its own, by <see cref="IOpenCode"/>; null for its own.</summary>
    public IGuestCode? Code { get; init; }
}
