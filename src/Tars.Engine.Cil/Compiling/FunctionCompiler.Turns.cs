using System.Reflection;
using System.Reflection.Emit;
using Tars.Bundle.Wasm.Loops;
using Tars.Engine.Cil.Runtime;

namespace Tars.Engine.Cil.Compiling;

/// <summary>How many turns of a planned loop are sure: what stands before its first copy.</summary>
internal sealed partial class FunctionCompiler
{
    private static readonly MethodInfo _min = typeof(Math).GetMethod(nameof(Math.Min), [typeof(long), typeof(long)])!;
    private static readonly MethodInfo _max = typeof(Math).GetMethod(nameof(Math.Max), [typeof(long), typeof(long)])!;

    // What is hardly ever needed, emitted at the method's end so that the JIT lays it out there.
    private readonly List<Action> _seldom = [];

    // Leaves in the local how many turns to take; or, where turns are not counted and cost fuel, at how much to stop.
    private void EmitTurns(LoopPlan plan, LocalBuilder turns, Label checkedHead)
    {
        long turnsMax = Math.Clamp(Limits.UncheckedFuelMax / plan.BodyFuel, 1, Limits.UncheckedTurnsMax);
        _il.Emit(OpCodes.Ldc_I8, turnsMax);
        _il.Emit(OpCodes.Stloc, turns);
        if (plan.Turns is { } count)
        {
            EmitFewTurns(count, Limits.UncheckedAccessesMin / plan.Covered.Count, checkedHead);
            EmitLesser(turns, () => EmitTurnsOf(count));
        }

        foreach (var walks in plan.Walks.Where(walk => walk.Step.IsConstant).GroupBy(walk => walk.Step.Constant))
        {
            EmitRoomFor([.. walks], turns, checkedHead);
        }

        foreach (var walk in plan.Walks.Where(walk => !walk.Step.IsConstant))
        {
            EmitRoomFor([walk], turns, checkedHead);
        }

        if (!_module.IsMetered)
        {
            return;
        }

        if (plan.Turns is { } counted)
        {
            EmitFuelOfTurns(plan, counted, turns, checkedHead);
        }
        else
        {
            EmitStop(plan, turns, checkedHead);
        }
    }

    // A loop of a few turns is through before it is known how many they are.
    private void EmitFewTurns(LoopPlan.Count count, int few, Label checkedHead)
    {
        if (few == 0 || !count.Pace.IsConstant)
        {
            return;
        }

        EmitWayOf(count.Way);
        _il.Emit(OpCodes.Ldc_I8, few * (long)count.Pace.Constant);
        _il.Emit(OpCodes.Blt, checkedHead);
    }

    private void EmitWayOf(LoopPlan.Distance way)
    {
        if (way.To is not { } to)
        {
            EmitAddressOf(way.From);
            return;
        }

        EmitNumber(to, way.IsSigned);
        EmitNumber(way.From, way.IsSigned);
        _il.Emit(OpCodes.Sub);
    }

    // One more than the turns that surely do not reach the end: the last finds out.
    private void EmitTurnsOf(LoopPlan.Count count)
    {
        var way = count.Way;
        EmitWayOf(way);
        if (way.To is not null)
        {
            // Less than nothing is left where the first turn is the last; then this gives one turn, not two.
            EmitPace(count.Pace);
            _il.Emit(OpCodes.Add);
            if (way.IsStrict)
            {
                EmitOne();
                _il.Emit(OpCodes.Sub);
            }

            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Call, _max);
        }

        if (count.Pace is not { IsConstant: true, Constant: 1 })
        {
            EmitPace(count.Pace);
            _il.Emit(OpCodes.Div_Un);
        }

        EmitOne();
        _il.Emit(OpCodes.Add);
    }

    // A pace of zero takes any number of turns; one is as good a divisor.
    private void EmitPace(Affine pace)
    {
        if (pace.IsConstant)
        {
            _il.Emit(OpCodes.Ldc_I8, (long)pace.Constant);
        }
        else
        {
            EmitAddressOf(pace);
            EmitOne();
            _il.Emit(OpCodes.Call, _max);
        }
    }

    private void EmitNumber(Affine sum, bool isSigned)
    {
        EmitAddressOf(sum);
        if (isSigned)
        {
            _il.Emit(OpCodes.Conv_I4);
            _il.Emit(OpCodes.Conv_I8);
        }
    }

    private void EmitOne()
    {
        _il.Emit(OpCodes.Ldc_I4_1);
        _il.Emit(OpCodes.Conv_I8);
    }

    // Leaves in the local as many turns as walks of one step have room for.
    private void EmitRoomFor(LoopPlan.Walk[] walks, LocalBuilder turns, Label checkedHead)
    {
        var step = walks[0].Step;
        var room = _emitter.Rent(typeof(long));
        var other = _emitter.Rent(typeof(long));
        if (!step.IsConstant || 0 < (int)step.Constant)
        {
            // Nearly always there is room for all of them, and the last turn of each walk tells.
            var (count, plenty) = (_il.DefineLabel(), _il.DefineLabel());
            EmitWay(turns, step);
            _il.Emit(OpCodes.Stloc, room);
            foreach (var walk in walks)
            {
                EmitAddressOf(walk.First);
                _il.Emit(OpCodes.Ldloc, room);
                _il.Emit(OpCodes.Add);
                EmitEndOf(walk);
                _il.Emit(OpCodes.Bgt, count);
            }

            _il.MarkLabel(plenty);
            _seldom.Add(() =>
            {
                _il.MarkLabel(count);
                EmitRoomAbove(walks, room, other, checkedHead);
                EmitTurnsIn(room, turns, step);
                _il.Emit(OpCodes.Br, plenty);
            });
        }
        else
        {
            EmitRoomAbove(walks, room, other, checkedHead);
            if (step.Constant != 0)
            {
                EmitRoomBelow(walks, turns, room);
            }
        }

        _emitter.Return(room);
        _emitter.Return(other);
    }

    // Of walks downwards: to the beginning of the memory.
    private void EmitRoomBelow(LoopPlan.Walk[] walks, LocalBuilder turns, LocalBuilder room)
    {
        foreach (var walk in walks)
        {
            EmitAddressOf(walk.First);
            _il.Emit(OpCodes.Stloc, room);
            EmitTurnsIn(room, turns, walk.Step.Times(uint.MaxValue));
        }
    }

    private void EmitRoomAbove(
        LoopPlan.Walk[] walks, LocalBuilder room, LocalBuilder other, Label checkedHead)
    {
        EmitRoomAbove(walks[0], room, checkedHead);
        foreach (var walk in walks.Skip(1))
        {
            EmitRoomAbove(walk, other, checkedHead);
            EmitLesser(room, () => _il.Emit(OpCodes.Ldloc, other));
        }
    }

    // How many octets lie between the end of the walk's first turn and the end of the memory.
    private void EmitRoomAbove(LoopPlan.Walk walk, LocalBuilder room, Label checkedHead)
    {
        EmitEndOf(walk);
        EmitAddressOf(walk.First);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Stloc, room);
        _il.Emit(OpCodes.Ldloc, room);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Blt, checkedHead);
    }

    // The highest address at which a turn of the walk may begin.
    private void EmitEndOf(LoopPlan.Walk walk)
    {
        if (_module.MemoryIsFixed)
        {
            _il.Emit(OpCodes.Ldc_I8, _module.MemoryBytesMin - walk.Width);
            return;
        }

        EmitMemorySize();
        _il.Emit(OpCodes.Conv_U8);
        _il.Emit(OpCodes.Ldc_I8, walk.Width);
        _il.Emit(OpCodes.Sub);
    }

    // From the first turn to the last.
    private void EmitWay(LocalBuilder turns, Affine step)
    {
        _il.Emit(OpCodes.Ldloc, turns);
        EmitOne();
        _il.Emit(OpCodes.Sub);
        EmitAddressOf(step);
        _il.Emit(OpCodes.Mul);
    }

    private void EmitTurnsIn(LocalBuilder room, LocalBuilder turns, Affine step)
    {
        var plenty = _il.DefineLabel();
        EmitWay(turns, step);
        _il.Emit(OpCodes.Ldloc, room);
        _il.Emit(OpCodes.Ble, plenty);
        _il.Emit(OpCodes.Ldloc, room);
        EmitAddressOf(step);
        _il.Emit(OpCodes.Div_Un);
        EmitOne();
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, turns);
        _il.MarkLabel(plenty);
    }

    // I4. What can be charged at once is: nothing in these turns sees how much fuel is left.
    private void EmitFuelOfTurns(LoopPlan plan, LoopPlan.Count count, LocalBuilder turns, Label checkedHead)
    {
        var left = _emitter.Rent(typeof(long));
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldloc, turns);
        _il.Emit(OpCodes.Ldc_I8, (long)plan.BodyFuel);
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Stloc, left);
        _il.Emit(OpCodes.Ldloc, left);
        EmitStateAddress(StateLayout.Floor);
        _il.Emit(OpCodes.Volatile);
        _il.Emit(OpCodes.Ldind_I8);
        _il.Emit(OpCodes.Blt, checkedHead);
        if (!count.CanTrap)
        {
            _il.Emit(OpCodes.Ldloc, left);
            _il.Emit(OpCodes.Starg_S, FuelArgument);
        }

        _emitter.Return(left);
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
