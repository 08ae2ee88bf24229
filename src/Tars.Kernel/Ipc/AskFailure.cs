namespace Tars.Kernel.Ipc;

/// <summary>The kinds of Failure in the order of the built-in variant: the number is what is encoded.</summary>
internal enum AskFailure : ushort
{
    Timeout = 0,
    Refused = 1,
    Gone = 2,
    Crashed = 3,
    Denied = 4,
    Unavailable = 5,
    Malformed = 6,
}
