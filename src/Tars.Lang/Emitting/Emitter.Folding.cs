using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Folding;
using Tars.Lang.Library;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>A module that does nothing but work out constants and initial values, by the code of a bundle.</summary>
internal sealed partial class Emitter
{
    private readonly Dictionary<ConstantSymbol, int> _folded = [];

    /// <summary>The params have no values then, so code that reads one stops.</summary>
    public bool IsFolding { get; private init; }

    /// <summary>Its run takes the place of a value in the list and leaves the value's encoding in the output.</summary>
    public static WasmModule EmitValues(ModuleSymbol symbol, RecordSymbol failure, IReadOnlyList<PureValue> values)
    {
        var emitter = new Emitter(symbol, failure) { IsFolding = true };
        for (int place = 0; place < values.Count; place++)
        {
            if (values[place].Constant is { } constant)
            {
                emitter._folded.Add(constant, place + 1);
            }
        }

        var module = emitter.Module;
        var run = module.Routine(GuestExports.Run, [ValType.I32], [], body =>
        {
            body.Store32(MemoryMap.StackTop, MemoryMap.Stack);
            body.Store32(MemoryMap.Control, 0, ControlBlock.TrapCode);
            body.Store32(MemoryMap.FoldReadsParam, 0);
            Output.UseScratch(body);
            Action[] cases =
                [.. values.Select((one, place) => (Action)(() => emitter.EncodeValue(body, one, place + 1)))];
            Switch(body, body.Parameters[0], cases, GuestTrap.MalformedEvent);
        });
        module.LaidOut = () => emitter._constants.End;
        return module.Build(run, emitter.Reserve);
    }

    private void EncodeValue(Body body, PureValue value, int number)
    {
        var layout = Layouts.Of(value.Expr.Type);
        if (value.Constant is { } constant)
        {
            Wire.EncodeAt(body, layout, ConstantAt(constant));
            return;
        }

        body.Store32(MemoryMap.FoldedValue, number);
        var place = Frames.Enter(body, (layout.Size + 7) & ~7);
        body.Call(
            Module.RoutineOf(value, value.Name, [ValType.I32], [], inner =>
                new CodeEmitter(this, inner, _symbol.Name, agent: null, Layouts.Of(new LangType.Unit())).WriteInto(
                    value.Expr, new Home.Memory(inner.Parameters[0], 0))),
            place);
        Wire.EncodeAt(body, layout, place);
    }

    /// <summary>Says which value is worked out from here on; the answer is for <see cref="EndFold"/>.</summary>
    private Variable? BeginFold(Body body, ConstantSymbol constant)
    {
        if (!IsFolding)
        {
            return null;
        }

        var outer = body.I32(Term.I32(MemoryMap.FoldedValue).Load32());
        body.Store32(MemoryMap.FoldedValue, _folded.GetValueOrDefault(constant, -1));
        return outer;
    }

    private static void EndFold(Body body, Variable? outer)
    {
        if (outer is not null)
        {
            body.Store32(MemoryMap.FoldedValue, outer);
        }
    }
}
