using System.Numerics;

namespace Tars.Base;

/// <summary>xoshiro256** 1.0 (Blackman and Vigna, 2018), seeded by SplitMix64: the language's and the tests'.</summary>
public sealed class Xoshiro256
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    public Xoshiro256(ulong seed)
    {
        _s0 = SplitMix64.Next(ref seed);
        _s1 = SplitMix64.Next(ref seed);
        _s2 = SplitMix64.Next(ref seed);
        _s3 = SplitMix64.Next(ref seed);
    }

    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1): the top 53 bits.</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, bound), by rejection, so without bias. The bound is at least one.</summary>
    public int Next(int bound)
    {
        Invariant.Holds(0 < bound);
        ulong size = (ulong)bound;
        ulong limit = ulong.MaxValue - (ulong.MaxValue % size);
        ulong drawn;
        do
        {
            drawn = Next();
        }
        while (limit <= drawn);

        return (int)(drawn % size);
    }
}
