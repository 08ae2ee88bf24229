using Tars.Bundle.Wasm;
using Tars.Lang.Emitting;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>The process's random generator: where its state lies, and that an event which draws saves it.</summary>
internal sealed class Randoms(Emitter unit, Root root)
{
    private Term State => Body.Late(() => unit.Module.StateBase + root.Fields).ExtendUnsigned();

    /// <summary>A float in [0, 1).</summary>
    public Term Float => Drawn(ValType.F64, "share");

    /// <summary>An int from low to high, both included.</summary>
    public Term Int(Term low, Term high) => Drawn(ValType.I64, "whole", low, high);

    public void Seed(Body body, Term seed)
    {
        new Undo(unit.Module).TouchRoot(body, root);
        body.Call(unit.Standard(StandardModule.Random, "seed"), State, seed);
    }

    private Term Drawn(ValType type, string function, params Term[] arguments) => Term.Of(type, body =>
    {
        new Undo(unit.Module).TouchRoot(body, root);
        body.Call(unit.Standard(StandardModule.Random, function), [State, .. arguments]);
    });
}
