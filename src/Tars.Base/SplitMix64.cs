namespace Tars.Base;

/// <summary>SplitMix64 (Steele, Lea and Flood, 2014): turns any 64 bits into a good seed.</summary>
public static class SplitMix64
{
    /// <summary>Advances the state and returns the next output.</summary>
    public static ulong Next(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
