using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Judging;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>A module that does nothing but evaluate expressions over values that it is given.</summary>
internal sealed partial class Emitter
{
    /// <summary>
    /// Its run takes the params and strengths for 0, else what is given to the expression with that number, from 1,
    /// and leaves the encoding of its value in the output. What it takes lies in the event ring as one record.
    /// </summary>
    public static WasmModule EmitJudge(ModuleSymbol symbol, RecordSymbol failure, IReadOnlyList<GivenValue> values)
    {
        var emitter = new Emitter(symbol, failure);
        var module = emitter.Module;
        var run = module.Routine(GuestExports.Run, [ValType.I32], [], body =>
        {
            body.Store32(Control, 0, ControlBlock.TrapCode);
            ClearTransient(body, body.I32(Control.Load32(ControlBlock.EventsBase)));
            Action[] cases =
            [
                () => body.Call(emitter.Settings),
                .. values.Select((one, place) => (Action)(() => body.Call(emitter.ValueOf(one, place)))),
            ];
            Switch(body, body.Parameters[0], cases, GuestTrap.MalformedEvent);
        });
        module.LaidOut = () => emitter._constants.End;
        return module.Build(run, emitter.Reserve);
    }

    private Routine Settings => Module.Routine("judge.settings", [], [], body =>
    {
        var at = BeginPayload(body);
        DecodeParams(body, at);
        Undo.TouchRoot(body, _strengths);
        for (int belief = 0; belief < _strengths.Size / 8; belief++)
        {
            body.Set(at, Wire.Decode(Layouts.Of(new LangType.Float()), borrow: false).Call(StrengthAt(belief), at));
        }

        EndPayload(body, at);
    });

    private Routine ValueOf(GivenValue value, int place) => Module.Routine($"judge.{place}", [], [], body =>
        new CodeEmitter(this, body, module: null, agent: null, Layouts.Of(new LangType.Unit()))
            .WriteGiven(value.Given, value.Value));
}
