using System.Numerics;

namespace Tars.Host;

/// <summary>Counts durations in buckets of growing width: 16 to each power of two, so a quantile is at most 6 % too
/// high.</summary>
internal sealed class LatencyHistogram
{
    private const int StepBits = 4;

    private readonly long[] _buckets = new long[(64 - StepBits + 1) << StepBits];

    public long Count { get; private set; }

    public long Worst { get; private set; }

    public void Add(long nanoseconds, long count)
    {
        long value = Math.Max(0, nanoseconds);
        _buckets[BucketOf(value)] += count;
        Count += count;
        Worst = Math.Max(Worst, value);
    }

    /// <summary>The upper end of the bucket in which the share of all values is reached.</summary>
    public long Quantile(double share)
    {
        long wanted = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (int bucket = 0; bucket < _buckets.Length; bucket++)
        {
            seen += _buckets[bucket];
            if (wanted <= seen && 0 < seen)
            {
                return Math.Min(Worst, UpperEndOf(bucket));
            }
        }

        return Worst;
    }

    private static int BucketOf(long value)
    {
        if (value < 1 << StepBits)
        {
            return (int)value;
        }

        int shift = BitOperations.Log2((ulong)value) - StepBits;
        return ((shift + 1) << StepBits) + (int)(value >> shift) - (1 << StepBits);
    }

    private static long UpperEndOf(int bucket)
    {
        if (bucket < 1 << StepBits)
        {
            return bucket;
        }

        int shift = (bucket >> StepBits) - 1;
        long first = (long)((bucket & ((1 << StepBits) - 1)) + (1 << StepBits)) << shift;
        return first + (1L << shift) - 1;
    }
}
