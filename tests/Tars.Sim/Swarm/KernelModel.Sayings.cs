using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>What agents say of themselves, and what follows from it.</summary>
internal sealed partial class KernelModel
{
    private const long FailureRefused = 1;

    private const long Timeout = 20 * Millisecond;
    private const long DeviceTimeout = 30 * Millisecond;

    // Of `serve`: it asks the next in the circle before it answers.
    private const long Relay = 3;

    private readonly Dictionary<long, Order> _orders =
        plan.Stimuli.ToDictionary(one => (long)one.Number, one => one.Order);


    public void Say(ProcessId from, Said said)
    {
        if (Problem is not null)
        {
            return; // What follows from a first mistake says nothing.
        }

        if (Find(from) is not { IsEnded: false } process)
        {
            Fail($"{from} said {said.What}, and it does not live");
            return;
        }

        EndCall(process);
        if (said.What is Saying.Start or Saying.Stop or Saying.Order or Saying.Take or Saying.Note or Saying.Word
            or Saying.Line or Saying.Bell or Saying.Tick or Saying.Exit or Saying.Refused or Saying.Serve
            or Saying.Request)
        {
            Handle(process, said);
        }
        else if (said.What is Saying.Answered or Saying.Failed or Saying.DeviceAnswered)
        {
            Answered(process, said);
        }
        else
        {
            Act(process, said);
        }
    }

    private void Handle(ModelProcess process, Said said)
    {
        process.Handler = said.What;
        Wrong(process.Ask is not null, $"{process} handled {said.What} while it waited for an answer");
        Wrong(
            process.StartDue && said.What is not (Saying.Start or Saying.Stop),
            $"{process} handled {said.What}({said.A}, {said.B}) before it began");
        SeeKnob(process, said.C);
        switch (said.What)
        {
            case Saying.Start:
                Wrong(!process.StartDue, $"{process} began, and nothing had ended it");
                Wrong(process.IsWorker && said.B != process.Name, $"{process} is called {said.B}");
                process.StartDue = false;
                Forget(process);
                break;
            case Saying.Stop:
                break;
            case Saying.Tick:
                Tick(process, process.Timers[said.A]);
                break;
            case Saying.Word or Saying.Line:
                Wrong(
                    !process.Lines[said.What].TryDequeue(out int size) || size != said.A,
                    $"{process} took {said.What} of {said.A} octets where one of {size} comes next");
                break;
            case Saying.Exit:
                Take(process, said.What, said.A, said.B);
                break;
            default:
                Take(process, said.What, said.A, said.B);
                Keep(process, said);
                break;
        }
    }

    // What the handler does to the state before anything else.
    private void Keep(ModelProcess process, Said said)
    {
        if (said.What is Saying.Order or Saying.Take or Saying.Note)
        {
            process.Taken++;
            var order = OrderOf(said.A);
            if (said.What != Saying.Note && 0 < order.Size)
            {
                process.Book[said.A % 5] = (order.Size, said.A);
            }
        }

        if (said.What == Saying.Take)
        {
            process.WantsExit |= OrderOf(said.A).Give == 2;
        }

        // Whoever is asked on answers later.
        if (said.What == Saying.Serve && Problem is null && process.Mail[process.Handled - 1].Ask is { } ask)
        {
            ask.IsServed = true;
            ask.IsOver |= said.B != Relay; // It may be too late already.
            process.Held = said.B == Relay ? ask : null;
        }
    }

    private Order OrderOf(long number) => _orders[number];

    private void Tick(ModelProcess process, ModelTimer timer)
    {
        Wrong(timer.Most == 0, $"{process} got a tick, and its timer was not due");
        timer.Most = Math.Max(0, timer.Most - 1);
        timer.Least = 0;
    }

    private void Answered(ModelProcess process, Said said)
    {
        if (process.Ask is not { } ask)
        {
            Fail($"{process} got an answer to {said.A}, and did not wait");
            return;
        }

        process.Ask = null;
        Release(process);
        Wrong(ask.Order != said.A, $"{process} waited for {ask.Order} and got an answer to {said.A}");
        if (said.What == Saying.Answered)
        {
            Wrong(said.B != (said.A * 2) + 1, $"{process} was answered {said.B} to {said.A}");
            Wrong(!ask.IsServed, $"{process} was answered {said.A}, and nobody had handled it");
        }

        if (said.What == Saying.Failed && ask.IsRefused)
        {
            Wrong(said.B != FailureRefused, $"{process} failed with {said.B} where {said.A} was refused");
        }

        Wrong(
            said.What == Saying.Answered && ask.IsRefused,
            $"{process} was answered {said.A}, which had to be refused");
    }

    private void Act(ModelProcess process, Said said)
    {
        switch (said.What)
        {
            case Saying.Tells:
                Tell(process, Neighbour(process, said.C), said, name: said.B);
                break;
            case Saying.TellsChild:
                Tell(process, Child(process, said.B), said, name: said.B);
                break;
            case Saying.Publishes:
                Publish(process, said);
                break;
            case Saying.Asks:
                Ask(process, said);
                break;
            case Saying.AsksDevice:
                process.Ask = new ModelAsk(process, said.A);
                process.Asked = null;
                Wait(process); // For nobody of these, yet it is its newest wait.
                break;
            case Saying.Spawns:
                _spawns = (process, said.B);
                break;
            case Saying.SetsTimer:
                process.TimerOrders.Add(new TimerOrder(process.Handled, (int)said.B, said.C * Millisecond));
                break;
            case Saying.CancelsTimer:
                process.TimerOrders.Add(new TimerOrder(process.Handled, (int)said.B, 0));
                break;
            case Saying.Draws:
                Draw(process, said.B);
                break;
            case Saying.Exits:
                process.WantsExit = true;
                break;
            case Saying.Sums:
                long sum = process.Book.Sum(one =>
                    (one.Key * 31) + (one.Value.Size * 7) + (one.Value.Size * one.Value.Value));
                Wrong(
                    sum != said.B || process.Taken != said.C,
                    $"{process} holds {said.B} after {said.C} events, and should hold {sum} after {process.Taken}");
                break;
            default:
                Fail($"{process} said {said.What}");
                break;
        }
    }

    private void Tell(ModelProcess process, ModelProcess? target, Said said, long name)
    {
        bool taken = target is not null && Send(
            process, target, new ModelMail(Saying.Take, said.A, name, process.Id, target.Id, Ask: null));
        if (!taken)
        {
            Refuse(process, "send");
        }
    }

    private void Publish(ModelProcess process, Said said)
    {
        if (IsDenied(process, "all"))
        {
            Refuse(process, "publish");
            return;
        }

        bool refused = false;
        foreach (var receiver in Alive.ToArray())
        {
            var mail = new ModelMail(Saying.Note, said.A, said.B, process.Id, receiver.Id, Ask: null);
            refused |= !Pass(process, receiver, mail);
        }

        if (refused)
        {
            Refuse(process, "publish");
        }
    }

    private void Ask(ModelProcess process, Said said)
    {
        Wrong(process.Ask is not null, $"{process} asked while it waited");
        var target = Neighbour(process, said.C);
        var ask = new ModelAsk(process, said.A);
        process.Ask = ask;
        process.Asked = null;
        Wait(process);
        if (target is null)
        {
            ask.IsOver = true; // Gone.
            return;
        }

        process.Asked = target;
        var mail = new ModelMail(Saying.Serve, said.A, said.B, process.Id, target.Id, ask);
        ask.IsRefused = !Send(process, target, mail);
        ask.IsOver |= ask.IsRefused;
    }

    private static void Refuse(ModelProcess process, string call) =>
        process.RefusalsDue[call] = process.RefusalsDue.GetValueOrDefault(call) + 1;

    private void Draw(ModelProcess process, long number)
    {
        if (!_draws.TryAdd(number, process.Id) && _draws[number] != process.Id)
        {
            Fail($"{process} drew {number}, as {_draws[number]} did");
        }
    }

    private ModelProcess? Neighbour(ModelProcess process, long which) =>
        Find((process.Place + 1 + (int)which) % SwarmText.Names.Length);

    private ModelProcess? Child(ModelProcess parent, long name) =>
        Alive.LastOrDefault(one => one.Parent == parent && one.Name == name); // One of before may still have to stop.

    /// <summary>The state of a process was shown.</summary>
    public void Look(ProcessId id, SavedState? state)
    {
        if (state is null || Find(id) is not { IsEnded: false, StartDue: false } process)
        {
            return;
        }

        var book = new ByteWriter();
        book.U32((uint)process.Book.Count);
        foreach (var (key, (size, value)) in process.Book)
        {
            book.I64(key);
            book.U32((uint)size);
            for (long left = size; 0 < left; left--)
            {
                book.I64(value);
            }
        }

        var taken = new ByteWriter(8);
        taken.I64(process.Taken);
        bool isRight = state.Field("taken").Span.SequenceEqual(taken.Written)
            && state.Field("book").Span.SequenceEqual(book.Written);
        Wrong(!isRight, $"{process} holds another state than its events left");
    }

    /// <summary>Events of one handler were committed.</summary>
    public void Commit(ProcessId id, HandlerSpec handler, int count, long arrived)
    {
        if (Find(id) is not { } process)
        {
            return;
        }

        EndCall(process);
        if (SayingOf(handler) is null)
        {
            return;
        }

        foreach (var order in process.TimerOrders.Where(one => one.Event <= count))
        {
            var timer = process.Timers[order.Timer];
            timer.Clear();
            if (0 < order.After)
            {
                timer.Due = arrived + order.After;
                timer.Period = order.Timer == 0 ? 0 : order.After;
            }
        }

        // The event that asks is the last of its batch.
        if (process.Ask is { IsNew: true } ask)
        {
            ask.Due = _now.Monotonic + (process.Asked is null ? DeviceTimeout : Timeout);
        }

        process.TimerOrders.RemoveAll(one => one.Event <= count);
        for (int index = 0; index < process.TimerOrders.Count; index++)
        {
            var order = process.TimerOrders[index];
            process.TimerOrders[index] = order with { Event = order.Event - count };
        }

        TakeOff(process, count);
    }
}
