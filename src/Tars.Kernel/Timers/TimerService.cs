using Tars.Base;
using Tars.Kernel.Ipc;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Timers;

/// <summary>Sets and fires timers in logical time: the monotonic reading that came with the event.</summary>
internal sealed class TimerService(KernelState state)
{
    private readonly TimerHeap _heap = new();

    /// <summary>When the next timer is due; null when none is set or the system is stopping.</summary>
    public long? NextDue => state.IsStopping ? null : _heap.First?.Due;

    /// <summary>Sets a timer of a process, in place of one of the same name.</summary>
    /// <param name="from">The monotonic clock of the event that sets it.</param>
    public void Set(Process process, int handler, long from, long first, long period)
    {
        var timer = process.Timers[handler] ??= new TimerEntry(process, handler);
        Withdraw(timer);
        _heap.Set(timer, SaturatingAdd(from, first), period);
    }

    public void Cancel(Process process, int handler)
    {
        if (process.Timers[handler] is { } timer)
        {
            _heap.Remove(timer);
            Withdraw(timer);
        }
    }

    /// <summary>Sets the time-out of the ask that a process waits for from now on.</summary>
    public void SetTimeout(Process process, long timeout)
    {
        process.AskTimer ??= new TimerEntry(process, handler: -1);
        _heap.Set(process.AskTimer, SaturatingAdd(state.Now.Monotonic, timeout), period: 0);
    }

    public void CancelTimeout(Process process)
    {
        if (process.AskTimer is { } timer)
        {
            _heap.Remove(timer);
        }
    }

    /// <summary>The process takes nothing until then.</summary>
    public void SetRest(Process process, long until)
    {
        process.RestTimer ??= new TimerEntry(process, TimerEntry.Rest);
        _heap.Set(process.RestTimer, until, period: 0);
    }

    public void CancelRest(Process process)
    {
        if (process.RestTimer is { } timer)
        {
            _heap.Remove(timer);
        }
    }

    /// <summary>Cancels what its handlers and asks wait for. What it burnt is not forgotten: it rests on.</summary>
    public void CancelAll(Process process)
    {
        CancelTimeout(process);
        if (process.IsEnded)
        {
            CancelRest(process);
        }

        for (int handler = 0; handler < process.Timers.Length; handler++)
        {
            Cancel(process, handler);
        }

        WithdrawTicks(process);
    }

    public void Save(ByteWriter output) => output.I64(_heap.LastSerial);

    public bool Load(ref ByteReader input)
    {
        _heap.LastSerial = input.I64();
        return 0 <= _heap.LastSerial;
    }

    /// <summary>A timer of a checkpoint is set again.</summary>
    public void PutBack(TimerEntry timer) => _heap.PutBack(timer);

    /// <summary>Everything that is due becomes mail.</summary>
    public void Fire()
    {
        long now = state.Now.Monotonic;
        while (!state.IsStopping && _heap.First is { } timer && timer.Due <= now)
        {
            if (timer.Handler < 0)
            {
                _heap.Remove(timer);
                End(timer);
                continue;
            }

            long turns = 1;
            long due = timer.Due;
            if (timer.Period == 0)
            {
                _heap.Remove(timer);
            }
            else
            {
                turns += (now - timer.Due) / timer.Period;
                SetNext(timer, timer.Due + ((Int128)turns * timer.Period));
            }

            Tick(timer, turns, due);
        }
    }

    private void End(TimerEntry timer)
    {
        if (timer.Handler == TimerEntry.Rest)
        {
            state.Wake(timer.Owner);
        }
        else
        {
            state.Asks.TimeOut(timer.Owner);
        }
    }

    // A turn beyond the end of time never comes.
    private void SetNext(TimerEntry timer, Int128 due)
    {
        if (due < long.MaxValue)
        {
            _heap.Set(timer, (long)due, timer.Period);
        }
        else
        {
            _heap.Remove(timer);
        }
    }

    // Turns that are due while a tick waits merge into it.
    private void Tick(TimerEntry timer, long turns, long due)
    {
        if (timer.WaitingTurns == 0)
        {
            var mail = new Mail
            {
                Kind = MailKind.Tick,
                Handler = timer.Handler,
                Timer = timer,
                Instant = state.Now.Instant,
                Arrived = due, // What is late counts as waiting.
            };
            timer.Owner.Mail.Push(mail, []);
        }

        timer.WaitingTurns = SaturatingAdd(timer.WaitingTurns, turns);
        state.Wake(timer.Owner);
    }

    private static void Withdraw(TimerEntry timer)
    {
        if (timer.WaitingTurns == 0)
        {
            return;
        }

        timer.WaitingTurns = 0;
        var mailbox = timer.Owner.Mail;
        for (int index = timer.Owner.InFlight; index < mailbox.Count; index++)
        {
            if (mailbox.At(index).Timer == timer)
            {
                mailbox.Withdraw(index);
                return;
            }
        }
    }

    // A tick that was in its guest's hands when the process was lost is in the mailbox still, and waits no more.
    private static void WithdrawTicks(Process process)
    {
        for (int index = process.InFlight; index < process.Mail.Count; index++)
        {
            if (process.Mail.At(index).Kind == MailKind.Tick)
            {
                process.Mail.Withdraw(index);
                index = process.InFlight - 1; // What was withdrawn may have gone, and the rest moved up.
            }
        }
    }

    private static long SaturatingAdd(long left, long right) =>
        long.MaxValue - right < left ? long.MaxValue : left + right;
}
