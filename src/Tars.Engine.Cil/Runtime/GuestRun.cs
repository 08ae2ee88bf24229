using Tars.Engine.Cil.Compiling;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Runtime;

/// <summary>
/// Runs guest code to its end on a stack that is large enough, and makes a result of however it ends.
/// </summary>
internal static class GuestRun
{
    [ThreadStatic]
    private static Instance? _current;

    /// <summary>The instance that was called last on this thread and whose call is not over.</summary>
    public static Instance Current => _current!; // Only running code asks.

    public static GuestResult Run(Instance instance, long fuel, CompiledModule.Entry entry) =>
        HasRoom(instance)
            ? RunHere(instance, fuel, entry)
            : RunThere(instance, fuel, entry);

    public static GuestResult Run(Instance instance, long fuel, Action<nint, int, long, int> entry, int argument) =>
        HasRoom(instance)
            ? RunHere(instance, fuel, entry, argument)
            : RunThere(instance, fuel, entry, argument);

    private static GuestResult RunHere(Instance instance, long fuel, CompiledModule.Entry entry)
    {
        var state = Prepare(instance, fuel);
        var caller = _current;
        _current = instance;
        GuestFault? fault = null;
        try
        {
            entry(state.Address, instance.Limits.DepthSlotsMax);
        }
        catch (TrapException trap)
        {
            fault = trap.Fault;
        }
        finally
        {
            _current = caller;
        }

        return Finish(instance, fuel, fault);
    }

    private static GuestResult RunHere(
        Instance instance, long fuel, Action<nint, int, long, int> entry, int argument)
    {
        var state = Prepare(instance, fuel);
        var caller = _current;
        _current = instance;
        GuestFault? fault = null;
        try
        {
            entry(state.Address, instance.Limits.DepthSlotsMax, fuel, argument);
        }
        catch (TrapException trap)
        {
            fault = trap.Fault;
        }
        finally
        {
            _current = caller;
        }

        return Finish(instance, fuel, fault);
    }

    // Apart from Run, which would otherwise allocate for the lambda at each call.
    private static GuestResult RunThere(Instance instance, long fuel, CompiledModule.Entry entry) =>
        OnOwnStack(instance, () => RunHere(instance, fuel, entry));

    private static GuestResult RunThere(
        Instance instance, long fuel, Action<nint, int, long, int> entry, int argument) =>
        OnOwnStack(instance, () => RunHere(instance, fuel, entry, argument));

    private static MemoryState Prepare(Instance instance, long fuel)
    {
        var state = instance.State;
        state.Fuel = fuel;
        state.Floor = 0;
        instance.SetStackLimit(MachineStack.Lowest + Cil.Limits.StackReserveBytes);
        return state;
    }

    private static GuestResult Finish(Instance instance, long fuel, GuestFault? fault)
    {
        var result = new GuestResult(fuel - instance.State.Fuel, fault);
        GC.KeepAlive(instance); // Generated code holds a plain address.
        return result;
    }

    private static bool HasRoom(Instance instance) =>
        MachineStack.Lowest != 0 && StackBytesFor(instance) <= MachineStack.Here() - MachineStack.Lowest;

    private static long StackBytesFor(Instance instance) =>
        Cil.Limits.StackReserveBytes + ((long)instance.Limits.DepthSlotsMax * Cil.Limits.StackBytesPerSlot);

    private static GuestResult OnOwnStack(Instance instance, Func<GuestResult> call)
    {
        GuestResult result = default;
        int size = (int)Math.Min(StackBytesFor(instance) + Cil.Limits.StackReserveBytes, int.MaxValue);
        var thread = new Thread(() => result = call(), size) { Name = "guest", IsBackground = true };
        thread.Start();
        thread.Join();
        return result;
    }
}
