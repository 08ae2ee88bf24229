namespace Tars.Bundle.Abi;

/// <summary>The names that a bundle exports under ABI v1.</summary>
public static class GuestExports
{
    /// <summary>The linear memory.</summary>
    public const string Memory = "memory";

    /// <summary>
    /// (events: i32) → (): handles the records in the first `events` bytes of the event ring, or fewer.
    /// </summary>
    public const string Run = "tars_run";

    /// <summary>(size: i32) → (): makes the event ring hold at least `size` bytes; it may move.</summary>
    public const string Reserve = "tars_reserve";
}
