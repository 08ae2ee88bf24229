namespace Tars.Bundle.Abi;

/// <summary>Offsets in what the event Save leaves, before the pending wait's locals and the state fields.</summary>
public static class SavedHead
{
    /// <summary>Four u64: the random generator.</summary>
    public const int Generator = 0;

    /// <summary>u32: the number of the pending continuation and one more, or 0.</summary>
    public const int Pending = 32;

    public const int Size = 36;
}
