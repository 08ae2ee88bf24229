namespace Tars.Kernel.Processes;

/// <summary>The batch that a process handles or has just handled.</summary>
/// <param name="Prelude">Events before all others: 0 to 2 of Beliefs and Params, or one for each window.</param>
/// <param name="HasBeliefs">True when one of them is Beliefs; it is then the first.</param>
/// <param name="Count">Events behind the prelude.</param>
/// <param name="Handler">The one handler of all of them, of an answer whose rest runs; -1 for Birth.</param>
/// <param name="HasAsks">True when some of them wait for an answer.</param>
internal readonly record struct Batch(
    BatchKind Kind, int Prelude, bool HasBeliefs, int Count, int Handler, bool HasAsks)
{
    public int Total => Prelude + Count;

    /// <summary>How many of the prelude are windows on blobs, for the first event behind them.</summary>
    public int Windows { get; init; }
}
