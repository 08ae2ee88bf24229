using System.Reflection;
using System.Reflection.Emit;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Compiling;

/// <summary>The cold blocks at the end of a method.</summary>
internal sealed partial class FunctionCompiler
{
    private static readonly MethodInfo _trapAt = Method(typeof(TrapException), nameof(TrapException.At));
    private static readonly MethodInfo _trapStatus = Method(typeof(TrapException), nameof(TrapException.Status));
    private static readonly MethodInfo _trapBurnt = Method(typeof(TrapException), nameof(TrapException.Burnt));

    private readonly List<(Label Label, FaultKind Kind, int Offset)> _traps = [];
    private readonly Dictionary<FaultKind, Label> _sharedTraps = [];
    private readonly List<(Label Label, LocalBuilder Status, int Offset, bool FuelIsStored)> _statusTraps = [];
    private Label? _burnt;

    /// <summary>A block that ends the call with a fault; the IL stack must be empty where it is jumped to.</summary>
    private Label TrapAt(FaultKind kind, int offset)
    {
        if (Limits.TrapPlaceCountMax <= _traps.Count)
        {
            if (_sharedTraps.TryGetValue(kind, out var shared))
            {
                return shared;
            }

            offset = -1;
        }

        var label = _il.DefineLabel();
        _traps.Add((label, kind, offset));
        if (offset == -1)
        {
            _sharedTraps.Add(kind, label);
        }

        return label;
    }

    private Label BurntTrap() => _burnt ??= _il.DefineLabel();

    /// <summary>Ends the call unless the status on the IL stack is fine.</summary>
    /// <param name="fuelIsStored">The helper that gave the status may have charged fuel in the state block.</param>
    private void EmitStatusCheck(int offset, bool fuelIsStored)
    {
        var status = _emitter.Rent(typeof(int));
        var label = _il.DefineLabel();
        _il.Emit(OpCodes.Stloc, status);
        _il.Emit(OpCodes.Ldloc, status);
        _il.Emit(OpCodes.Brtrue, label);
        _emitter.Return(status);
        _statusTraps.Add((label, status, offset, fuelIsStored));
    }

    private void EmitTraps()
    {
        int function = _function.Index.Value;
        foreach (var (label, kind, offset) in _traps)
        {
            _il.MarkLabel(label);
            StoreFuel(); // I1
            _il.Emit(OpCodes.Ldc_I4, (int)kind);
            EmitThrow(_trapAt, function, offset);
        }

        foreach (var (label, status, offset, fuelIsStored) in _statusTraps)
        {
            _il.MarkLabel(label);
            if (!fuelIsStored)
            {
                StoreFuel(); // I1
            }

            _il.Emit(OpCodes.Ldloc, status);
            EmitThrow(_trapStatus, function, offset);
        }

        if (_burnt is { } burnt)
        {
            _il.MarkLabel(burnt);
            StoreFuel();
            _il.Emit(OpCodes.Ldarg_2);
            _il.Emit(OpCodes.Ldc_I4, function);
            _il.Emit(OpCodes.Call, _trapBurnt);
            _il.Emit(OpCodes.Throw);
        }
    }

    private void EmitThrow(MethodInfo make, int function, int offset)
    {
        _il.Emit(OpCodes.Ldc_I4, function);
        _il.Emit(OpCodes.Ldc_I4, offset);
        _il.Emit(OpCodes.Call, make);
        _il.Emit(OpCodes.Throw);
    }
}
