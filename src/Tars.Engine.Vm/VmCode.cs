using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm;

/// <summary>The code of a guest's module: makes instances, each in a machine of its own.</summary>
internal sealed class VmCode : IGuestCode
{
    private bool _isDisposed;

    private VmCode(VmImages images, long run, long reserve)
    {
        Images = images;
        Run = run;
        Reserve = reserve;
    }

    public VmImages Images { get; }

    /// <summary>Where the exported functions of ABI v1 are entered.</summary>
    public long Run { get; }

    public long Reserve { get; }

    /// <summary>Null when an export that the host calls has no code of its own.</summary>
    public static VmCode? Of(VmHost host, GuestImage image) =>
        EntryOf(image, GuestExports.Run) is { } run && EntryOf(image, GuestExports.Reserve) is { } reserve
            ? new VmCode(new VmImages(host, image), run, reserve)
            : null;

    public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Images.ShapeFor(limits) is not { } shape)
        {
            fault = new GuestFault(FaultKind.MemoryOutOfBounds);
            return null;
        }

        if (Images.Begin(shape, out string refusal) is not { } machine)
        {
            // Nothing that the module did, nor what another engine would find.
            fault = new GuestFault(FaultKind.Deadline) { Refusal = refusal };
            return null;
        }

        var guest = new VmGuest(this, machine, limits);
        fault = guest.Begin();
        if (fault is null)
        {
            return guest;
        }

        guest.Dispose();
        return null;
    }

    /// <summary>Makes no more instances. Those that there are keep what they need.</summary>
    public void Dispose() => _isDisposed = true;

    private static long? EntryOf(GuestImage image, string export) =>
        image.EntryOf(GuestShape.Find(image.Facts.Module, export, ExternKind.Func)!.Value); // A guest has it.
}
