using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm;

/// <summary>One module's code as machines are loaded with it, for whatever limits they have.</summary>
internal sealed class VmImages(VmHost host, GuestImage image)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<VmShape, VmImage> _images = [];

    public GuestImage Image => image;

    private ValidatedModule Module => image.Facts.Module;

    /// <summary>How large a machine has to be; null when the limits do not allow what the module begins with.</summary>
    public VmShape? ShapeFor(GuestLimits limits)
    {
        var pages = Module.Memories.IsEmpty ? new WasmRange(0, 0) : Module.Memories[0].Pages;
        long allowed = Math.Min(limits.MemoryBytesMax, (long)WasmLimits.MemoryPagesMax * WasmLimits.PageSize);
        long most = Math.Min(
            (pages.Maximum ?? WasmLimits.MemoryPagesMax) * (long)WasmLimits.PageSize,
            allowed / WasmLimits.PageSize * WasmLimits.PageSize);
        long size = pages.Minimum * (long)WasmLimits.PageSize;
        return Exceeds(Module, limits)
            ? null
            : new VmShape(
                image.Text.Length,
                image.ReadOnly.Length,
                image.Facts.Plan.Layout.End,
                (int)Math.Min(image.Stack.BytesAt(limits.DepthSlotsMax), Limits.StackBytesMax),
                size,
                most);
    }

    /// <summary>Whether the limits do not allow what a module begins with.</summary>
    public static bool Exceeds(ValidatedModule module, GuestLimits limits) =>
        (!module.Memories.IsEmpty
            && limits.MemoryBytesMax < module.Memories[0].Pages.Minimum * (long)WasmLimits.PageSize)
        || limits.TableElementsMax < InstanceStart.ElementsAtStart(module);

    /// <summary>A machine with the code in it, and nothing yet of the instance; null when the system has none left,
    /// and what it said.</summary>
    public MicroVm? Begin(VmShape shape, out string refusal)
    {
        try
        {
            refusal = "";
            return host.Start(ImageFor(shape));
        }
        catch (KvmException none)
        {
            refusal = $"the system gives no more micro-VMs: {none.Message}";
            return null;
        }
    }

    public void Return(MicroVm machine) => host.Give(machine);

    private VmImage ImageFor(VmShape shape)
    {
        lock (_gate)
        {
            if (!_images.TryGetValue(shape, out var found))
            {
                _images[shape] = found = new VmImage(shape, image.Text, image.ReadOnly, Control: default);
            }

            return found;
        }
    }
}
