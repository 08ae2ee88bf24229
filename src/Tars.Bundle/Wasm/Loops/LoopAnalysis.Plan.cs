namespace Tars.Bundle.Wasm.Loops;

/// <summary>Makes a plan of what the walk over a loop has seen.</summary>
internal sealed partial class LoopAnalysis
{
    private const long WidthMax = 1 << 20;

    private LoopPlan? Plan(int end, int region)
    {
        var regions = _function.Regions;
        if (_steps.Any(step => step.Value is null && (_deciders >> (step.Key & 63) & 1) != 0))
        {
            return null;
        }

        var walks = new List<LoopPlan.Walk>();
        var joined = new List<(int Position, int Walk, uint Constant, bool IsLoad)>();
        foreach (var access in _accesses)
        {
            if (StepOf(access.Address) is { } step
                && Join(walks, access.Address, step, access.Offset + access.Size) is { } walk)
            {
                joined.Add((access.Position, walk, access.Address.Constant, access.IsLoad));
            }
        }

        int body = 0;
        for (int place = region; place < regions.Length && regions[place].Offset < end; place++)
        {
            body += regions[place].Cost;
        }

        var covered = joined.ToDictionary(
            access => access.Position,
            access => new LoopPlan.Access(
                access.Walk, access.Constant - walks[access.Walk].First.Constant, access.IsLoad));
        return walks.Count == 0 ? null : new LoopPlan([.. walks], covered, regions[region].Cost, body)
        {
            Turns = CountTurns(covered),
            Stores = _accesses.Any(access => !access.IsLoad),
        };
    }

    private LoopPlan.Count? CountTurns(Dictionary<int, LoopPlan.Access> covered)
    {
        if (_branches || _goesOn.Test is not { } test)
        {
            return null;
        }

        var (way, pace) = WayOf(test);
        if (way is null)
        {
            return null;
        }

        foreach (var (position, locals) in _readers)
        {
            _wanted |= covered.ContainsKey(position) ? 0 : locals;
        }

        bool canTrap = _canTrap || _readers.Count != covered.Count;
        return new LoopPlan.Count(way, pace, [.. Counters()], canTrap);
    }

    // What is wanted in a turn can be made only of what is right in it.
    private SortedDictionary<int, LoopPlan.Counter>.ValueCollection Counters()
    {
        var counters = new SortedDictionary<int, LoopPlan.Counter>();
        foreach (int local in _madeOf.Keys)
        {
            if (_locals[local] is { } value && StepOf(value) is { } step)
            {
                counters.Add(local, new LoopPlan.Counter(local, value, step));
            }
        }

        for (ulong before = ~_wanted; before != _wanted;)
        {
            before = _wanted;
            foreach (var (local, locals) in _madeOf)
            {
                if ((_wanted >> (local & 63) & 1) != 0 || !counters.ContainsKey(local))
                {
                    counters.Remove(local);
                    _wanted |= locals;
                }
            }
        }

        return counters.Values;
    }

    // What lies between the two sides of the comparison, and how much of it a turn takes.
    private (LoopPlan.Distance? Way, Affine Pace) WayOf(Test test)
    {
        if (test.Opcode is Opcode.I32Ne)
        {
            return Affine.Sum(test.Left, test.Right.Times(uint.MaxValue)) is { } distance
                && StepOf(distance) is { IsConstant: true } step && step.Constant != 0
                ? (int)step.Constant < 0
                    ? (new LoopPlan.Distance(distance), step.Times(uint.MaxValue))
                    : (new LoopPlan.Distance(distance.Times(uint.MaxValue)), step)
                : default;
        }

        bool isSwapped = test.Opcode is Opcode.I32GtS or Opcode.I32GtU or Opcode.I32GeS or Opcode.I32GeU;
        bool isSigned = test.Opcode is Opcode.I32LtS or Opcode.I32GtS or Opcode.I32LeS or Opcode.I32GeS;
        bool isStrict = test.Opcode is Opcode.I32LtS or Opcode.I32GtS or Opcode.I32LtU or Opcode.I32GtU;
        var from = isSwapped ? test.Right : test.Left;
        var to = isSwapped ? test.Left : test.Right;
        return StepOf(from) is { } up && StepOf(to) is { } down && PaceOf(up, down, isSigned) is { } pace
            ? (new LoopPlan.Distance(from, to, isSigned, isStrict), pace)
            : default;
    }

    // One side stands still while the other goes towards it.
    private static Affine? PaceOf(Affine up, Affine down, bool isSigned)
    {
        if (up is { IsConstant: true, Constant: 0 })
        {
            return down.IsConstant && (int)down.Constant < 0 ? down.Times(uint.MaxValue) : null;
        }

        bool isStill = down is { IsConstant: true, Constant: 0 };
        return isStill && (up.IsConstant ? 0 < (int)up.Constant : !isSigned) ? up : null;
    }

    // By how much an address grows in a turn, or null when that is not the same in every turn.
    private Affine? StepOf(Affine address)
    {
        var sum = Affine.Of(0);
        foreach (var (local, factor) in address.Terms)
        {
            if (!_steps.TryGetValue(local, out var step))
            {
                if (_locals.ContainsKey(local))
                {
                    return null;
                }

                continue;
            }

            if (step is null || step.Terms.Any(term => _locals.ContainsKey(term.Local))
                || Affine.Sum(sum, step.Times(factor)) is not { } next)
            {
                return null;
            }

            sum = next;
        }

        return sum;
    }

    // Beside a walk of the same pace, or as a walk of its own; null when it is too far out.
    private int? Join(List<LoopPlan.Walk> walks, Affine address, Affine step, long end)
    {
        for (int place = 0; place < walks.Count; place++)
        {
            var walk = walks[place];
            int distance = (int)(address.Constant - walk.First.Constant);
            if (!walk.First.HasTermsOf(address) || !walk.Step.Equals(step) || WidthMax < Math.Abs((long)distance))
            {
                continue;
            }

            var both = distance < 0
                ? walk with { First = address, Width = Math.Max(walk.Width - distance, end) }
                : walk with { Width = Math.Max(walk.Width, distance + end) };
            if (both.Width <= WidthMax)
            {
                walks[place] = both;
                return place;
            }
        }

        if (WidthMax < end || walks.Count == _bounds.WalkCountMax)
        {
            return null;
        }

        walks.Add(new LoopPlan.Walk(address, step, end));
        return walks.Count - 1;
    }
}
