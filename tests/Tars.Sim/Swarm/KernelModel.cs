using System.Runtime.CompilerServices;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>What a kernel must do with a swarm, worked out from its effects alone and beside it.</summary>
/// <remarks>
/// It follows each message from its sender's own words to its receiver's, keeps the bound of every mailbox, the due
/// times of every timer, who has to begin anew and who has to end, and what each state should hold. The first thing
/// that is otherwise is <see cref="Problem"/>.
/// </remarks>
internal sealed partial class KernelModel(SwarmPlan plan)
{
    private const long Millisecond = 1_000_000;
    private const int WorkersMax = 4;

    private readonly SortedDictionary<ProcessId, ModelProcess> _processes = [];
    private readonly Dictionary<long, ProcessId> _draws = [];
    private (ModelProcess Parent, long Name)? _spawns;
    private ProcessId _lastId;
    private bool _isStopping;
    private Moment _now;

    /// <summary>The first thing that was not as it should be; null while there is none.</summary>
    public string? Problem { get; private set; }

    public IEnumerable<ModelProcess> Alive => _processes.Values.Where(one => !one.IsEnded);

    public ModelProcess? Find(ProcessId id) => _processes.GetValueOrDefault(id);

    /// <summary>The process of an agent that starts with the module; null when it has ended.</summary>
    public ModelProcess? Find(int place) => Alive.FirstOrDefault(one => one.Place == place);

    /// <summary>The kernel is about to be stepped.</summary>
    public void Begin(Moment now)
    {
        _now = now;
        BeginOperating();
        foreach (var process in Alive.Where(_ => !_isStopping))
        {
            foreach (var timer in process.Timers)
            {
                Fire(timer);
            }

            if (process.Ask is { } ask && ask.Due <= now.Monotonic)
            {
                ask.IsOver = true;
            }
        }

        BeginLink();
    }

    /// <summary>The kernel was stepped.</summary>
    /// <param name="isRunning">Whose guest has not come to the end of its call.</param>
    public void EndStep(Func<ProcessId, bool> isRunning)
    {
        Settle();
        EndOperating();
        EndLink();
        foreach (var process in _processes.Values)
        {
            foreach (var (call, count) in process.RefusalsDue)
            {
                Wrong(0 < count, $"{process}: {count} of `{call}` should have been refused, and were not");
            }

            Wrong(
                0 < process.DropsDue.Count,
                $"{process}: {process.DropsDue.Count} messages should have given way, and did not");
            process.Ask?.IsNew = false;
            process.IsRunning &= isRunning(process.Id);
            process.InFlight = isRunning(process.Id) ? process.InFlight : 0;
            Wrong(process.EndDue && !process.IsEnded && !plan.IsRunning, $"{process} should have ended, and has not");
        }

        if (_spawns is { } spawns)
        {
            Fail($"{spawns.Parent} spawned {spawns.Name}, and nothing came of it");
        }
    }

    /// <summary>Faults have stopped and all had time: nothing may be left.</summary>
    public void EndFaults()
    {
        foreach (var process in Alive)
        {
            Wrong(process.StartDue, $"{process} should have begun, and has not");
            Wrong(process.StopDue, $"{process} should have been stopped, and lives");
            Wrong(process.EndDue, $"{process} should have ended, and lives");
            Wrong(process.Ask is not null, $"{process} still waits for the answer of {process.Ask?.Order}");
            Wrong(0 < process.Outbox.Count, $"{process} still holds {process.Outbox.Count} messages back");
            Wrong(0 < process.Mail.Count, $"{process} has not taken {process.Mail.FirstOrDefault()}");
            foreach (var lines in process.Lines)
            {
                Wrong(0 < lines.Value.Count, $"{process} has not taken {lines.Value.Count} of {lines.Key}");
            }

            Wrong(process.Timers.Any(timer => 0 < timer.Least), $"{process}: a timer was due, and no tick came");
        }
    }

    /// <summary>A batch enters the guest of a process: so many of the messages that wait first.</summary>
    /// <param name="isOwn">False for an event of the kernel's own.</param>
    public void Give(ProcessId id, bool isOwn, int messages)
    {
        Settle();

        // Where guests answer at once, whoever had a batch before has it no more, though nothing may have come of it.
        foreach (var other in Alive.Where(_ => !plan.IsRunning))
        {
            other.InFlight = 0;
        }

        if (Find(id) is { } process)
        {
            process.InFlight = messages;
            process.IsRunning = plan.IsRunning && isOwn;
        }
    }

    /// <summary>True for what is handled as a message and counts for the bound of a mailbox.</summary>
    public static bool IsMessage(HandlerSpec handler) => SayingOf(handler) is not null;

    public void Stop() => _isStopping = true;

    private void Fail(string problem) => Problem ??= problem;

    // The text is only made when something is wrong: these are asked often.
    private void Wrong(bool isWrong, [InterpolatedStringHandlerArgument(nameof(isWrong))] ref WrongText problem)
    {
        if (isWrong)
        {
            Fail(problem.ToString());
        }
    }

    private void Fire(ModelTimer timer)
    {
        if (timer.Due is not { } due || _now.Monotonic < due)
        {
            return;
        }

        timer.Least = 1;
        timer.Most = plan.IsRunning ? timer.Most + 1 : 1;
        timer.Due = timer.Period == 0
            ? null
            : due + ((1 + ((_now.Monotonic - due) / timer.Period)) * timer.Period);
    }

    /// <summary>What the kernel calls the handler of a message; null for what is not one.</summary>
    private static Saying? SayingOf(HandlerSpec handler) => handler.Kind switch
    {
        HandlerKind.Message when handler.Subject == "all" => Saying.Note,
        HandlerKind.Message when handler.Subject == "words" => null,
        HandlerKind.Message => Saying.Order,
        HandlerKind.Device when handler.Subject == "bell" => Saying.Bell,
        HandlerKind.Exit => Saying.Exit,
        HandlerKind.Refused => Saying.Refused,
        HandlerKind.Http => Saying.Request,
        HandlerKind.Ask when handler.Subject == "take" => Saying.Take,
        HandlerKind.Ask => Saying.Serve,
        _ => null, // Not in the mailbox, or not a message there.
    };

    private static (long A, long B) KeyOf(Saying what, ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        return what is Saying.Exit or Saying.Refused ? default : (reader.I64(), reader.I64());
    }
}
