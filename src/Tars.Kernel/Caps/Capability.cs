using Tars.Kernel.Ports;

namespace Tars.Kernel.Caps;

/// <summary>The right to use one thing. What a slot of a process stands for.</summary>
internal abstract record Capability
{
    private Capability()
    {
    }

    /// <summary>To tell and ask a process.</summary>
    public sealed record OfProcess(ProcessId Target) : Capability;

    /// <summary>To use a device.</summary>
    public sealed record OfDevice(DeviceId Target) : Capability;

    /// <summary>To use a device within what is left of it; it may be handed on.</summary>
    public sealed record OfDerived(Derivation Node) : Capability;

    /// <summary>To read a blob, and to hand it on.</summary>
    public sealed record OfBlob(Blobs.Blob Blob) : Capability;

    /// <summary>Stands where the operator withholds what the code names, so that other slots keep their
    /// places.</summary>
    public sealed record Withheld : Capability;

    /// <summary>To publish on the channels of a pattern.</summary>
    /// <param name="Channel">Index into the channels of the system.</param>
    public sealed record OfChannel(int Channel) : Capability;
}
