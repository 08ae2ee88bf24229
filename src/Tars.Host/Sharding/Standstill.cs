namespace Tars.Host.Sharding;

/// <summary>Knows when all shards of a run stand still and no mail is on its way between them.</summary>
/// <remarks>
/// Invariant: mail counts from before its Step makes it leave until the Step is over that takes it. So when none counts
/// and every worker has said that it stands still for this time, nothing moves before somebody is told to go on. Times
/// are counted: a worker may have yet to hear that the one before is over.
/// </remarks>
internal sealed class Standstill(int shards)
{
    private readonly long[] _still = new long[shards];
    private long _time;
    private long _mail;

    /// <summary>All are to stand still once more.</summary>
    public void Begin() => _time++;

    public void Left() => Interlocked.Increment(ref _mail);

    public void Taken() => Interlocked.Decrement(ref _mail);

    /// <summary>A worker waits and has nothing to do, or goes on.</summary>
    /// <param name="time">How often it was told to stand still; zero when it does not.</param>
    public void Say(int shard, long time) => Volatile.Write(ref _still[shard], time);

    public bool IsComplete()
    {
        if (Interlocked.Read(ref _mail) != 0)
        {
            return false;
        }

        for (int shard = 0; shard < _still.Length; shard++)
        {
            if (Volatile.Read(ref _still[shard]) != _time)
            {
                return false;
            }
        }

        // What was on its way when the first was looked at has been taken, and has made nothing.
        return Interlocked.Read(ref _mail) == 0;
    }
}
