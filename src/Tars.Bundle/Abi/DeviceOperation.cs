namespace Tars.Bundle.Abi;

/// <summary>What the host call <see cref="HostCall.Device"/> is to do: its argument `operation`.</summary>
public enum DeviceOperation
{
    Read = 0,

    Write = 1,

    Control = 2,

    /// <summary>
    /// A blob is made of octets in the guest's memory, and held by the next slot. The argument has their address in its
    /// low 32 bits and their count in the high 32; they have to stay as they are until the batch is over.
    /// </summary>
    Blob = 3,
}
