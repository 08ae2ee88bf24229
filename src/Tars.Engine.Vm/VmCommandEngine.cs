using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm;

/// <summary>Runs commands, each in a machine of its own, which waits while what they import is answered.</summary>
public sealed class VmCommandEngine : ICommandEngine
{
    private const string TooLarge = "its memory or its tables are larger than the limits allow";

    private readonly VmEngine _engine = VmEngine.Shared;

    public string Name => _engine.Name;

    public CommandLoad Load(ValidatedModule module, IHostFunctions host, GuestLimits limits)
    {
        if (CommandImports.Bind(module, host, out var numbers) is { } missing)
        {
            return new CommandLoad.Refused(missing);
        }

        var plan = ModulePlan.OfCommand(module, numbers, GuestMap.Control.Module, limits.TableElementsMax)
            with { Level = _engine.Level };
        if (Limits.ControlBytesMax < plan.Layout.Start + plan.Layout.Size || VmImages.Exceeds(module, limits))
        {
            return new CommandLoad.Refused(TooLarge); // Before it is compiled, which takes long.
        }

        var image = _engine.Compile(new ModuleFacts(plan), out string refusal);
        if (image is null)
        {
            return new CommandLoad.Refused(refusal);
        }

        var images = new VmImages(_engine.Host!, image); // What was compiled has a host.
        if (images.ShapeFor(limits) is not { } shape)
        {
            return new CommandLoad.Refused(TooLarge);
        }

        if (images.Begin(shape, out refusal) is not { } machine)
        {
            return new CommandLoad.Refused(refusal);
        }

        var fault = InstanceStart.Run(
            image,
            machine.Control,
            machine.MemorySize(window: 0),
            (at, octets) => machine.Write(window: 0, at, octets),
            limits.TableElementsMax);
        if (fault is not null)
        {
            images.Return(machine);
            return new CommandLoad.Faulted(fault);
        }

        return new CommandLoad.Ready(new VmCommand(images, machine, limits, host, numbers));
    }
}
