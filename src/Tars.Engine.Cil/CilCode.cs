using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Compiling;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil;

/// <summary>The code of a guest's module: makes instances.</summary>
internal sealed class CilCode : IGuestCode
{
    private CompiledModule? _code;

    public CilCode(CompiledModule code)
    {
        _code = code;
        Run = EntryOf(code, GuestExports.Run);
        Reserve = EntryOf(code, GuestExports.Reserve);
    }

    /// <param name="other">Code that differs in open functions alone, which nobody outside calls.</param>
    public CilCode(CompiledModule code, CilCode other)
    {
        _code = code;
        Run = other.Run;
        Reserve = other.Reserve;
    }

    internal Action<nint, int, long, int> Run { get; }

    internal Action<nint, int, long, int> Reserve { get; }

    public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault)
    {
        ObjectDisposedException.ThrowIf(_code is null, this);
        if (Instance.Create(_code, limits, []) is not { } instance)
        {
            fault = new GuestFault(FaultKind.MemoryOutOfBounds);
            return null;
        }

        fault = instance.CopySegments() ?? Start(instance);
        if (fault is null)
        {
            return new CilGuest(this, instance);
        }

        instance.Dispose();
        return null;
    }

    /// <summary>Makes no more instances. The code itself goes when the last instance has gone.</summary>
    public void Dispose() => _code = null;

    private static GuestFault? Start(Instance instance) => instance.Code.Module.Start is { } start
        ? GuestRun.Run(instance, Limits.StartFuelMax, instance.Code.EntryOf(start.Value)).Fault
        : null;

    private static Action<nint, int, long, int> EntryOf(CompiledModule code, string export)
    {
        int function = GuestShape.Find(code.Validated, export, ExternKind.Func)!.Value;
        return code.Method(function).CreateDelegate<Action<nint, int, long, int>>();
    }
}
