using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Emitting;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Symbols;

namespace Tars.Lang.Folding;

/// <summary>
/// Works out constants and initial values when a module is checked, by running their compiled code in the oracle.
/// </summary>
/// <remarks>
/// Literals need no run, and a module that has nothing else costs nothing here. The result is a tree of literals
/// (<see cref="ConstantSymbol.Folded"/>); without one a value is worked out at run time, as one that reads a param is.
///
/// Invariants:
///   I1  What all values of a module may use together is bounded, so checking ends in bounded time.
///   I2  A value that needs one which was reported is not reported again.
/// </remarks>
internal sealed class ValueFolder
{
    private readonly List<PureValue> _values;
    private readonly OracleInstance _instance;
    private long _fuel = Limits.ConstantFuelMax;

    private ValueFolder(List<PureValue> values, OracleInstance instance)
    {
        _values = values;
        _instance = instance;
    }

    /// <summary>Folds what the module declares; of the modules that it imports, that is done.</summary>
    /// <param name="report">Takes what is to say about a value.</param>
    public static void Fold(ModuleSymbol module, Action<Diagnostic> report)
    {
        var values = new List<PureValue>();
        foreach (var constant in module.ConstantsByNeed.Where(one => !LiteralTree.IsLiteral(one.Value!)))
        {
            values.Add(new PureValue(constant.Name, constant.Value!, constant, State: null));
        }

        foreach (var field in module.Agents.SelectMany(agent => agent.State))
        {
            if (field.Initial is { } initial && !LiteralTree.IsLiteral(initial))
            {
                values.Add(new PureValue(field.Name, initial, Constant: null, field));
            }
        }

        if (values.Count == 0)
        {
            return;
        }

        // Code beyond the limits of a bundle is not run here: building the bundle will say so.
        var code = Emitter.EmitValues(module, BuiltInSymbols.Failure, values);
        if (ModuleValidator.Validate(code) is ValidationResult.Valid valid
            && OracleInstance.Instantiate(valid.Module, _ => null, LimitsOf(Limits.ConstantFuelMax))
                is Instantiation.Ready ready)
        {
            new ValueFolder(values, ready.Instance).Run(report);
        }
    }

    private void Run(Action<Diagnostic> report)
    {
        var run = (OracleExtern.OfFunc?)_instance.Export(GuestExports.Run);
        Invariant.Holds(run is not null);
        for (int place = 0; place < _values.Count; place++)
        {
            var result = OracleInstance.Call(run.Function, [Value.Of(place)], LimitsOf(_fuel));
            _fuel = Math.Max(1, _fuel - result.FuelUsed); // I1
            if (result is OracleResult.Trapped trapped)
            {
                ReportTrap(place, trapped.Trap, report);
            }
            else
            {
                Keep(_values[place]);
            }
        }
    }

    private void Keep(PureValue value)
    {
        int start = Read(MemoryMap.OutBase);
        int size = Read(MemoryMap.OutAt) - start;
        if ((value.Constant is null ? Limits.InitialBytesMax : Limits.ConstantBytesMax) < size)
        {
            return;
        }

        var reader = new ByteReader(_instance.Memory!.Bytes.Slice(start, size));
        var literal = LiteralTree.Read(ref reader, value.Expr.Type, value.Expr.Span);
        Invariant.Holds(!reader.Failed);
        Invariant.Holds(reader.AtEnd);
        if (value.Constant is { } constant)
        {
            constant.Folded = literal;
        }

        if (value.State is { } state)
        {
            state.Folded = literal;
        }
    }

    private void ReportTrap(int place, WasmTrap trap, Action<Diagnostic> report)
    {
        var value = _values[place];
        var why = (GuestTrap)Read(MemoryMap.Control + ControlBlock.TrapCode);
        bool isOwn = Read(MemoryMap.FoldedValue) == place + 1;
        bool readsParam = Read(MemoryMap.FoldReadsParam) != 0;
        // An initial value may read params: it is worked out at birth then.
        if (isOwn && !(readsParam && value.State is not null)) // I2
        {
            report(readsParam
                ? Report.ConstantReadsParam(value.Expr.Span, value.Name)
                : Report.ValueFails(value.Expr.Span, value.Name, Describe(trap, why)));
        }
    }

    private static string Describe(WasmTrap trap, GuestTrap why) =>
        trap == WasmTrap.OutOfFuel ? "it takes too long"
        : TrapWords.Of(trap == WasmTrap.StackExhausted ? GuestTrap.StackExhausted : why);

    private int Read(int address) => BitConverter.ToInt32(_instance.Memory!.Bytes.Slice(address, sizeof(int)));

    private static OracleLimits LimitsOf(long fuel) => new(
        fuel, Limits.ConstantDepthMax, Limits.ConstantPagesMax, TableElements: 0);
}

/// <summary>A constant or an initial value that is to be worked out.</summary>
internal sealed record PureValue(string Name, BoundExpr Expr, ConstantSymbol? Constant, StateSymbol? State);
