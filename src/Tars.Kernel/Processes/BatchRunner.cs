using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Kernel.Blobs;
using Tars.Kernel.Effects;
using Tars.Kernel.Ipc;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>
/// Takes a process through one batch: compose, start, check what came back, apply effects, undo, take the mail off.
/// </summary>
/// <remarks>
/// It is the same way for an engine that answers Done and for one that answers Running; only who calls <see
/// cref="Complete"/>
/// differs. Nothing of the guest's memory is believed before <see cref="IsSound"/> has looked at it.
/// </remarks>
internal sealed class BatchRunner(KernelState state)
{
    /// <summary>Runs one batch of a process that is ready.</summary>
    /// <param name="eventsMax">How many events its turn has.</param>
    public void Run(Process process, int eventsMax)
    {
        if (!process.IsReady)
        {
            return;
        }

        if (process is { StopDue: true, Agent.Stop: < 0, Waiting: null, BirthDue: false, StartDue: false })
        {
            state.Supervisor.End(process, process.StopReason, "");
            return;
        }

        if (!GuestView.TryOpen(process.Guest, out var view) || !view.TryEvents(out var ring))
        {
            state.Supervisor.Break(process, "its control block does not lie in its memory");
            return;
        }

        // Copying back undoes all of a batch; and who has burnt too much rests before its next event.
        eventsMax = view.KeepsUndoLog && process.Agent.Spec.Limits.FuelPerSecond is null ? eventsMax : 1;
        var composer = new BatchComposer(state, process, ring, eventsMax);
        if (composer.Compose() is { } batch)
        {
            process.Batch = batch;
            Handle(process, view, composer.Used);
        }
        else if (composer.Needed != 0)
        {
            Reserve(process, view, composer.Needed);
        }
    }

    /// <summary>The guest has come to the end of its call.</summary>
    public void Complete(Process process, GuestResult result)
    {
        state.Warm.Returned(process);
        if (process.Phase == GuestPhase.Alone)
        {
            state.Lone.Complete(process, result);
            if (process is { Phase: GuestPhase.Idle, Fate: not Fate.None })
            {
                state.Supervisor.Carry(process);
            }

            state.Saving.LookIfDue(process);
            state.BlobSweep.LookIfDue(process);
            return;
        }

        bool reserving = process.Phase == GuestPhase.Reserving;
        process.Phase = GuestPhase.Idle;
        process.Fuel += result.FuelUsed;
        state.Turns.Ran(process, result.FuelUsed);
        state.Quota.Charge(process, result.FuelUsed);
        process.Fingerprint = null;
        state.Trace.Returned(process.Id, result);
        if (process.Fate != Fate.None)
        {
            process.InFlight = 0;
            state.Supervisor.Carry(process);
            state.Waits.Settle(process); // What came late to its outbox meanwhile waits still.
            state.Saving.LookIfDue(process);
            return;
        }

        if (reserving)
        {
            AfterReserve(process, result);
        }
        else
        {
            AfterBatch(process, result);
        }

        state.Waits.Settle(process);
        state.Saving.LookIfDue(process);
        state.BlobSweep.LookIfDue(process);
        state.Wake(process);
    }

    private void Reserve(Process process, GuestView view, int needed)
    {
        view.Open();
        if (!CanUndo(process, view))
        {
            return;
        }

        process.Phase = GuestPhase.Reserving;
        process.Batch = new Batch(BatchKind.Mail, Prelude: 0, HasBeliefs: false, needed, Handler: -1, HasAsks: false);
        Start(process, new GuestCall(GuestEntry.Reserve, needed, process.Agent.FuelMax, process.Id));
    }

    // A guest without an undo log is copied before each call; one that is too large for that ends.
    private bool CanUndo(Process process, GuestView view)
    {
        process.Snapshot = null;
        if (view.KeepsUndoLog)
        {
            return true;
        }

        if (Limits.SnapshotBytesMax < view.Memory.Length)
        {
            process.InFlight = 0;
            state.Supervisor.Break(process, "it keeps no undo log and its memory is too large to copy");
            return false;
        }

        process.Snapshot = process.Guest!.Save();
        return true;
    }

    private void Handle(Process process, GuestView view, int bytes)
    {
        process.BeliefsDue &= !process.Batch.HasBeliefs;
        process.ParamsDue &= process.Batch.Prelude == (process.Batch.HasBeliefs ? 1 : 0);
        process.InFlight = process.Batch.Kind switch
        {
            BatchKind.Mail => process.Batch.Count,
            BatchKind.Lines => 1,
            BatchKind.Birth or BatchKind.Start or BatchKind.Stop or BatchKind.Answer => 0,
        };
        view.Open();
        process.EventOctets = Math.Max(process.EventOctets, bytes);
        state.Warm.Ran(process);
        if (!CanUndo(process, view))
        {
            return;
        }

        process.Phase = GuestPhase.Handling;
        int room = state.Trace.RoomFor(process.Batch.Prelude, process.Batch.Count);
        bool isCut = room < process.Batch.Total;
        int some = isCut ? GuestCalls.Prefix(view, room) : bytes;
        var call = new GuestCall(GuestEntry.Run, some, process.Agent.FuelMax, process.Id);
        Start(process, call, isCut ? room : int.MaxValue);
    }

    /// <param name="room">How many of the events may run, when not all.</param>
    private void Start(Process process, GuestCall call, int room = int.MaxValue)
    {
        if (state.Calls.Start(process, call, room) is { } result)
        {
            state.Turns.Spend(result.FuelUsed);
            Complete(process, result);
        }
    }

    private void AfterReserve(Process process, GuestResult result)
    {
        bool isSound = GuestView.TryOpen(process.Guest!, out var view) && view.TryEvents(out _)
            && process.Aborted?.End != AbortEnd.NotSound
            && (result.Fault is null || Undo(process, view));
        uint site = isSound ? view[ControlBlock.Site] : 0;
        state.Calls.Note(process, result, committed: 0, site, isSound ? AbortEnd.RolledBack : AbortEnd.NotSound);
        if (!isSound)
        {
            state.Supervisor.Break(process, "its event ring is not sound");
            return;
        }

        if (result.Fault is null && process.Batch.Count <= view.EventsSize)
        {
            return;
        }

        // The event, not the process, is what is too large; only what no author's handler takes leaves no other way.
        if (FirstBehindWindows(process) is not { } batch)
        {
            state.Supervisor.Break(process, "its event ring could not be made large enough");
            return;
        }

        process.ForgetWindows();
        process.Batch = batch;
        view[ControlBlock.EventsCommitted] = 0;
        var kept = Letters.Of(state, process, result.Fault ?? new GuestFault(FaultKind.EffectsFull), view);
        var letter = kept.Letter with
        {
            Trap = GuestTrap.OutOfMemory,
            Detail = "the event does not fit into the event ring",
        };
        kept.Blobs?.Take(); // The letter may be the last to hold them.
        TakeOff(process, committed: 0, trapped: true, fuel: 0);
        state.Trace.Handled(process.Id, batch.Handler, count: 1, site, letter);
        kept = kept with { Letter = letter, Before = EventNotes.Before(process, committed: 0, taken: 1) };
        state.Supervisor.Trapped(process, kept, batch, index: 0);
        kept.Blobs?.Drop();
        AfterLife(process, batch, committed: 0);
    }

    // The author's event that the ring was to be made larger for; null when it is one that no handler takes.
    private static Batch? FirstBehindWindows(Process process)
    {
        var agent = process.Agent;
        return process switch
        {
            { BirthDue: true } or { BeliefsDue: true } or { ParamsDue: true } => null,
            { StartDue: true } => Alone(BatchKind.Start, agent.Start),
            { Waiting: { Payload: not null } ask } => Alone(BatchKind.Answer, agent.Waits[ask.Continuation]),
            { Waiting: not null } => null,
            { StopDue: true } => 0 <= agent.Stop ? Alone(BatchKind.Stop, agent.Stop) : null,
            { Mail.Count: > 0 } => Alone(
                process.Mail.At(0).Kind == MailKind.Lines ? BatchKind.Lines : BatchKind.Mail,
                process.Mail.At(0).Handler),
            _ => null,
        };
    }

    private static Batch Alone(BatchKind kind, int handler) =>
        new(kind, Prelude: 0, HasBeliefs: false, 1, handler, HasAsks: kind == BatchKind.Answer);

    private void AfterBatch(Process process, GuestResult result)
    {
        var batch = process.Batch;
        if (!GuestView.TryOpen(process.Guest!, out var view) || !IsSound(view, batch, out var effects)
            || process.Aborted?.End == AbortEnd.NotSound)
        {
            state.Calls.Note(process, result, committed: 0, site: 0, AbortEnd.NotSound);
            process.InFlight = 0;
            state.Supervisor.Break(process, "its control block or effects are not sound");
            return;
        }

        int committed = (int)view.EventsCommitted;
        uint site = view[ControlBlock.Site];
        process.EffectOctets = result.Fault?.Kind == FaultKind.Deadline
            ? int.MaxValue // How far it had come is not told to a replay.
            : Math.Max(process.EffectOctets, (int)view.EffectsUsed);
        process.MemoryHigh = Math.Max(process.MemoryHigh, view.Memory.Length);
        if (result.Fault is null && committed == 0)
        {
            process.InFlight = 0;
            state.Supervisor.Break(process, "it committed nothing");
            return;
        }

        state.Effects.Apply(process, effects, committed);
        var kept = result.Fault is { } fault ? Letters.Of(state, process, fault, view) : null;
        var wish = kept is null ? null : BlobCalls.WishOf(kept.Letter.Trap, view);
        var letter = kept?.Letter;
        if (letter is not null && (process.Aborted?.End == AbortEnd.NotUndone || !Undo(process, view)))
        {
            state.Calls.Note(process, result, committed, site, AbortEnd.NotUndone);
            process.InFlight = 0;
            state.Supervisor.Break(process, "its undo log is not sound");
            return;
        }

        state.Calls.Note(process, result, committed, site, AbortEnd.RolledBack);
        bool again = letter is not null && !process.IsEnded
            && (wish is { } wanted
                ? ShowsAnew(process, wanted, committed, ref kept)
                : batch.Windows < committed && letter.Fault is FaultKind.OutOfFuel or FaultKind.EffectsFull);
        letter = kept?.Letter;
        if (wish is null || !again)
        {
            process.ForgetWindows();
        }

        bool trapped = letter is not null && !again && committed < batch.Total;
        bool returns = trapped && state.Swaps.Catches(process, batch, committed, letter!);
        var blobs = kept?.Blobs;
        blobs?.Take(); // The letter may be the last to hold them.
        int taken = TakeOff(process, committed, trapped && !returns, result.FuelUsed);
        state.Trace.Handled(process.Id, batch.Handler, taken, site, trapped ? letter : null);
        if (returns)
        {
            process.Traps++;
            state.Outside.Trapped(letter!);
        }
        else if (letter is not null && !again)
        {
            // There is one with the letter.
            kept = kept! with { Before = EventNotes.Before(process, committed, taken) };
            state.Supervisor.Trapped(process, kept, batch, committed);
        }

        blobs?.Drop();
        AfterLife(process, batch, committed);
    }

    // False when the event may not see what it wishes for; then its letter says why.
    private static bool ShowsAnew(
        Process process, (long Slot, long From, long Count) wish, int committed, ref KeptLetter? kept)
    {
        string? why = BlobCalls.Show(process, wish, isFirst: committed <= process.Batch.Prelude);
        kept = kept! with { Letter = kept.Letter with { Detail = why ?? "" } }; // Whoever wishes has trapped.
        return why is null;
    }

    private static bool IsSound(GuestView view, Batch batch, out ReadOnlySpan<byte> effects)
    {
        effects = [];
        uint used = view.EffectsUsed;
        uint committed = view.EffectsCommitted;
        if (!view.TryEffects(out var ring) || (uint)ring.Length < used || used < committed
            || (used | committed) % 8 != 0
            || (uint)batch.Total < view.EventsCommitted)
        {
            return false;
        }

        effects = ring[..(int)committed];
        return EffectReader.AreWhole(effects, (int)view.EventsCommitted);
    }

    private bool Undo(Process process, GuestView view)
    {
        if (process.Snapshot is not { } snapshot)
        {
            return state.Undo.TryPlay(view);
        }

        process.Guest!.Restore(snapshot);
        return true;
    }

    // Takes off what was committed, and the event that trapped; the rest opens the next batch. How many those are.
    private int TakeOff(Process process, int committed, bool trapped, long fuel)
    {
        var batch = process.Batch;
        int done = Math.Max(0, committed - batch.Prelude);
        int taken = trapped && batch.Prelude <= committed ? done + 1 : done;
        process.InFlight = 0;
        if (0 <= batch.Handler)
        {
            ref var counts = ref process.Counts[batch.Handler];
            counts.Committed += batch.Kind == BatchKind.Answer ? 0 : done;
            counts.Fuel += fuel;
            counts.Traps += taken - done;
        }

        if (committed < batch.Prelude && !trapped && batch.Windows == 0)
        {
            process.ParamsDue = true;
            process.BeliefsDue |= batch.HasBeliefs && committed == 0;
        }

        switch (batch.Kind)
        {
            case BatchKind.Mail:
                TakeMail(process, done, taken);
                break;
            case BatchKind.Lines:
                TakeLines(process, done, taken);
                break;
            case BatchKind.Answer:
                EventNotes.Alone(process, taken, state.Now.Instant);
                break;
            case BatchKind.Birth or BatchKind.Start or BatchKind.Stop:
                EventNotes.Alone(process, taken, process.Opened.Instant);
                if (0 < done && 0 <= batch.Handler)
                {
                    state.Outside.Committed(process.Id, batch.Handler, 1, process.Opened.Monotonic);
                }

                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }

        return taken;
    }

    private void TakeMail(Process process, int done, int taken)
    {
        // A batch of a prelude alone has no handler and takes nothing.
        bool isExit = 0 < taken && process.Agent.Handlers[process.Batch.Handler].Spec.Kind == HandlerKind.Exit;
        int run = 0;
        for (int index = 0; index < taken; index++)
        {
            ref var mail = ref process.Mail.At(0);
            var (arrived, ask, sender) = (mail.Arrived, mail.Ask, mail.Sender);
            if (taken - index <= Limits.RecentEventsMax)
            {
                EventNotes.Mail(process);
            }

            process.Mail.Pop();
            if (isExit)
            {
                process.Caps.Forget(sender); // It has been told, so the name of the child may end.
            }

            if (done <= index)
            {
                state.Asks.Fail(ask, AskFailure.Crashed, "the handler trapped");
            }

            run += index < done ? 1 : 0;
            bool last = index + 1 == taken || process.Mail.At(0).Arrived != arrived;
            if (last && 0 < run)
            {
                state.Outside.Committed(process.Id, process.Batch.Handler, run, arrived);
                run = 0;
            }
        }

        state.Delivery.Flush(process);
    }

    private void TakeLines(Process process, int done, int taken)
    {
        ref var mail = ref process.Mail.At(0);
        var lines = mail.Lines!; // Mail of kind Lines has them.
        EventNotes.Lines(process, lines, mail, taken);
        mail.NextLine += taken;
        if (0 < done)
        {
            state.Outside.Committed(process.Id, process.Batch.Handler, done, mail.Arrived);
        }

        int all = lines.Count + (lines is { IsLast: true, Form: LineForm.OptionalText } ? 1 : 0);
        if (mail.NextLine == all || state.IsStopping)
        {
            process.Mail.Pop();
            state.Supervisor.Release(lines);
        }
    }

    // What a committed Birth, Start, Stop or answer means for the life of the process.
    private void AfterLife(Process process, Batch batch, int committed)
    {
        bool done = !process.IsEnded && batch.Prelude < committed;
        switch (batch.Kind)
        {
            case BatchKind.Birth when done:
                process.BirthDue = false;
                process.StartDue = 0 <= process.Agent.Start;
                break;
            case BatchKind.Start when done:
                process.StartDue = false;
                break;
            case BatchKind.Stop when done:
                state.Supervisor.End(process, process.StopReason, "");
                break;
            case BatchKind.Birth or BatchKind.Start or BatchKind.Stop:
            case BatchKind.Lines:
                break;
            case BatchKind.Mail or BatchKind.Answer:
                AfterRequest(process);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    // A process that was born for one request ends with it.
    private void AfterRequest(Process process)
    {
        bool isOver = process is { IsEnded: false, Waiting: null, Mail.Count: 0 }
            && process.Agent.Spec.Starts == AgentStart.PerRequest;
        if (isOver)
        {
            state.Supervisor.OrderStop(process, EndReason.Done);
        }
    }
}
