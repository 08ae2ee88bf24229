using System.Diagnostics;
using System.Text.Json;
using Tars.Base;
using Tars.Devices.Host;
using Tars.Kernel.Ports;
using Button = Tars.Devices.Button;

namespace Tars.Host.Control;

/// <summary>Answers operators on the thread of the run: what they want done becomes an event like any other.</summary>
/// <remarks>Invariant: between two events the kernel is only looked at; what changes it goes through Step.</remarks>
internal sealed class ControlWork(
    Kernel.Kernel kernel,
    SystemOutside outside,
    IClock clock,
    Func<KernelEvent, StepResult> step,
    Func<string?> whyLost,
    Action<ReadOnlyMemory<byte>> note)
{
    private readonly Queue<ControlTask> _swaps = new();

    /// <summary>True once an operator has ended the run.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Answers a request, or begins what answers it later.</summary>
    /// <param name="last">What the Step before answered.</param>
    /// <returns>What the newest Step answered.</returns>
    public StepResult Do(ControlTask task, StepResult last)
    {
        switch (task.Request)
        {
            case ControlRequest.Processes processes:
                long now = clock.Now.Monotonic;
                var status = kernel.Status(new ProcessId(processes.After));
                Show(task, "processes", status, one => one.Process.Value,
                    (json, row) => ControlRows.Write(json, row, now));
                break;
            case ControlRequest.Rights rights:
                var held = kernel.Rights().Where(one => rights.After < one.Process.Value);
                Show(task, "rights", held, one => one.Process.Value, ControlRows.Write);
                break;
            case ControlRequest.Dead dead:
                var letters = kernel.DeadLetters.Where(one => dead.After < one.Number);
                Show(task, "letters", letters, one => one.Number, ControlRows.Write);
                break;
            case ControlRequest.Set set:
                last = Set(task, set, last);
                break;
            case ControlRequest.Change { Gives: true } grant:
                last = Act(task, new KernelEvent.Grant(clock.Now, grant.Process ?? default, grant.Module, grant.Right));
                break;
            case ControlRequest.Change revoke:
                last = Act(
                    task, new KernelEvent.Revoke(clock.Now, revoke.Process ?? default, revoke.Module, revoke.Right));
                break;
            case ControlRequest.Letters letter:
                last = Letters(task, letter, last);
                break;
            case ControlRequest.Stop { Process: { } process }:
                last = Act(task, new KernelEvent.StopProcess(clock.Now, process));
                break;
            case ControlRequest.Stop:
                IsOver = true;
                task.Done(json => json.WriteString("done", "the run ends"));
                break;
            case ControlRequest.Press press:
                last = Press(task, press, last);
                break;
            case ControlRequest.Swap swap:
                last = Swap(task, swap, last);
                break;
            default:
                throw new UnreachableException(); // Parts stay with the connection.
        }

        return last;
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

    // A page ends where the key changes, since the next one is asked for by the last key.
    private static void Show<T>(
        ControlTask task, string name, IEnumerable<T> rows, Func<T, long> keyOf, Action<Utf8JsonWriter, T> write)
    {
        var page = new List<T>();
        bool isMore = false;
        foreach (var row in rows)
        {
            isMore = Limits.ControlRowsMax <= page.Count && keyOf(row) != keyOf(page[^1]);
            if (isMore)
            {
                break;
            }

            page.Add(row);
        }

        task.Done(json =>
        {
            json.WriteStartArray(name);
            page.ForEach(row => write(json, row));
            json.WriteEndArray();
            json.WriteBoolean("more", isMore);
        });
    }

    private StepResult Set(ControlTask task, ControlRequest.Set set, StepResult last)
    {
        var found =
            (from module in kernel.System.Modules
             from param in module.Manifest.Params
             where set.Param == param.Name || set.Param == $"{module.Manifest.Name}.{param.Name}"
             select (Module: module.Manifest.Name, Param: param)).ToArray();
        if (found is not [var one])
        {
            task.Refuse(found.Length == 0
                ? $"no module has a parameter {set.Param}"
                : $"it may be {string.Join(" or ", found.Select(each => $"{each.Module}.{each.Param.Name}"))}");
            return last;
        }

        var value = new ByteWriter();
        if (ParamText.Read(one.Param, set.Value, value) is { } why)
        {
            task.Refuse($"{set.Param}={set.Value}: {why}");
            return last;
        }

        var now = clock.Now;
        return Act(task, new KernelEvent.SetParam(now, one.Module, one.Param.Name, [.. value.Written])
        {
            Until = set.For is { } span ? now.Monotonic + Math.Min(span, long.MaxValue - now.Monotonic) : null,
        });
    }

    private StepResult Press(ControlTask task, ControlRequest.Press press, StepResult last)
    {
        var found = kernel.System.Devices
            .Where(one => one.Kind.Name == Button.Device.Kind && one.IsCalled(press.Device)).ToArray();
        if (found is not [var button])
        {
            task.Refuse(found.Length == 0
                ? $"no module has a button {press.Device}"
                : $"it may be {string.Join(" or ", found.Select(one => one.FullName))}");
            return last;
        }

        last = step(new KernelEvent.DeviceInput(clock.Now, button.Id, Button.Protocol.Event(press.IsDown)));
        if (whyLost() is { } lost)
        {
            task.Refuse(lost);
        }
        else
        {
            task.Done(json => json.WriteString("done", $"{(press.IsDown ? "press" : "release")} {button.FullName}"));
        }

        return last;
    }

    private StepResult Letters(ControlTask task, ControlRequest.Letters asked, StepResult last)
    {
        if (asked.Letter is { } number)
        {
            return Act(task, EventOf(number, asked.Delivers));
        }

        var refusals = new List<string>();
        int done = 0;
        foreach (long each in kernel.DeadLetters.Select(one => one.Number).ToArray())
        {
            last = step(EventOf(each, asked.Delivers));
            if (outside.LastAct is { IsDone: false } act)
            {
                refusals.Add($"{act.Target}: {act.Refusal}");
            }
            else
            {
                done++;
            }
        }

        if (whyLost() is { } lost)
        {
            task.Refuse(lost);
            return last;
        }

        task.Done(json =>
        {
            json.WriteNumber("letters", done);
            json.WriteStartArray("refused");
            refusals.ForEach(json.WriteStringValue);
            json.WriteEndArray();
        });
        return last;
    }

    private KernelEvent EventOf(long letter, bool delivers) => delivers
        ? new KernelEvent.DeliverDead(clock.Now, letter)
        : new KernelEvent.DropDead(clock.Now, letter);

    private StepResult Swap(ControlTask task, ControlRequest.Swap swap, StepResult last)
    {
        if (task.Offer is not { } offer || 0 < _swaps.Count)
        {
            task.Offer?.Image.Code.Dispose();
            task.Refuse("another swap is under way");
            return last;
        }

        task.Wait();
        _swaps.Enqueue(task);
        note(offer.Bundle);
        return step(KernelEvent.Swap.Of(clock.Now, offer.Image, swap.Terms));
    }

    // Every event of an operator tells in its own Step what came of it.
    private StepResult Act(ControlTask task, KernelEvent happened)
    {
        var last = step(happened);
        var act = outside.LastAct!;
        if (whyLost() is { } lost)
        {
            task.Refuse(lost);
        }
        else if (act.IsDone)
        {
            task.Done(json => json.WriteString("done", $"{act.Act} {act.Target}"));
        }
        else
        {
            task.Refuse(act.Refusal);
        }

        return last;
    }
}
