namespace Tars.Bundle.Abi;

/// <summary>
/// The sixteen calls of ABI v1. The number of a member is what stands in the effect ring; it never changes.
/// </summary>
public enum HostCall : ushort
{
    Spawn = 1,
    Exit = 2,
    Send = 3,
    Ask = 4,
    Reply = 5,
    Publish = 6,
    SetTimer = 7,
    CancelTimer = 8,
    MapDevice = 9,
    Device = 10,
    Log = 11,
    Metric = 12,
    Observe = 13,
    Narrow = 14,
    Grant = 15,
    Revoke = 16,
}
