namespace Tars.Kernel.Ports;

/// <summary>Why an ask has no answer, in the order of the built-in variant: the number is what is encoded.</summary>
public enum AskFailure : ushort
{
    Timeout = 0,
    Refused = 1,
    Gone = 2,
    Crashed = 3,
    Denied = 4,
    Unavailable = 5,
    Malformed = 6,
}
