using Tars.Engine.Cil.Compiling;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Runtime;

/// <summary>
/// Runs guest code to its end on a stack that is large enough, and makes a result of however it ends.
/// </summary>
internal static class GuestRun
{
    public static GuestResult Run(Instance instance, long fuel, CompiledModule.Entry entry)
    {
        if (instance.Limits.DepthSlotsMax <= Cil.Limits.DepthSlotsOnCallerMax)
        {
            return RunHere(instance, fuel, entry);
        }

        GuestResult result = default;
        OnOwnStack(instance, () => result = RunHere(instance, fuel, entry));
        return result;
    }

    public static GuestResult Run(Instance instance, long fuel, Action<nint, int, int> entry, int argument)
    {
        if (instance.Limits.DepthSlotsMax <= Cil.Limits.DepthSlotsOnCallerMax)
        {
            return RunHere(instance, fuel, entry, argument);
        }

        GuestResult result = default;
        OnOwnStack(instance, () => result = RunHere(instance, fuel, entry, argument));
        return result;
    }

    private static GuestResult RunHere(Instance instance, long fuel, CompiledModule.Entry entry)
    {
        var state = Prepare(instance, fuel);
        GuestFault? fault = null;
        try
        {
            entry(state.Address, instance.Limits.DepthSlotsMax);
        }
        catch (TrapException trap)
        {
            fault = trap.Fault;
        }

        return Finish(instance, fuel, fault);
    }

    private static GuestResult RunHere(Instance instance, long fuel, Action<nint, int, int> entry, int argument)
    {
        var state = Prepare(instance, fuel);
        GuestFault? fault = null;
        try
        {
            entry(state.Address, instance.Limits.DepthSlotsMax, argument);
        }
        catch (TrapException trap)
        {
            fault = trap.Fault;
        }

        return Finish(instance, fuel, fault);
    }

    private static MemoryState Prepare(Instance instance, long fuel)
    {
        var state = instance.State;
        state.Fuel = fuel;
        state.Floor = 0;
        return state;
    }

    private static GuestResult Finish(Instance instance, long fuel, GuestFault? fault)
    {
        var result = new GuestResult(fuel - instance.State.Fuel, fault);
        GC.KeepAlive(instance); // Generated code holds a plain address.
        return result;
    }

    private static void OnOwnStack(Instance instance, Action action)
    {
        long size = Cil.Limits.StackReserveBytes
            + ((long)instance.Limits.DepthSlotsMax * Cil.Limits.StackBytesPerSlot);
        var thread = new Thread(() => action(), (int)Math.Min(size, int.MaxValue)) { Name = "guest" };
        thread.Start();
        thread.Join();
    }
}
