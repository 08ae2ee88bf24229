using System.Diagnostics;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>How a version takes over at the moment at which a recording begins, in the other code's kernels.</summary>
public sealed partial class TrialRun
{
    private int _home;

    // Where the module lives whose version is tried; the first where none is.
    private TrialLane Home => _lanes[_home];

    // Null when it has taken over, or will when the handlers that it waits for have come to their end.
    private string? Swap(ModuleImage version)
    {
        _home = HomeOf(version);
        var terms = new SwapTerms { NoReturn = true, GrantsAll = true };
        Step(_home, KernelEvent.Swap.Of(At(_home), version, terms));
        bool IsUnderWay() => Home.New is { Swap: null, IsReady: false };
        for (int turns = 0; IsUnderWay() && Home.Last.MoreToDo && turns < Limits.TrialTurnsMax; turns++)
        {
            Step(_home, new KernelEvent.Turn(At(_home)));
        }

        if (Home.New.TakeReady() is { } ready)
        {
            SwapOnAll(ready);
        }

        return Home.New.Swap is { IsDone: false } refused
                ? $"the swap is refused: {string.Join("; ", refused.Refusals)}"
            : 1 < _lanes.Length && Home.New.Swap is null
                ? _inconclusive ?? "the swap waits for a handler that waits itself"
            : null;
    }

    private int HomeOf(ModuleImage version)
    {
        int module = _plan.Other.Modules.ToList().FindIndex(one => one.Manifest.Name == version.Manifest.Name);
        var view = Home.Kernel!.ShardView; // It was begun before.
        return view is not null && 0 <= module ? view.Plan.ShardOf(module) : 0;
    }

    // As a run does it: all stand still, those where the module does not live say what is in its way, and all follow.
    private void SwapOnAll(TrialSwap ready)
    {
        Stand(stands: true);
        var refusals = new List<string>();
        foreach (int shard in Others)
        {
            Step(shard, Elsewhere(ready, shard, isDone: false));
            refusals.AddRange(_lanes[shard].New.Seen);
        }

        Step(_home, new KernelEvent.SwapHere(At(_home), ready.Ticket, [.. refusals.Distinct()]));
        foreach (int shard in Others.Where(_ => Home.New.Swap is { IsDone: true }))
        {
            Step(shard, Elsewhere(ready, shard, isDone: true));
            if (!_lanes[shard].New.Seen.IsEmpty)
            {
                throw new UnreachableException("a shard follows a swap that it found fit");
            }
        }

        Stand(stands: false);
    }

    private IEnumerable<int> Others => Enumerable.Range(0, _lanes.Length).Where(one => one != _home);

    private KernelEvent.SwapElsewhere Elsewhere(TrialSwap ready, int shard, bool isDone) =>
        new(At(shard), ready.Now.Manifest.Name, ready.Now.Hash, isDone, ready.Newcomers) { Image = ready.Now };

    private void Stand(bool stands)
    {
        for (int shard = 0; shard < _lanes.Length; shard++)
        {
            Step(shard, new KernelEvent.Pause(At(shard), stands));
        }

        for (int turns = 0; _inconclusive is null && GoOn(); turns++)
        {
            CheckRest(turns);
        }
    }
}
