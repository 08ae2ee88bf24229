namespace Tars.Cli.Commands;

/// <summary>How long a search took: all that of a run is not the same the next time.</summary>
internal sealed record EvolveTiming(TimeSpan Elapsed, TimeSpan Processor, int Evaluations, int Workers);
