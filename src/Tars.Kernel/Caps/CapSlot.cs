namespace Tars.Kernel.Caps;

/// <summary>
/// A place in one process's <see cref="CapTable"/> and its generation. It means nothing in any other process.
/// </summary>
internal readonly record struct CapSlot(int Place, uint Generation)
{
    /// <summary>As it stands in values and host calls.</summary>
    public long Encoded => (uint)Place | ((long)Generation << 32);

    /// <summary>Stands for what is not there any more: it can only miss.</summary>
    public static CapSlot None { get; } = new(Place: -1, Generation: 0);

    /// <summary>True for what a transaction made: it is counted and has no place.</summary>
    public bool IsMade => 0x4000_0000 <= Generation;

    public static CapSlot OfMade(long number) => Of((1L << 62) + number);

    /// <summary>What a guest says is a slot; a place beyond any table when it cannot be one.</summary>
    public static CapSlot Of(long encoded) => new((int)(uint)encoded, (uint)(encoded >> 32));
}
