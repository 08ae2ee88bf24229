namespace Tars.Bundle.Abi;

/// <summary>Where the fields of the detail of trap <see cref="GuestTrap.BlobWanted"/> lie; it has 24 octets.</summary>
public static class BlobWish
{
    /// <summary>i64: the slot of the blob.</summary>
    public const int Slot = 0;

    /// <summary>i64: the first octet that is wanted.</summary>
    public const int From = 8;

    /// <summary>i64: how many are wanted; 0 to learn the length.</summary>
    public const int Count = 16;

    public const int Size = 24;
}
