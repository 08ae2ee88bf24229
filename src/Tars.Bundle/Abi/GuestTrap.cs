namespace Tars.Bundle.Abi;

/// <summary>
/// Why compiled handler code stops on purpose: it stores the number in the control block and executes
/// <c>unreachable</c>.
/// </summary>
public enum GuestTrap : uint
{
    None = 0,

    /// <summary>An int, duration or instant left its 64 bits.</summary>
    Overflow = 1,
    DivisionByZero = 2,

    /// <summary>Outside 0..len-1 of a list or bytes, or a range that does not lie inside.</summary>
    IndexOutOfRange = 3,
    KeyAbsent = 4,

    /// <summary>
    /// A value that its place cannot hold: an octet, a shift count, a float that fits no int, a NaN where none may be.
    /// </summary>
    ValueOutOfRange = 5,
    AssertionFailed = 6,

    /// <summary><c>fail "why"</c>; the control block has the text.</summary>
    Failed = 7,
    InvariantBroken = 8,

    /// <summary>The memory limit is reached.</summary>
    OutOfMemory = 9,

    /// <summary>More nested calls than the shadow stack holds.</summary>
    StackExhausted = 10,

    /// <summary>An event whose bytes are not what its handler declares.</summary>
    MalformedEvent = 11,

    /// <summary>A construct whose run-time part this version does not have.</summary>
    NotInForce = 12,

    /// <summary>
    /// The event reads of a blob what is not there: the detail is a <see cref="BlobWish"/>, and the event begins again.
    /// </summary>
    BlobWanted = 13,
}
