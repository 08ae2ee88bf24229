namespace Tars.Host.Sharding;

/// <summary>Counts what a run on several shards still has to do: it is at rest when there is nothing.</summary>
/// <remarks>
/// Invariant: what is on its way to a shard counts one until the Step is over that takes it, and a shard counts one
/// while it is awake or a timer of its own is set. So the count is zero only when nothing can happen any more by
/// itself.
/// </remarks>
internal sealed class Tide(Action atRest)
{
    private int _count;

    public bool IsAtRest => Volatile.Read(ref _count) == 0;

    public void Rise() => Interlocked.Increment(ref _count);

    public void Fall()
    {
        if (Interlocked.Decrement(ref _count) == 0)
        {
            atRest();
        }
    }
}
