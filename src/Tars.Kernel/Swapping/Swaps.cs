using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Kernel.Effects;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Swapping;

/// <summary>Puts a new version of a module in the place of the running one, or leaves everything as it was.</summary>
/// <remarks>
/// Invariants:
///   I1  Until the switch nothing that a process holds has changed, and the switch itself cannot fail.
///   I2  At the switch no process of the module runs, waits for an answer, or is about to be born or to end.
///   I3  One swap at a time; every image that came with one is released, or runs.
///   I4  Who stands still with the event that trapped is waited for by none of the module, since a swap waits for all
///       of them.
/// </remarks>
internal sealed class Swaps(KernelState state)
{
    private readonly List<Probation> _probations = [];
    private readonly Queue<Process> _left = new();
    private readonly Queue<Transfer> _unfinished = new();
    private SwapWork? _work;
    private long _ticket;

    /// <summary>When waiting for quiet ends, on the monotonic clock; null when nobody waits.</summary>
    public long? DueAt => _work is { IsMoving: false } work ? work.Deadline : null;

    /// <summary>True from the wish for a swap to its end.</summary>
    public bool IsUnderWay => _work is not null;

    /// <summary>The versions that were swapped out and may come back.</summary>
    public IEnumerable<BundleHash> Kept => _probations.Select(one => one.Old.Hash);

    /// <summary>True while this shard stands still and waits for the others.</summary>
    public bool IsReady => _work is { IsReady: true };

    /// <summary>Whether a trap of the module would bring an earlier version back.</summary>
    public bool IsOnProbation(int module) => _probations.Any(one => one.Module == module);

    /// <summary>True when a Turn would bring the swap on.</summary>
    public bool HasMore => _work is { } work
        && !work.IsReady && (work.IsMoving ? 0 < _left.Count || !IsAnyRunning() : BlockerOf(work) is null);

    /// <summary>Somebody wants a swap.</summary>
    public void Request(KernelEvent.Swap asked)
    {
        int module = state.System.Modules.ToList().FindIndex(one => one.Manifest.Name == asked.Module);
        string version = module < 0 ? "" : state.System.Modules[module].Manifest.Version;
        string? why = module < 0 ? "no module of that name runs"
            : state.IsStopping ? "the system stops"
            : state.Shards is { } shards && shards.Plan.ShardOf(module) != shards.Own ? "it lives on another shard"
            : _work is not null ? "another swap is under way"
            : asked.Image is not { } found ? "the bundle of the new version is not there"
            : found.Hash != asked.Hash || found.Manifest.Name != asked.Module ? "the bundle is another one"
            : null;
        if (why is not null || asked.Image is not { } now)
        {
            Refuse(asked.Module, version, asked.Image, cause: "", [why ?? ""]);
            return;
        }

        var prepared = asked.Prepared is { } given && given.Fits(state.System, now, asked.Terms)
            ? given
            : SwapPreparation.Of(state.System, module, now, asked.Terms);
        Begin(module, prepared, cause: "", trapped: null);
    }

    /// <summary>Time went on.</summary>
    public void Fire()
    {
        if (_work is { IsMoving: false } work && work.Deadline <= state.Now.Monotonic)
        {
            var busy = BlockerOf(work) ?? work.Blocker;
            string who = busy is null ? "a process" : $"{busy.Agent.Name} {busy.Id}";
            End(work, [$"busy: {who} has not come to the end of its handler"]);
        }

        if (_probations.Count == 0)
        {
            return; // As at most times, and this is asked in every Step.
        }

        foreach (var over in _probations.Where(one => one.Until <= state.Now.Monotonic).ToArray())
        {
            _probations.Remove(over);
            state.Outside.Released(over.Old);
        }
    }

    /// <summary>The system stops: who still waits for a swap waits in vain.</summary>
    public void Stop()
    {
        if (_work is { } work)
        {
            End(work, ["the system stops"]);
        }
    }

    /// <summary>Brings the swap on by one process. False when there is nothing that could be done now.</summary>
    public bool Advance()
    {
        if (_work is not { IsReady: false } work)
        {
            return false;
        }

        if (!work.IsMoving)
        {
            return TryMove(work);
        }

        while (_unfinished.TryPeek(out var transfer) && transfer.IsDone)
        {
            _unfinished.Dequeue();
            if (transfer.Failure is { } failure)
            {
                End(work, [failure]);
                return true;
            }
        }

        if (_left.TryDequeue(out var process))
        {
            if (!process.IsEnded && IsQuiet(process))
            {
                Move(work, process);
            }

            return true;
        }

        return _unfinished.Count == 0 && TrySwitch(work);
    }

    /// <summary>An event trapped: if its module is on probation the old version comes back.</summary>
    /// <returns>True when the event stays where it is, for the old version to handle.</returns>
    public bool Catches(Process process, Batch batch, int index, DeadLetter letter)
    {
        var probation = _probations.Find(one => one.Module == process.Agent.ModuleIndex);
        if (probation is null || _work is not null || state.IsStopping || letter.Fault == FaultKind.Deadline)
        {
            return false;
        }

        _probations.Remove(probation);
        string handler = 0 <= letter.Handler ? KernelReports.NameOf(process.Agent.Handlers[letter.Handler].Spec) : "";
        bool stays = batch.Kind is BatchKind.Mail or BatchKind.Lines && batch.Prelude <= index
            && !state.Waits.IsAwaited(process, by: probation.Module); // I4
        var prepared = SwapPreparation.Of(
            state.System,
            probation.Module,
            probation.Old,
            probation.Terms with { GrantsAll = true, Probation = 0 });
        return Begin(
            probation.Module,
            prepared,
            $"{process.Agent.Name} {process.Id} trapped{(handler.Length == 0 ? "" : $" in `{handler}`")}",
            stays ? process : null) && stays;
    }

    /// <summary>Writes the swaps that are on probation.</summary>
    public void Save(ByteWriter output)
    {
        output.I64(_ticket);
        output.U32((uint)_probations.Count);
        foreach (var one in _probations)
        {
            output.U32((uint)one.Module);
            output.U64(one.Old.Hash.A);
            output.U64(one.Old.Hash.B);
            output.U64(one.Old.Hash.C);
            output.U64(one.Old.Hash.D);
            output.I64(one.Until);
            output.I64(one.Terms.Within);
        }
    }

    /// <summary>Fills what is empty; false when the octets keep to no invariant.</summary>
    public bool Load(ref ByteReader input, Func<BundleHash, ModuleImage?> load)
    {
        _ticket = input.I64();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            uint module = input.U32();
            var hash = new BundleHash(input.U64(), input.U64(), input.U64(), input.U64());
            long until = input.I64();
            var terms = new SwapTerms { Within = input.I64(), GrantsAll = true };
            bool fits = !input.Failed && module < state.System.Modules.Length
                && _probations.All(one => one.Module != module);
            if (!fits || load(hash) is not { } old)
            {
                return false;
            }

            _probations.Add(new Probation((int)module, old, until, terms));
            if (old.Hash != hash || old.Manifest.Name != state.System.Modules[(int)module].Manifest.Name)
            {
                return false;
            }
        }

        return !input.Failed;
    }

    /// <summary>A checkpoint was none after all: what came with it is not needed.</summary>
    public void LetGo()
    {
        foreach (var one in _probations)
        {
            state.Outside.Released(one.Old);
        }

        _probations.Clear();
    }

    private bool Begin(
        int module,
        SwapPreparation prepared,
        string cause,
        Process? trapped)
    {
        var old = state.System.Modules[module];
        var now = prepared.New;
        var reasons = new List<string>(prepared.Refusals);
        if (prepared.Link is LinkResult.Linked { System: var after } && state.Shards?.Plan.Keeps(after) == false)
        {
            reasons.Add("it spawns agents of a module that may live on another shard");
        }

        if (0 < reasons.Count || prepared.Link is not LinkResult.Linked { System: var system })
        {
            Refuse(old.Manifest.Name, old.Manifest.Version, now, cause, reasons);
            return false;
        }

        long within = Math.Clamp(prepared.Terms.Within, 0, long.MaxValue - state.Now.Monotonic);
        _work = new SwapWork(
            module, old, now, prepared.Terms, prepared.Plan, system, state.Now.Monotonic + within)
        {
            Cause = cause,
            Trapped = trapped,
            Params = ModuleParams.Carry(old.Manifest, state.Params[module], now.Manifest, lost: []),
        };
        return true;
    }

    private static bool IsQuiet(Process process) => process // I2
        is { Phase: GuestPhase.Idle, BirthDue: false, StartDue: false, StopDue: false, Waiting: null, Guest: not null };

    // Holds every process of the module back, so that none begins what the swap would have to wait for.
    private Process? BlockerOf(SwapWork work)
    {
        if (work.Blocker is { IsEnded: false } known && !IsQuiet(known))
        {
            return known;
        }

        work.Blocker = null;
        foreach (var process in ProcessesOf(work))
        {
            bool isStill = process == work.Trapped;
            process.Hold = isStill ? Hold.Still : Hold.UnlessAsked;
            if (!IsQuiet(process))
            {
                work.Blocker ??= process;
            }
        }

        return work.Blocker;
    }

    private IEnumerable<Process> ProcessesOf(SwapWork work) =>
        state.Processes.Values.Where(one => one.Agent.ModuleIndex == work.Module);

    private bool IsAnyRunning() => _unfinished.Any(one => !one.IsDone);

    private bool TryMove(SwapWork work)
    {
        if (BlockerOf(work) is not null)
        {
            return false;
        }

        var reasons = WaitingMail.WhyNot(state, work);
        if (0 < reasons.Count)
        {
            End(work, reasons);
            return true;
        }

        work.IsMoving = true;
        foreach (var agent in work.System.Agents.Where(one => one.ModuleIndex == work.Module))
        {
            bool began = work.Old.Manifest.Agents.Any(old =>
                old.Name == agent.Name && old.Starts == AgentStart.WithModule);
            if (agent.Spec.Starts == AgentStart.WithModule && !agent.Module.IsImported && !began
                && ProcessesOf(work).All(one => one.Agent.Name != agent.Name))
            {
                work.Newcomers.Add(agent.Place, state.Births.NewId());
            }
        }

        foreach (var process in ProcessesOf(work))
        {
            process.Hold = Hold.Still;
            _left.Enqueue(process);
        }

        return true;
    }

    private void Move(SwapWork work, Process process)
    {
        var move = work.Plan.Agents[process.Agent.AgentIndex]!; // Whoever's agent is gone has refused the swap.
        var target = work.System.Agents.First(one =>
            one.ModuleIndex == work.Module && one.AgentIndex == move.Agent);
        var slots = target.Slots.Select(slot => Switch.CapabilityOf(state, work, process, target, slot));
        var transfer = new Transfer(state, process, move, target, slots, work.Params);
        work.Transfers.Add(process.Id, transfer);
        _unfinished.Enqueue(transfer);
        transfer.Begin();
    }

    // Who came or changed meanwhile moves too, or all begin anew.
    private bool TrySwitch(SwapWork work)
    {
        foreach (var process in ProcessesOf(work))
        {
            if (!IsQuiet(process))
            {
                Cancel(work);
                return true;
            }

            if (!work.Transfers.ContainsKey(process.Id))
            {
                process.Hold = Hold.Still;
                _left.Enqueue(process);
            }
        }

        if (0 < _left.Count)
        {
            return true;
        }

        var reasons = WaitingMail.WhyNot(state, work);
        if (0 < reasons.Count)
        {
            End(work, reasons);
            return true;
        }

        if (state.Shards is null)
        {
            Finish(work);
            return true;
        }

        work.IsReady = true;
        state.Outside.SwapReady(
            ++_ticket, work.New, [.. work.Newcomers.Select(one => new Newcomer(one.Key, one.Value))]);
        return true;
    }

    /// <summary>All shards stand still, and have nothing in the way but this.</summary>
    public void Go(KernelEvent.SwapHere all)
    {
        if (_work is not { IsReady: true } work || all.Ticket != _ticket || !state.IsPaused)
        {
            return; // It has been ended meanwhile, or had to begin anew and will be ready again.
        }

        state.Shards!.Departures.Stands = true; // It would not be ready alone; what leaves could come too early.
        var reasons = all.Refusals.IsEmpty ? WaitingMail.WhyNot(state, work) : [.. all.Refusals];
        if (!ProcessesOf(work).All(one => IsQuiet(one) && work.Transfers.ContainsKey(one.Id)))
        {
            BeginAnew(work);
        }
        else if (0 < reasons.Count)
        {
            End(work, reasons);
        }
        else
        {
            Finish(work);
        }
    }

    /// <summary>A module of another shard was swapped: what is under way here begins anew, in the system as it is now.
    /// </summary>
    public void Refresh()
    {
        if (_work is not { } work)
        {
            return;
        }

        var linked = SystemImage.Link(state.System.Modules.SetItem(work.Module, work.New), state.System);
        if (linked is not LinkResult.Linked { System: var system })
        {
            End(work, [.. ((LinkResult.Refused)linked).Reasons]);
            return;
        }

        BeginAnew(work);
        work.System = system;
    }

    private void Finish(SwapWork work)
    {
        _work = null;
        if (state.Shards is { } shards)
        {
            shards.Common++;
        }

        int moved = Switch.Carry(state, work);
        state.Outside.Swapped(new SwapReport(
            work.New.Manifest.Name,
            work.Old.Manifest.Version,
            work.New.Manifest.Version,
            work.IsReturn,
            work.Cause,
            [],
            work.Plan.Changes,
            [.. work.Plan.Warnings, .. work.Warnings, .. Switch.Mixed(state.System, work.New)],
            moved,
            state.System) { Ticket = TicketOf(work) });
        Settle(work);
    }

    // The version that ran is kept for a while, or not needed any more. I3
    private void Settle(SwapWork work)
    {
        if (_probations.Find(one => one.Module == work.Module) is { } before)
        {
            _probations.Remove(before);
            state.Outside.Released(before.Old);
        }

        if (0 < work.Terms.Probation && !work.Terms.NoReturn && !work.IsReturn)
        {
            long span = Math.Min(work.Terms.Probation, long.MaxValue - state.Now.Monotonic);
            _probations.Add(new Probation(work.Module, work.Old, state.Now.Monotonic + span, work.Terms));
        }
        else
        {
            state.Outside.Released(work.Old);
        }
    }

    private void Cancel(SwapWork work)
    {
        work.Undo();
        _left.Clear();
        _unfinished.Clear();
    }

    private void BeginAnew(SwapWork work)
    {
        Cancel(work);
        work.Extend(state.Now.Monotonic);
    }

    private void End(SwapWork work, List<string> reasons)
    {
        long ticket = TicketOf(work);
        Cancel(work);
        _work = null;
        foreach (var process in ProcessesOf(work))
        {
            process.Hold = Hold.None;
            state.Wake(process);
        }

        Refuse(work.Old.Manifest.Name, work.Old.Manifest.Version, work.New, work.Cause, reasons, ticket);
    }

    private long TicketOf(SwapWork work) => work.IsReady ? _ticket : 0;

    private void Refuse(
        string module, string from, ModuleImage? now, string cause, List<string> reasons, long ticket = 0)
    {
        state.Outside.Swapped(new SwapReport(
            module, from, now?.Manifest.Version ?? "", cause.Length != 0, cause, [.. reasons], [], [],
            Processes: 0, state.System) { Ticket = ticket });
        if (now is not null)
        {
            state.Outside.Released(now);
        }
    }

    /// <summary>A version that ran before, kept in case that the new one traps.</summary>
    private sealed record Probation(int Module, ModuleImage Old, long Until, SwapTerms Terms);
}
