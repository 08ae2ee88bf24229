using System.Diagnostics;
using System.Text.Json;
using Tars.Base;
using Tars.Devices.Host;
using Tars.Host.Moving;
using Tars.Kernel.Ports;
using Button = Tars.Devices.Button;

namespace Tars.Host.Control;

/// <summary>Answers operators on the thread of the run: what they want done becomes an event like any other.</summary>
/// <remarks>Invariant: between two events the kernel is only looked at; what changes it goes through Step.</remarks>
/// <param name="engines">Which engine runs which module; null where that is not known.</param>
internal sealed class ControlWork(IOperated operated, IClock clock, EngineDesk? engines)
{
    private const string Ends = "the run ends";

    private readonly Queue<ControlTask> _swaps = new();

    /// <summary>True once an operator has ended the run.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Answers a request, or begins what answers it later.</summary>
    public void Do(ControlTask task)
    {
        switch (task.Request)
        {
            case ControlRequest.Processes processes:
                long now = clock.Now.Monotonic;
                var running = Engines();
                Show(task, "processes", kernel => kernel.Status(new ProcessId(processes.After)),
                    one => one.Process.Value,
                    (json, row) => ControlRows.Write(json, row, now, running(row.Module)));
                break;
            case ControlRequest.Rights rights:
                var under = Engines();
                Show(task, "rights", kernel => kernel.Rights().Where(one => rights.After < one.Process.Value),
                    one => one.Process.Value, (json, row) => ControlRows.Write(json, row, under(row.Module)));
                break;
            case ControlRequest.Dead dead:
                Show(task, "letters", kernel => LettersAfter(kernel, dead.After), one => one.Number, ControlRows.Write);
                break;
            case ControlRequest.Set set:
                Set(task, set);
                break;
            case ControlRequest.Change { Gives: true } grant:
                Act(task, at => new KernelEvent.Grant(at, grant.Process ?? default, grant.Module, grant.Right));
                break;
            case ControlRequest.Change revoke:
                Act(task, at => new KernelEvent.Revoke(at, revoke.Process ?? default, revoke.Module, revoke.Right));
                break;
            case ControlRequest.Letters letter:
                Letters(task, letter);
                break;
            case ControlRequest.Stop { Process: { } process }:
                Act(task, at => new KernelEvent.StopProcess(at, process));
                break;
            case ControlRequest.Stop:
                IsOver = true;
                task.Done(json => json.WriteString("done", Ends));
                break;
            case ControlRequest.Press press:
                Press(task, press);
                break;
            case ControlRequest.Swap swap:
                Swap(task, swap);
                break;
            default:
                throw new UnreachableException(); // Parts stay with the connection.
        }
    }

    /// <summary>A swap is done or refused; whoever waits for it is told.</summary>
    public void Swapped(SwapReport report)
    {
        bool isOurs = _swaps.TryPeek(out var task) && task.Offer?.Image.Manifest is { } manifest && !report.IsReturn
            && (manifest.Name, manifest.Version) == (report.Module, report.To);
        if (!isOurs)
        {
            return;
        }

        _ = _swaps.Dequeue();
        if (report.IsDone)
        {
            // It was there to look at.
            task!.Done(json =>
            {
                ControlRows.Write(json, report);
                ControlRows.Write(json, "trial", task.Offer?.Trial ?? []);
            });
        }
        else
        {
            task!.Refuse(string.Join("; ", report.Refusals));
        }
    }

    /// <summary>The run is over: who still waits for a swap waits in vain.</summary>
    public void End()
    {
        while (_swaps.TryDequeue(out var task))
        {
            task.Refuse("the run has ended");
        }
    }

    // By a module's name what its newest version is on.
    private Func<string, ModuleEngine?> Engines()
    {
        var rows = engines?.Rows ?? [];
        return module => rows.LastOrDefault(one => one.Module == module);
    }

    private void Show<T>(
        ControlTask task,
        string name,
        Func<Kernel.Kernel, IEnumerable<T>> rows,
        Func<T, long> keyOf,
        Action<Utf8JsonWriter, T> write)
    {
        if (operated.Look(rows, keyOf) is not { } page)
        {
            task.Refuse(Ends);
            return;
        }

        task.Done(json =>
        {
            json.WriteStartArray(name);
            foreach (var row in page.Rows)
            {
                write(json, row);
            }

            json.WriteEndArray();
            json.WriteBoolean("more", page.IsMore);
        });
    }

    private void Set(ControlTask task, ControlRequest.Set set)
    {
        var found =
            (from module in operated.System.Modules
             from param in module.Manifest.Params
             where set.Param == param.Name || set.Param == $"{module.Manifest.Name}.{param.Name}"
             select (Module: module.Manifest.Name, Param: param)).ToArray();
        if (found is not [var one])
        {
            task.Refuse(found.Length == 0
                ? $"no module has a parameter {set.Param}"
                : $"it may be {string.Join(" or ", found.Select(each => $"{each.Module}.{each.Param.Name}"))}");
            return;
        }

        var value = new ByteWriter();
        if (ParamText.Read(one.Param, set.Value, value) is { } why)
        {
            task.Refuse($"{set.Param}={set.Value}: {why}");
            return;
        }

        byte[] octets = value.Written.ToArray();
        Act(task, at => new KernelEvent.SetParam(at, one.Module, one.Param.Name, [.. octets])
        {
            Until = set.For is { } span ? at.Monotonic + Math.Min(span, long.MaxValue - at.Monotonic) : null,
        });
    }

    private void Press(ControlTask task, ControlRequest.Press press)
    {
        var found = operated.System.Devices
            .Where(one => one.Kind.Name == Button.Device.Kind && one.IsCalled(press.Device)).ToArray();
        if (found is not [var button])
        {
            task.Refuse(found.Length == 0
                ? $"no module has a button {press.Device}"
                : $"it may be {string.Join(" or ", found.Select(one => one.FullName))}");
        }
        else
        {
            Answer(
                task,
                operated.Feed(button.Id, Button.Protocol.Event(press.IsDown)),
                json => json.WriteString("done", $"{(press.IsDown ? "press" : "release")} {button.FullName}"));
        }
    }

    private void Letters(ControlTask task, ControlRequest.Letters asked)
    {
        if (asked.Letter is { } number)
        {
            Act(task, at => EventOf(at, number, asked.Delivers));
            return;
        }

        if (AllLetters() is not { } letters)
        {
            task.Refuse(Ends);
            return;
        }

        // What is told to go may trap and be a letter again: that one was not meant.
        OperatorAct[] acts = [.. letters.Select(each => operated.Act(at => EventOf(at, each, asked.Delivers)))];
        Answer(task, refusal: null, json =>
        {
            json.WriteNumber("letters", acts.Count(act => act.IsDone));
            ControlRows.Write(
                json, "refused", acts.Where(act => !act.IsDone).Select(act => $"{act.Target}: {act.Refusal}"));
        });
    }

    // The numbers of all that are there; null when the run ends.
    private List<long>? AllLetters()
    {
        var numbers = new List<long>();
        bool isMore = true;
        while (isMore)
        {
            long after = numbers is [.., var last] ? last : 0;
            if (operated.Look(kernel => LettersAfter(kernel, after), one => one.Number) is not { } page)
            {
                return null;
            }

            numbers.AddRange(page.Rows.Select(one => one.Number));
            isMore = page.IsMore;
        }

        return numbers;
    }

    private static IEnumerable<KeptLetter> LettersAfter(Kernel.Kernel kernel, long after) =>
        kernel.DeadLetters.Where(one => after < one.Number).OrderBy(one => one.Number);

    private static KernelEvent EventOf(Moment at, long letter, bool delivers) => delivers
        ? new KernelEvent.DeliverDead(at, letter)
        : new KernelEvent.DropDead(at, letter);

    private void Swap(ControlTask task, ControlRequest.Swap swap)
    {
        if (task.Offer is not { } offer || 0 < _swaps.Count)
        {
            task.Offer?.Image.Code.Dispose();
            task.Refuse("another swap is under way");
            return;
        }

        if (swap.IsDry)
        {
            string? refusal = operated.WhyNot(offer, swap.Terms);
            offer.Image.Code.Dispose();
            if (refusal is null)
            {
                task.Done(json => ControlRows.Write(json, "trial", offer.Trial));
            }
            else
            {
                task.Refuse(refusal);
            }

            return;
        }

        // It may be over before that answers.
        task.Wait();
        _swaps.Enqueue(task);
        if (operated.Swap(offer, swap.Terms) is { } why)
        {
            _ = _swaps.Dequeue();
            offer.Image.Code.Dispose();
            task.Refuse(why);
        }
    }

    private void Act(ControlTask task, Func<Moment, KernelEvent> what)
    {
        var act = operated.Act(what);
        Answer(
            task,
            act.IsDone ? null : act.Refusal,
            json => json.WriteString("done", $"{act.Act} {act.Target}"));
    }

    // Whatever came of it: what is not kept is not done.
    private void Answer(ControlTask task, string? refusal, Action<Utf8JsonWriter> members)
    {
        if ((operated.WhyLost ?? refusal) is { } why)
        {
            task.Refuse(why);
        }
        else
        {
            task.Done(members);
        }
    }
}
