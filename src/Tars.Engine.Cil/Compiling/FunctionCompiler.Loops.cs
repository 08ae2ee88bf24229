using System.Reflection;
using System.Reflection.Emit;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Loops that are translated twice: with one check for many turns, and with all checks.</summary>
/// <remarks>
/// Before the first copy stands how many turns surely stay inside the memory and within the fuel. So many turns run
/// without the checks that the plan covers; then it is computed anew. When not even one turn is sure, the second copy
/// goes on with everything checked in its place, and it is the one that traps. Fuel is charged in both region by
/// region, so it is exact wherever the first copy is left.
///
/// Invariants:
///   I4  When the head of the first copy is passed, the addresses of this turn's covered accesses lie inside the
///       memory, and the fuel of the dearest way through this turn is there.
/// </remarks>
internal sealed partial class FunctionCompiler
{
    private static readonly MethodInfo _min = typeof(Math).GetMethod(nameof(Math.Min), [typeof(long), typeof(long)])!;
    private static readonly MethodInfo _max = typeof(Math).GetMethod(nameof(Math.Max), [typeof(long), typeof(long)])!;

    // Of the copy that is being translated, if it is a first one.
    private LoopPlan? _plan;
    private LocalBuilder[] _pointers = [];

    /// <summary>Emits the first copy of a loop, where there is to be one.</summary>
    /// <param name="checkedHead">The head of the second copy, which the caller emits after this.</param>
    /// <returns>Where both copies go on when they are through.</returns>
    private Label? EmitPlanned(in InstructionReader at, FuncType type, Label checkedHead)
    {
        bool isSimple = type.Parameters.IsEmpty && type.Results.IsEmpty && _plan is null;
        if (!isSimple || LoopAnalysis.Of(_function, _module.Module.Module.Types, at.End, _region) is not { } plan)
        {
            return null;
        }

        var enter = _il.DefineLabel();
        var head = _il.DefineLabel();
        var after = _il.DefineLabel();
        var turns = _emitter.Rent(typeof(long));
        _pointers = [.. plan.Walks.Select(_ => _emitter.Rent(typeof(nint)))];
        LocalBuilder?[] steps =
            [.. plan.Walks.Select(walk => walk.Step.IsConstant ? null : _emitter.Rent(typeof(nint)))];
        MarkLabel(enter);
        EmitTurns(plan, turns, checkedHead);
        EmitPointers(plan, steps);
        MarkLabel(head);
        EmitTurn(plan, turns, enter);
        EmitSteps(plan, steps);
        EmitFirstCopy(plan, at.End, new ControlFrame(Opcode.Loop, type, _stack.Height, head));
        _emitter.Return(turns);
        foreach (var local in _pointers.Concat(steps.OfType<LocalBuilder>()))
        {
            _emitter.Return(local);
        }

        _il.Emit(OpCodes.Br, after);
        return after;
    }

    private void EmitFirstCopy(LoopPlan plan, int start, ControlFrame frame)
    {
        int region = _region++; // Charged by EmitTurn.
        _plan = plan;
        _frames.Add(frame);
        int depth = _frames.Count;
        var reader = new InstructionReader(_function.Body.Span, start);
        while (depth <= _frames.Count && reader.Next())
        {
            ChargeRegion(reader.Position);
            _ = Emit(ref reader); // What has no translation is told of by the second copy.
        }

        _plan = null;
        _region = region;
    }

    // Leaves in the local at how much fuel to stop; or, where there is no fuel, how many turns to take.
    private void EmitTurns(LoopPlan plan, LocalBuilder turns, Label checkedHead)
    {
        long turnsMax = Math.Clamp(Limits.UncheckedFuelMax / plan.BodyFuel, 1, Limits.UncheckedTurnsMax);
        _il.Emit(OpCodes.Ldc_I8, turnsMax);
        _il.Emit(OpCodes.Stloc, turns);
        var room = _emitter.Rent(typeof(long));
        foreach (var walks in plan.Walks.GroupBy(walk => (walk.Step.IsConstant, walk.Step.Constant)))
        {
            if (walks.Key.IsConstant && 0 <= (int)walks.Key.Constant)
            {
                EmitRoomAbove(walks.First(), room, checkedHead);
                foreach (var walk in walks.Skip(1))
                {
                    var other = _emitter.Rent(typeof(long));
                    EmitRoomAbove(walk, other, checkedHead);
                    EmitLesser(room, () => _il.Emit(OpCodes.Ldloc, other));
                    _emitter.Return(other);
                }

                EmitTurnsIn(room, turns, () => _il.Emit(OpCodes.Ldc_I8, (long)walks.Key.Constant), walks.Key.Constant);
                continue;
            }

            foreach (var walk in walks)
            {
                EmitOddWalk(walk, room, turns, checkedHead);
            }
        }

        _emitter.Return(room);
        if (_module.IsMetered)
        {
            EmitStop(plan, turns, checkedHead);
        }
    }

    // A walk downwards, or one whose step is not known before it runs.
    private void EmitOddWalk(LoopPlan.Walk walk, LocalBuilder room, LocalBuilder turns, Label checkedHead)
    {
        EmitRoomAbove(walk, room, checkedHead);
        if (walk.Step.IsConstant)
        {
            EmitAddressOf(walk.First);
            _il.Emit(OpCodes.Stloc, room);
            uint down = 0 - walk.Step.Constant;
            EmitTurnsIn(room, turns, () => _il.Emit(OpCodes.Ldc_I8, (long)down), down);
            return;
        }

        // Zero stays where it is, so any number of turns will do; one is as good a divisor.
        EmitTurnsIn(
            room,
            turns,
            () =>
            {
                EmitAddressOf(walk.Step);
                _il.Emit(OpCodes.Ldc_I4_1);
                _il.Emit(OpCodes.Conv_I8);
                _il.Emit(OpCodes.Call, _max);
            },
            step: null);
    }

    // How many octets lie between the end of the walk's first turn and the end of the memory.
    private void EmitRoomAbove(LoopPlan.Walk walk, LocalBuilder room, Label checkedHead)
    {
        if (_module.MemoryIsFixed)
        {
            _il.Emit(OpCodes.Ldc_I8, _module.MemoryBytesMin - walk.Width);
        }
        else
        {
            EmitMemorySize();
            _il.Emit(OpCodes.Conv_U8);
            _il.Emit(OpCodes.Ldc_I8, walk.Width);
            _il.Emit(OpCodes.Sub);
        }

        EmitAddressOf(walk.First);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Stloc, room);
        _il.Emit(OpCodes.Ldloc, room);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Blt, checkedHead);
    }

    /// <param name="step">Null when it is not known here.</param>
    private void EmitTurnsIn(LocalBuilder room, LocalBuilder turns, Action emitStep, uint? step)
    {
        if (step is 0)
        {
            return;
        }

        // Where there is plenty of room, as nearly always, no division is needed.
        var plenty = _il.DefineLabel();
        if (step is { } known)
        {
            _il.Emit(OpCodes.Ldloc, room);
            _il.Emit(OpCodes.Ldc_I8, known * (long)Limits.UncheckedTurnsMax);
            _il.Emit(OpCodes.Bge, plenty);
        }

        EmitLesser(turns, () =>
        {
            _il.Emit(OpCodes.Ldloc, room);
            if (step is not 1)
            {
                emitStep();
                _il.Emit(OpCodes.Div_Un);
            }

            _il.Emit(OpCodes.Ldc_I4_1);
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Add);
        });
        _il.MarkLabel(plenty);
    }

    private void EmitStop(LoopPlan plan, LocalBuilder turns, Label checkedHead)
    {
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldloc, turns);
        _il.Emit(OpCodes.Ldc_I4_1);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Ldc_I8, (long)plan.HeadFuel);
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Sub);
        EmitStateAddress(StateLayout.Floor);
        _il.Emit(OpCodes.Volatile);
        _il.Emit(OpCodes.Ldind_I8);
        _il.Emit(OpCodes.Ldc_I8, (long)plan.BodyFuel);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Call, _max);
        _il.Emit(OpCodes.Stloc, turns);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldloc, turns);
        _il.Emit(OpCodes.Blt, checkedHead);
    }

    // I4
    private void EmitTurn(LoopPlan plan, LocalBuilder turns, Label enter)
    {
        if (_module.IsMetered)
        {
            _il.Emit(OpCodes.Ldarg_2);
            _il.Emit(OpCodes.Ldloc, turns);
            _il.Emit(OpCodes.Blt, enter);
            EmitCharge(plan.HeadFuel);
            return;
        }

        _il.Emit(OpCodes.Ldloc, turns);
        _il.Emit(OpCodes.Brfalse, enter);
        _il.Emit(OpCodes.Ldloc, turns);
        _il.Emit(OpCodes.Ldc_I4_1);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Stloc, turns);
    }

    // One step before the first turn, because each turn begins with a step.
    private void EmitPointers(LoopPlan plan, LocalBuilder?[] steps)
    {
        for (int place = 0; place < _pointers.Length; place++)
        {
            var walk = plan.Walks[place];
            if (steps[place] is { } step)
            {
                EmitAddressOf(walk.Step);
                _il.Emit(OpCodes.Conv_I);
                _il.Emit(OpCodes.Stloc, step);
            }

            EmitMemoryBase();
            EmitAddressOf(walk.First);
            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Add);
            EmitStepOf(walk, steps[place]);
            _il.Emit(OpCodes.Sub);
            _il.Emit(OpCodes.Stloc, _pointers[place]);
        }
    }

    private void EmitSteps(LoopPlan plan, LocalBuilder?[] steps)
    {
        for (int place = 0; place < _pointers.Length; place++)
        {
            _il.Emit(OpCodes.Ldloc, _pointers[place]);
            EmitStepOf(plan.Walks[place], steps[place]);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Stloc, _pointers[place]);
        }
    }

    private void EmitStepOf(LoopPlan.Walk walk, LocalBuilder? step)
    {
        if (step is not null)
        {
            _il.Emit(OpCodes.Ldloc, step);
        }
        else
        {
            EmitWord((int)walk.Step.Constant);
        }
    }

    private void EmitLesser(LocalBuilder target, Action emitOther)
    {
        _il.Emit(OpCodes.Ldloc, target);
        emitOther();
        _il.Emit(OpCodes.Call, _min);
        _il.Emit(OpCodes.Stloc, target);
    }

    // The sum modulo 2³², zero-extended.
    private void EmitAddressOf(Affine sum)
    {
        _il.Emit(OpCodes.Ldc_I4, (int)sum.Constant);
        foreach (var (local, factor) in sum.Terms)
        {
            _emitter.EmitLeaf(_emitter.ReadLocal(local));
            if (factor != 1)
            {
                _il.Emit(OpCodes.Ldc_I4, (int)factor);
                _il.Emit(OpCodes.Mul);
            }

            _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Conv_U8);
    }
}
