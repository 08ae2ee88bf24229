using System.Globalization;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>Births, ends, traps and what supervision makes of them.</summary>
internal sealed partial class KernelModel
{
    private readonly Queue<long> _restarts = new();
    private int _inputRefusalsDue;

    public void Started(ProcessId id, string agent)
    {
        Wrong(id <= _lastId, $"{id} was born after {_lastId}");
        _lastId = id;
        int place = Array.IndexOf(SwarmText.Names, agent);
        if (0 <= place)
        {
            Wrong(Find(place) is not null, $"a second {agent} was born");
            _processes.Add(id, new ModelProcess(id, place, parent: null, name: 0));
            return;
        }

        if (_spawns is not { } spawns)
        {
            Fail($"{agent} {id} was born, and nobody spawned it");
            return;
        }

        _spawns = null;
        _lastId = id;
        Wrong(Alive.Count(one => one.IsWorker) >= WorkersMax, $"{agent} {id} is one more than may live");
        _processes.Add(id, new ModelProcess(id, SwarmText.Names.Length, spawns.Parent, spawns.Name));
    }

    public void Ended(ProcessId id, EndReason reason)
    {
        if (Find(id) is not { IsEnded: false } process)
        {
            Fail($"{id} ended twice, or never began");
            return;
        }

        bool right = reason switch
        {
            EndReason.Done => process.WantsExit,
            EndReason.Failed => process.EndDue,
            EndReason.Stopped => process.StopDue || _isStopping,
        };
        Wrong(!right, $"{process} ended {reason}, and nothing says why");
        Wrong(0 < process.Mail.Count, $"{process} ended, and {process.Mail.Count} messages are gone without a word");
        process.IsEnded = true;
        process.Ask = null;
        _denied.RemoveWhere(one => one.Process == id);
        Release(process);
        Wrong(0 < process.Outbox.Count, $"{process} ended, and {process.Outbox.Count} held back are gone in silence");
        ClearMail(process);
        process.BlockedSenders.Clear();
        StopChildren(process);
        foreach (var asker in Alive.Where(one => one.Asked == process))
        {
            asker.Ask?.IsOver = true;
        }

        if (process.Parent is { IsEnded: false } parent)
        {
            parent.Mail.Add(new ModelMail(Saying.Exit, process.Name, (long)reason, id, parent.Id, Ask: null));
        }
    }

    public void Trapped(DeadLetter letter, AgentSpec agent)
    {
        if (Find(letter.Process) is not { IsEnded: false } process)
        {
            Fail($"{letter.Process} trapped, and it does not live");
            return;
        }

        EndCall(process);

        if (Returns(process))
        {
            process.InFlight = 0;
            return;
        }

        if (letter.Handler < 0 || SayingOf(agent.Handlers[letter.Handler]) is not { } what)
        {
            Fail($"{process} trapped where nothing of it should: handler {letter.Handler}, {letter.Fault}");
            return;
        }

        var (a, b) = KeyOf(what, letter.Payload.AsSpan());
        Wrong(0 < process.Handled, $"{process} trapped before what it did was taken off");
        Take(process, what, a, b);
        if (0 < process.Handled)
        {
            _letters.Add(
                ++_lettersTotal, process.Mail[0] with { Sender = ProcessId.Outside, Target = process.Id, Ask = null });
            Close(process.Mail[0]);
            TakeOff(process, count: 1);
        }

        switch (plan.Agents[process.Place].OnTrap)
        {
            case TrapPolicy.Restart when !CountRestart():
                Restart(process);
                break;
            case TrapPolicy.Stop:
                process.EndDue = true;
                CountRestart();
                break;
            case TrapPolicy.Restart or TrapPolicy.Continue:
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Something was refused, dropped or ignored.</summary>
    public void Audit(Audit entry)
    {
        var process = Find(entry.Process);
        switch (entry.Effect)
        {
            case "input" when entry.Reason == "the system stops":
                break;
            case "input":
                Wrong(entry.Count != _inputRefusalsDue, $"{entry.Count} of {entry.Target} were not taken, "
                    + $"and {_inputRefusalsDue} should not have been");
                _inputRefusalsDue = 0;
                break;
            case "send" when process is not null && entry.Target.StartsWith('#')
                && process.Outbox.FindIndex(one => one.Target == Id(entry.Target)) is >= 0 and var held
                && entry.Reason == "the process has ended":
                process.Outbox.RemoveAt(held);
                break;
            case "send" or "publish" when process is not null:
                if (entry.Reason.StartsWith(Cycle, StringComparison.Ordinal))
                {
                    Settle();
                }

                Refused(process, entry);
                break;
            case "drop_oldest":
                Gone(entry);
                break;
            case "spawn" when process is not null:
                NotSpawned(process, entry);
                break;
            case "mail" when process is not null:
                DropMail(process, entry.Count);
                break;
            case "outbox" when process is not null:
                DropOutgoing(process, entry.Count);
                break;
            case "process" when process is not null && entry.Reason.StartsWith("it crashed", StringComparison.Ordinal):
                Wrong(0 < process.Mail.Count + process.Outbox.Count, $"{process} crashed, and mail is gone in silence");
                ClearMail(process);
                Flush(process);
                Renew(process);
                break;
            case "process":
                Fail($"{process}: {entry.Reason}");
                break;
            case "message":
                OfLink(entry);
                break;
            case "crash" or OperatorActs.Set or OperatorActs.Grant or OperatorActs.Revoke or OperatorActs.Deliver
                or OperatorActs.Drop or OperatorActs.Stop:
                break;
            default:
                Fail($"nothing should lead to: {entry}");
                break;
        }
    }

    /// <summary>What was counted as refused to the outside is told with the event or not at all.</summary>
    public void EndInput()
    {
        Wrong(0 < _inputRefusalsDue, $"{_inputRefusalsDue} inputs should have been refused, and were not");
        _inputRefusalsDue = 0;
    }

    private static ProcessId Id(string text) => new(long.Parse(text.AsSpan(1), CultureInfo.InvariantCulture));

    private void Refused(ModelProcess process, Audit entry)
    {
        int left = process.RefusalsDue.GetValueOrDefault(entry.Effect) - entry.Count;
        Wrong(
            left < 0,
            $"{process}: `{entry.Effect}` to {entry.Target} was refused, and there was room: {entry.Reason}");
        process.RefusalsDue[entry.Effect] = Math.Max(0, left);
        if (!entry.Reason.StartsWith(Cycle, StringComparison.Ordinal))
        {
            TellRefused(process); // Else it was told when its wait was refused.
        }
    }

    private void TellRefused(ModelProcess process)
    {
        bool isTold = !process.IsWorker && process.Handler != Saying.Refused;
        if (isTold && process.Mail.Count < plan.Agents[process.Place].Length)
        {
            process.Mail.Add(new ModelMail(Saying.Refused, 0, 0, ProcessId.Outside, process.Id, Ask: null));
        }
    }

    private void Gone(Audit entry)
    {
        if (Find(Id(entry.Target)) is not { DropsDue.Count: > 0 } target)
        {
            Fail($"a message for {entry.Target} gave way, and there was room");
            return;
        }

        var gone = target.DropsDue[0];
        target.DropsDue.RemoveAt(0);
        Wrong(gone.Sender != entry.Process, $"{gone} should have given way, and one from {entry.Process} did");
    }

    private void NotSpawned(ModelProcess parent, Audit entry)
    {
        if (_spawns is not { } spawns || spawns.Parent != parent)
        {
            Fail($"a spawn of {parent} was refused, and it did not spawn");
            return;
        }

        _spawns = null;
        _lastId = new ProcessId(_lastId.Value + 1);
        Wrong(
            Alive.Count(one => one.IsWorker) < WorkersMax && !_isStopping,
            $"a spawn of {parent} was refused: {entry.Reason}");
        parent.Mail.Add(new ModelMail(Saying.Exit, spawns.Name, (long)EndReason.Failed, _lastId, parent.Id, Ask: null));
    }

    // True when there were too many, and then all end.
    private bool CountRestart()
    {
        _restarts.Enqueue(_now.Monotonic);
        while (_restarts.Peek() < _now.Monotonic - plan.Supervision.Within)
        {
            _restarts.Dequeue();
        }

        if (_restarts.Count <= plan.Supervision.Restarts)
        {
            return false;
        }

        foreach (var process in Alive)
        {
            process.EndDue = true;
        }

        return true;
    }

    private void Restart(ModelProcess trapped)
    {
        foreach (var one in Alive.ToArray())
        {
            bool along = !one.IsWorker && plan.Supervision.Strategy switch
            {
                SupervisionStrategy.OneForOne => false,
                SupervisionStrategy.OneForAll => true,
                SupervisionStrategy.RestForOne => trapped.Place < one.Place,
            };
            if (one == trapped || along)
            {
                Renew(one);
            }
        }
    }

    private void Renew(ModelProcess process)
    {
        process.StartDue = true;
        process.Ask = null;
        Release(process);
        Forget(process);
        foreach (var timer in process.Timers)
        {
            timer.Clear();
        }

        process.TimerOrders.Clear();
        StopChildren(process);
    }

    // Whoever waits for what it was asked itself is told.
    private static void Release(ModelProcess process)
    {
        if (process.Held is { } held)
        {
            held.IsOver = true;
            process.Held = null;
        }
    }

    private static void Forget(ModelProcess process)
    {
        process.Taken = 0;
        process.Book.Clear();
    }

    private void StopChildren(ModelProcess parent)
    {
        foreach (var child in Alive.Where(one => one.Parent == parent))
        {
            child.StopDue = true;
        }
    }
}
