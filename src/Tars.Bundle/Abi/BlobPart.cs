namespace Tars.Bundle.Abi;

/// <summary>Where the fields of the payload of an event Blob lie: some of the octets of a blob.</summary>
public static class BlobPart
{
    /// <summary>i64: the slot by which the process holds the blob.</summary>
    public const int Slot = 0;

    /// <summary>i64: octets of the whole blob.</summary>
    public const int Length = 8;

    /// <summary>i64: which of its octets is the first one here.</summary>
    public const int From = 16;

    /// <summary>u32: how many stand here.</summary>
    public const int Count = 24;

    /// <summary>The octets.</summary>
    public const int Octets = 28;
}
