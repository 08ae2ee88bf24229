using System.Reflection.Emit;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Loops;

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
///   I5  Where the turns are counted, the counters hold throughout what they hold after the last turn, and the code
///       of a turn neither sets them nor reads them for anything but addresses that are covered.
/// </remarks>
internal sealed partial class FunctionCompiler
{
    // Of the copy that is being translated, if it is a first one.
    private LoopPlan? _plan;
    private LocalBuilder[] _pointers = [];

    // The state block while turns run that do not need it.
    private LocalBuilder? _aside;

    /// <summary>Emits the first copy of a loop, where there is to be one.</summary>
    /// <param name="loop">The second copy, which the caller emits after this.</param>
    /// <returns>Where both copies go on when they are through.</returns>
    private Label? EmitPlanned(in InstructionReader at, ControlFrame loop)
    {
        bool isSimple = loop.Type.Parameters.IsEmpty && loop.Type.Results.IsEmpty && _plan is null;
        if (!isSimple || PlanOf(at.End) is not { } plan)
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
        EmitTurns(plan, turns, checkedHead: loop.Target);
        EmitPointers(plan, steps);
        EmitCounters(plan, turns);
        bool isBare = plan.Turns is { CanTrap: false };
        if (isBare)
        {
            PutAside();
        }

        MarkLabel(head);
        EmitTurn(plan, turns, enter);
        EmitSteps(plan, steps);
        EmitFirstCopy(plan, at.End, new ControlFrame(Opcode.Loop, loop.Type, _stack.Height, head)
        {
            Straight = loop.Straight,
            Turns = plan.Turns is null ? null : new ControlFrame.Counted(turns, enter, isBare),
        });
        _emitter.Return(turns);
        foreach (var local in _pointers.Concat(steps.OfType<LocalBuilder>()))
        {
            _emitter.Return(local);
        }

        _il.Emit(OpCodes.Br, after);
        return after;
    }

    private LoopPlan? PlanOf(int start)
    {
        var plan = LoopPlan.Of(
            _function,
            _module.Module.Module.Types,
            new LoopBounds(Limits.UncheckedBodyBytesMax, Limits.UncheckedWalkCountMax),
            start,
            _region);

        // A turn that is not counted asks whether it is a sure one, which costs as much as a check.
        return plan is { Turns: null } && plan.Covered.Count < plan.Walks.Length * Limits.UncountedAccessesMin
            ? null
            : plan;
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

    // I4
    private void EmitTurn(LoopPlan plan, LocalBuilder turns, Label enter)
    {
        if (plan.Turns is { } count)
        {
            if (_module.IsMetered && count.CanTrap)
            {
                EmitCharge(plan.HeadFuel);
            }

            return;
        }

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
        EmitDecrement(turns);
    }

    // Where a turn is not the last of those that are sure, its branch back is.
    private void EmitEndOfTurn(LocalBuilder turns, Label head)
    {
        EmitDecrement(turns);
        _il.Emit(OpCodes.Ldloc, turns);
        _il.Emit(OpCodes.Brtrue, head);
    }

    // The turns that follow use neither the state block nor what is left of fuel. The JIT would keep both in registers
    // all the same and put what the turns work on into memory.
    private void PutAside()
    {
        StoreFuel();
        _il.Emit(OpCodes.Ldloca, _aside ??= _emitter.Declare(typeof(nint)));
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Volatile); // So the local is memory, and the argument dead until it is taken back.
        _il.Emit(OpCodes.Stind_I);
    }

    private void TakeBack()
    {
        _il.Emit(OpCodes.Ldloca, _aside!);
        _il.Emit(OpCodes.Volatile);
        _il.Emit(OpCodes.Ldind_I);
        _il.Emit(OpCodes.Starg_S, StateArgument);
        LoadFuel();
        LoadLimit();
    }

    private void EmitDecrement(LocalBuilder number)
    {
        _il.Emit(OpCodes.Ldloc, number);
        _il.Emit(OpCodes.Ldc_I4_1);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Stloc, number);
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

    // I5
    private void EmitCounters(LoopPlan plan, LocalBuilder turns)
    {
        if (plan.Turns is not { } count)
        {
            return;
        }

        foreach (var counter in count.Counters)
        {
            EmitAddressOf(counter.First);
            _il.Emit(OpCodes.Ldloc, turns);
            EmitOne();
            _il.Emit(OpCodes.Sub);
            EmitAddressOf(counter.Step);
            _il.Emit(OpCodes.Mul);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Conv_I4);
        }

        // One may be made of others, as they were.
        foreach (var counter in count.Counters.Reverse())
        {
            _emitter.StoreLocal(counter.Local);
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
}
