using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ipc;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Supervision;

/// <summary>
/// Decides what becomes of processes: after a trap, when a guest breaks its contract, at a stop, at the end.
/// </summary>
internal sealed class Supervisor(KernelState state)
{
    private static readonly SupervisionSpec _default =
        new(SupervisionStrategy.OneForOne, Restarts: 3, Within: 5_000_000_000);

    // By the group that shares them, then by module.
    private readonly Dictionary<ProcessId, Dictionary<int, Queue<long>>> _restarts = [];

    /// <summary>Processes that still have to be told to stop, while the system is stopping.</summary>
    private readonly Queue<Process> _toStop = new();

    /// <summary>An event was rolled back and taken off.</summary>
    /// <param name="index">Index of the event in its batch.</param>
    public void Trapped(Process process, KeptLetter kept, Batch batch, int index)
    {
        var letter = kept.Letter;
        process.Traps++;
        state.DeadLetters.Add(kept);
        state.Outside.Trapped(letter);
        Count(process, letter.Sender);
        if (batch.Kind == BatchKind.Answer && index == batch.Prelude)
        {
            // The rest of the handler is gone with the answer; who asked it is told.
            state.Asks.Forget(process);
            state.Asks.Fail(process.HeldAsk, AskFailure.Crashed, letter.Detail);
            process.HeldAsk = 0;
        }

        bool alone = index < batch.Prelude || batch.Kind == BatchKind.Birth || batch.Total <= index;
        if (alone)
        {
            Break(process, "it trapped where no handler of its own runs");
            return;
        }

        if (batch.Kind == BatchKind.Start)
        {
            process.StartDue = false;
        }

        if (batch.Kind == BatchKind.Stop)
        {
            End(process, EndReason.Failed, "its stop handler trapped");
            return;
        }

        switch (process.OnTrap)
        {
            case TrapPolicy.Continue:
                break;
            case TrapPolicy.Restart:
                Restart(process);
                break;
            case TrapPolicy.Stop:
                End(process, EndReason.Failed, letter.Detail);
                Intensity(process);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The guest does not keep to the ABI, or cannot be trusted to any more: it ends, and only it.</summary>
    public void Break(Process process, string why)
    {
        state.Audit(process.Id, "process", process.Agent.Name, why);
        End(process, EndReason.Failed, why);
    }

    /// <summary>Ends a process at once, without its `stop` handler.</summary>
    public void End(Process process, EndReason reason, string detail)
    {
        if (process.IsEnded)
        {
            return;
        }

        if (process.Phase != GuestPhase.Idle)
        {
            Decide(process, reason == EndReason.Failed ? Fate.Fail : Fate.Stop);
            return;
        }

        process.IsEnded = true;
        state.Processes.Remove(process.Id);
        state.CountAlive(process, -1);
        state.Denials.Forget(process.Id);
        _restarts.Remove(process.Id);
        state.ProcessGeneration++;
        state.Clock.CancelAll(process);
        state.Derivations.EndOf(process.Id);
        state.Asks.Forget(process);
        state.Asks.Fail(process.HeldAsk, AskFailure.Gone, "the process has ended");
        DropMail(process);
        state.Delivery.DropOutgoing(process);
        state.Delivery.Flush(process);
        state.Asks.FailAllOf(process);
        state.Ended.Add(KernelReports.Of(process), process.Agent.Spec.Starts);
        process.Guest?.Dispose();
        process.Guest = null;
        process.Caps.LetGo();
        process.GivenBlobs = null;
        state.Warm.Ended(process);
        state.Outside.Ended(process.Id, reason, detail);
        state.Exits.Tell(process, reason, detail);
        StopChildren(process);
    }

    // A child ends with its parent, and when its parent begins anew and knows it no more.
    private void StopChildren(Process parent)
    {
        if (!parent.HasChildren)
        {
            return;
        }

        foreach (var child in parent.Children.ToArray())
        {
            OrderStop(child, EndReason.Stopped);
            if (state.Planted == Planted.ChildOutlivesParent)
            {
                break;
            }
        }
    }

    /// <summary>The process called `exit()`, or the system stops: its `stop` handler is its next event.</summary>
    public void OrderStop(Process process, EndReason reason)
    {
        if (process.IsEnded || process.StopDue)
        {
            return;
        }

        process.StopDue = true;
        process.StopReason = reason;
        process.Opened = state.Now;
        if (process.Waiting is { Payload: null } ask)
        {
            string why = state.IsStopping ? "the system stops" : "the process is told to stop";
            state.Asks.Fail(ask.Number, AskFailure.Gone, why);
        }

        state.Wake(process);
    }

    /// <summary>
    /// The system stops: input is cut off, and the processes stop in order of birth, one when the one before is done.
    /// </summary>
    public void StopAll()
    {
        state.IsStopping = true;
        foreach (var process in state.Processes.Values)
        {
            _toStop.Enqueue(process);
        }

        state.Quota.LetAllGo();
    }

    /// <summary>
    /// Tells the next process to stop, once nothing else is left to do. False when all have been told.
    /// </summary>
    public bool StopNext()
    {
        if (!_toStop.TryDequeue(out var process))
        {
            return false;
        }

        OrderStop(process, EndReason.Stopped);
        return true;
    }

    /// <summary>Somebody has a process of an agent lost.</summary>
    public void Crash(KernelEvent.Crash crash)
    {
        var process = state.Processes.Values.FirstOrDefault(one =>
            one.Agent.Module.Manifest.Name == crash.Module && one.Agent.Name == crash.Agent);
        if (process is null)
        {
            state.Audit(ProcessId.Outside, "crash", crash.Agent, "no process of it is alive");
            return;
        }

        Crash(process);
    }

    /// <summary>A process is lost and begins anew, as if its machine had failed. Intensity does not count it.</summary>
    public void Crash(Process process)
    {
        process.Traps++;
        if (process.Phase != GuestPhase.Idle)
        {
            Decide(process, Fate.Crash);
            return;
        }

        Lose(process);
    }

    /// <summary>What was decided for a process while its guest was running.</summary>
    public void Carry(Process process)
    {
        var fate = process.Fate;
        process.Fate = Fate.None;
        switch (fate)
        {
            case Fate.Restart:
                Renew(process);
                break;
            case Fate.Crash:
                Lose(process);
                break;
            case Fate.Fail:
                End(process, EndReason.Failed, "");
                break;
            case Fate.Stop:
                End(process, EndReason.Stopped, "");
                break;
            case Fate.None:
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    // What goes further holds, and of two ends the first: who has to end does not begin anew because it was lost too.
    private static void Decide(Process process, Fate fate)
    {
        if (process.Fate < Fate.Fail && process.Fate < fate)
        {
            process.Fate = fate;
        }
    }

    /// <summary>One receiver fewer has to take these lines.</summary>
    public void Release(LineBatch lines)
    {
        lines.Takers--;
        if (lines.Takers == 0)
        {
            state.Outside.InputTaken(lines);
        }
    }

    /// <param name="some">The modules of which it is written; null for all.</param>
    public void Save(ByteWriter output, int[]? some = null)
    {
        bool IsWritten(int module) => some?.Contains(module) != false;
        output.U32((uint)_restarts.Sum(one => one.Value.Keys.Count(IsWritten)));
        foreach (var (group, modules) in _restarts.OrderBy(one => one.Key))
        {
            foreach (var (module, times) in modules.Where(one => IsWritten(one.Key)).OrderBy(one => one.Key))
            {
                output.I64(group.Value);
                output.U32((uint)module);
                output.U32((uint)times.Count);
                foreach (long time in times)
                {
                    output.I64(time);
                }
            }
        }
    }

    /// <param name="replaced">Modules whose times give way, and of which alone there may be some; null for all.
    /// </param>
    public bool Load(ref ByteReader input, int[]? replaced = null)
    {
        foreach (int module in replaced ?? [])
        {
            foreach (var times in _restarts.Values)
            {
                times.Remove(module);
            }
        }

        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var group = new ProcessId(input.I64());
            uint module = input.U32();
            if (!_restarts.TryGetValue(group, out var modules))
            {
                _restarts[group] = modules = [];
            }

            var times = new Queue<long>();
            for (uint more = input.U32(); 0 < more && !input.Failed; more--)
            {
                times.Enqueue(input.I64());
            }

            bool fits = module < state.System.Modules.Length && replaced?.Contains((int)module) != false
                && !modules.ContainsKey((int)module);
            if (!fits)
            {
                return false;
            }

            modules[(int)module] = times;
        }

        return !input.Failed;
    }

    private void Restart(Process process)
    {
        if (Intensity(process))
        {
            return;
        }

        var strategy = (process.Agent.Module.Manifest.Supervision ?? _default).Strategy;
        foreach (var one in state.Processes.Values.ToArray())
        {
            bool sibling = one.Agent.ModuleIndex == process.Agent.ModuleIndex
                && one.Group == process.Group && one.Agent.Spec.Starts == AgentStart.WithModule;
            bool along = strategy switch
            {
                SupervisionStrategy.OneForOne => false,
                SupervisionStrategy.OneForAll => sibling,
                SupervisionStrategy.RestForOne => sibling && process.Agent.AgentIndex < one.Agent.AgentIndex,
            };
            if (one == process || along)
            {
                Renew(one);
            }
        }
    }

    // Counts a restart or stop; true when there were too many, and then the whole group has ended.
    private bool Intensity(Process process)
    {
        var module = process.Agent.ModuleIndex;
        var supervision = process.Agent.Module.Manifest.Supervision ?? _default;
        if (process.Group != default && state.Find(process.Group) is null)
        {
            return false; // It is about to be told to stop, as its parent has ended.
        }

        if (!_restarts.TryGetValue(process.Group, out var modules))
        {
            _restarts[process.Group] = modules = [];
        }

        if (!modules.TryGetValue(module, out var times))
        {
            modules[module] = times = new Queue<long>();
        }

        times.Enqueue(state.Now.Monotonic);
        while (times.Peek() < state.Now.Monotonic - supervision.Within)
        {
            times.Dequeue();
        }

        int more = state.Planted == Planted.RestartTooMany ? 1 : 0;
        if (times.Count <= supervision.Restarts + more)
        {
            return false;
        }

        bool AreOne(Process other) => other.Agent.ModuleIndex == module && other.Group == process.Group;
        foreach (var one in state.Processes.Values.Where(AreOne).ToArray())
        {
            End(one, EndReason.Failed, "more restarts than its supervision allows");
        }

        return true;
    }

    // Initial state; capabilities as at birth, timers cancelled, mailbox kept.
    private void Renew(Process process)
    {
        if (process.Phase != GuestPhase.Idle)
        {
            Decide(process, Fate.Restart);
            return;
        }

        process.Restarts++;
        StopChildren(process);
        state.Derivations.EndOf(process.Id);
        state.Clock.CancelAll(process);
        state.Asks.Forget(process);
        state.Asks.Fail(process.HeldAsk, AskFailure.Crashed, "the process began anew");
        process.HeldAsk = 0;
        Array.Fill(process.Evidence, double.NaN);
        process.Strengths = process.Agent.Beliefs is null ? [] : [.. process.Agent.Beliefs.Priors];
        state.Births.EquipAnew(process);
        state.Births.Begin(process);
    }

    private void Lose(Process process)
    {
        DropMail(process);
        state.Delivery.DropOutgoing(process);
        state.Delivery.Flush(process);
        state.Audit(process.Id, "process", process.Agent.Name, "it crashed and begins anew");
        Renew(process);
    }

    private void DropMail(Process process)
    {
        int dropped = 0;
        while (0 < process.Mail.Count)
        {
            ref var mail = ref process.Mail.At(0);
            long ask = mail.Ask;
            var lines = mail.Lines;
            int next = Math.Min(mail.NextLine, lines?.Count ?? 0);
            if (mail.Kind == MailKind.Message)
            {
                dropped++;
                ClosedCapabilities.Audit(
                    state, process.Agent, mail.Handler, mail.Sender, process.Mail.FirstPayload);
            }

            process.Mail.Pop();
            state.Asks.Fail(ask, AskFailure.Gone, "the process has ended");
            if (lines is not null)
            {
                dropped += lines.Count - next;
                Release(lines);
            }
        }

        if (0 < dropped)
        {
            state.Audit(process.Id, "mail", process.Agent.Name, "the process ended before it", dropped);
        }
    }

    // Whoever has ended sends nothing any more, and would only keep others from being counted.
    private void Count(Process process, ProcessId sender)
    {
        var counted = process.TrapsBySender;
        if (process.Agent.Spec.RejectAfter == 0 || sender == ProcessId.Outside)
        {
            return;
        }

        if (counted.Count == Limits.SendersCountedMax && !counted.ContainsKey(sender))
        {
            bool HasEnded(ProcessId one) => state.Shards?.IsElsewhere(one) != true && state.Find(one) is null;
            foreach (var ended in counted.Keys.Where(HasEnded).ToArray())
            {
                counted.Remove(ended);
            }
        }

        if (counted.Count < Limits.SendersCountedMax || counted.ContainsKey(sender))
        {
            counted[sender] = counted.GetValueOrDefault(sender) + 1;
        }
    }
}
