using System.Buffers.Binary;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm;

/// <summary>Runs one call in a machine to its end, and makes a result of however it ends (data plane).</summary>
/// <remarks>Invariant: what stands in the control area is the guest's word; each number is checked before it is
/// used.</remarks>
internal static class VmCall
{
    public static GuestResult Run(
        MicroVm machine, GuestImage image, long entry, long fuel, int depthSlots, in VmCallTerms terms)
    {
        var control = machine.Control;
        BinaryPrimitives.WriteInt64LittleEndian(control[GuestMap.Control.Fuel..], fuel);
        BinaryPrimitives.WriteInt64LittleEndian(control[GuestMap.Control.Depth..], depthSlots);
        var exit = machine.Run(entry, hostCallsMax: terms.HostCallsMax);
        int growthCount = 0;
        while (exit.Kind == VmExitKind.HostCall)
        {
            if (exit.Number != GuestMap.HostCall.MemoryGrow)
            {
                var answer = terms.Answer?.Invoke(exit.Number) ?? VmAnswer.Unknown;
                if (answer != VmAnswer.GoesOn)
                {
                    return new GuestResult(UsedOf(machine, fuel), answer is VmAnswer.Unknown ? Broken(machine) : null);
                }
            }
            else if (terms.GrowthCountMax < ++growthCount)
            {
                return new GuestResult(fuel, new GuestFault(FaultKind.OutOfFuel));
            }
            else
            {
                GrowMemory(machine);
            }

            exit = machine.Resume();
        }

        return new GuestResult(UsedOf(machine, fuel), FaultOf(machine, image, exit, terms));
    }

    private static long UsedOf(MicroVm machine, long fuel)
    {
        long left = BinaryPrimitives.ReadInt64LittleEndian(machine.Control[GuestMap.Control.Fuel..]);
        return Math.Max(left <= fuel ? fuel - left : 0, 0);
    }

    private static void GrowMemory(MicroVm machine)
    {
        var block = machine.Control[GuestMap.Control.CallBlock..];
        uint pages = BinaryPrimitives.ReadUInt32LittleEndian(block[GuestMap.Control.CallSlotSize..]);
        long before = machine.MemorySize(window: 0);
        bool isDone = machine.TryResize(window: 0, before + (pages * (long)WasmLimits.PageSize));
        int answer = isDone ? (int)(before / WasmLimits.PageSize) : -1;
        BinaryPrimitives.WriteInt32LittleEndian(machine.Control[GuestMap.Control.CallBlock..], answer);
    }

    private static GuestFault? FaultOf(MicroVm machine, GuestImage image, VmExit exit, in VmCallTerms terms)
    {
        switch (exit.Kind, exit.Fault.Kind)
        {
            case (VmExitKind.Done, _):
                return null;
            case (VmExitKind.Fault, VmFaultKind.OutOfMemoryBounds):
                return image.AccessFault(exit.Fault.Instruction);
            case (VmExitKind.Fault, VmFaultKind.StackExhausted):
                return new GuestFault(terms.StackFault);
            case (VmExitKind.Fault, VmFaultKind.Trap) when !GuestImage.IsTrap(exit.Fault.Trap):
                return Broken(machine);
            case (VmExitKind.Fault, VmFaultKind.Trap):
                long place = BinaryPrimitives.ReadInt64LittleEndian(machine.Control[GuestMap.Control.TrapPlace..]);
                return image.ExplicitFault(exit.Fault.Trap, place);
            default:
                // It was aborted, or did what no correct code does: neither would happen again on another engine.
                return new GuestFault(FaultKind.Deadline);
        }
    }

    // What no correct code asks for. The machine runs no more.
    private static GuestFault Broken(MicroVm machine)
    {
        machine.Poison();
        return new GuestFault(FaultKind.Deadline);
    }
}
