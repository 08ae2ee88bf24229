namespace Tars.Cli.Commands;

/// <summary>How long a search took: all that of a run is not the same the next time.</summary>
/// <param name="Remembered">Of the evaluations, those that an earlier run or era had made.</param>
internal sealed record EvolveTiming(
    TimeSpan Elapsed, TimeSpan Processor, int Evaluations, int Remembered, int Workers);
