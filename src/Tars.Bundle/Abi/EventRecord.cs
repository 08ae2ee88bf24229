namespace Tars.Bundle.Abi;

/// <summary>Where the fields of an event lie in the event ring, in bytes from the start of its record.</summary>
/// <remarks>A record begins at a multiple of 8. The payload is in the value encoding of docs/abi.md.</remarks>
public static class EventRecord
{
    /// <summary>u32: the whole record with its padding, a multiple of 8.</summary>
    public const int Size = 0;

    /// <summary>u16: an <see cref="EventKind"/>.</summary>
    public const int Kind = 4;

    /// <summary>
    /// u16: index of the handler in its agent for Handler; of the continuation for Answer; of the test for Test.
    /// </summary>
    public const int Handler = 6;

    /// <summary>i64: what now() answers: nanoseconds since 1970 UTC.</summary>
    public const int Instant = 8;

    /// <summary>i64: the slot that the first spawn of this transaction gets; the next ones count up.</summary>
    public const int NextSlot = 16;

    /// <summary>u32: octets of payload.</summary>
    public const int PayloadSize = 24;

    /// <summary>
    /// u32: how many turns of a timer this one stands for; 0 for what is told to a handler that could answer, as nobody
    /// waits for its answer; 1 for all else.
    /// </summary>
    public const int Turns = 28;

    public const int Payload = 32;
}
