namespace Tars.Bundle.Abi;

/// <summary>Where the fields of an effect lie in the effect ring, in bytes from the start of its record.</summary>
/// <remarks>
/// A record begins at a multiple of 8; its arguments follow in order of the row of <see cref="HostCalls"/>.
/// </remarks>
public static class EffectRecord
{
    /// <summary>u32: the whole record with its padding, a multiple of 8.</summary>
    public const int Size = 0;

    /// <summary>u16: a <see cref="HostCall"/>.</summary>
    public const int Call = 4;

    /// <summary>u16: zero.</summary>
    public const int Reserved = 6;

    /// <summary>u32: index in the batch of the event that this is an effect of.</summary>
    public const int Event = 8;

    /// <summary>u32: zero.</summary>
    public const int Reserved2 = 12;

    public const int Arguments = 16;
}
