using Tars.Bundle.Abi;

namespace Tars.Kernel.Ports;

/// <summary>Why an event was rolled back, in words.</summary>
public static class TrapText
{
    public static string Of(DeadLetter letter) => Of(letter.Fault, letter.Trap);

    /// <param name="trap">What the guest wrote before it stopped; it may be any number.</param>
    public static string Of(FaultKind fault, GuestTrap trap) =>
        trap == GuestTrap.None || !Enum.IsDefined(trap) ? Of(fault) : Of(trap);

    private static string Of(GuestTrap trap) => trap switch
    {
        GuestTrap.None => "trap",
        GuestTrap.Overflow => "a number left its 64 bits",
        GuestTrap.DivisionByZero => "division by zero",
        GuestTrap.IndexOutOfRange => "index out of range",
        GuestTrap.KeyAbsent => "no such key",
        GuestTrap.ValueOutOfRange => "a value that its place cannot hold",
        GuestTrap.AssertionFailed => "assertion failed",
        GuestTrap.Failed => "fail",
        GuestTrap.InvariantBroken => "invariant broken",
        GuestTrap.OutOfMemory => "out of memory",
        GuestTrap.StackExhausted => "too many nested calls",
        GuestTrap.MalformedEvent => "an event that does not decode",
        GuestTrap.NotInForce => "declared, not yet in force",
        GuestTrap.BlobWanted => "a blob that cannot be read",
    };

    private static string Of(FaultKind fault) => fault switch
    {
        FaultKind.Unreachable => "unreachable",
        FaultKind.MemoryOutOfBounds => "memory access out of bounds",
        FaultKind.TableOutOfBounds => "table access out of bounds",
        FaultKind.IndirectCallTypeMismatch => "indirect call of another type",
        FaultKind.UninitializedElement => "uninitialized element",
        FaultKind.IntegerDivideByZero => "division by zero",
        FaultKind.IntegerOverflow => "integer overflow",
        FaultKind.InvalidConversion => "invalid conversion to integer",
        FaultKind.OutOfFuel => "out of fuel",
        FaultKind.StackExhausted => "too many nested calls",
        FaultKind.EffectsFull => "more effects than one event may have",
        FaultKind.BadHostCall => "a host call outside the rules",
        FaultKind.Deadline => "deadline passed",
    };
}
