using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>A process as the model knows it: what waits for it, what it owes, and what its state should be.</summary>
internal sealed class ModelProcess(ProcessId id, int place, ModelProcess? parent, long name)
{
    public ProcessId Id { get; } = id;

    /// <summary>Index of its agent: the three that start with the module, then the worker.</summary>
    public int Place { get; } = place;

    public ModelProcess? Parent { get; } = parent;

    /// <summary>What its parent calls it.</summary>
    public long Name { get; } = name;

    public bool IsWorker => Place == SwarmText.Names.Length;

    public string Agent => IsWorker ? "worker" : SwarmText.Names[Place];

    /// <summary>Messages in its mailbox, those first that were handled and not yet taken off.</summary>
    public List<ModelMail> Mail { get; } = [];

    /// <summary>How many of them were handled.</summary>
    public int Handled { get; set; }

    /// <summary>How many of the first are in the guest's hands; they do not give way.</summary>
    public int InFlight { get; set; }

    /// <summary>Messages that have given way: the kernel has yet to say so.</summary>
    public List<ModelMail> DropsDue { get; } = [];

    /// <summary>Messages that should be refused to it, by call: the kernel has yet to say so.</summary>
    public Dictionary<string, int> RefusalsDue { get; } = new(StringComparer.Ordinal);

    /// <summary>What it sent and what waits for room.</summary>
    public List<ModelMail> Outbox { get; } = [];

    public List<ModelProcess> BlockedSenders { get; } = [];

    /// <summary>Octets of lines that it has not yet taken, by what says so.</summary>
    public Dictionary<Saying, Queue<int>> Lines { get; } = new()
    {
        [Saying.Line] = new(),
        [Saying.Word] = new(),
    };

    public ModelTimer[] Timers { get; } = [new(), new()];

    /// <summary>Timers that were set or cancelled by events that are not taken off yet.</summary>
    public List<TimerOrder> TimerOrders { get; } = [];

    public bool IsEnded { get; set; }

    /// <summary>True while its guest handles events somewhere else.</summary>
    public bool IsRunning { get; set; }

    /// <summary>What it handled last.</summary>
    public Saying Handler { get; set; }

    public bool StartDue { get; set; } = true;

    public bool EndDue { get; set; }

    public bool StopDue { get; set; }

    public bool WantsExit { get; set; }

    /// <summary>The ask that it waits for; null for none.</summary>
    public ModelAsk? Ask { get; set; }

    /// <summary>The ask that it was to answer when it began to wait itself.</summary>
    public ModelAsk? Held { get; set; }

    /// <summary>Whom it asks; null for a device, or when that one had ended.</summary>
    public ModelProcess? Asked { get; set; }

    /// <summary>When its newest wait began, counted over all waits of all.</summary>
    public long WaitsSince { get; set; }

    /// <summary>Which of the parameter's values it has seen.</summary>
    public int KnobAt { get; set; }

    public long Taken { get; set; }

    public SortedDictionary<long, (long Size, long Value)> Book { get; } = [];

    public override string ToString() => $"{Agent} {Id}";
}

/// <summary>One message as the model knows it.</summary>
/// <param name="A">The number of the order that it comes from.</param>
/// <param name="B">Which of that order's.</param>
internal sealed record ModelMail(Saying What, long A, long B, ProcessId Sender, ProcessId Target, ModelAsk? Ask)
{
    public override string ToString() => $"{What}({A}, {B}) from {Sender}";
}

/// <summary>An ask of a process that waits; a device's when it has no target.</summary>
internal sealed record ModelAsk(ModelProcess Asker, long Order)
{
    /// <summary>It was refused, so the answer has to be that.</summary>
    public bool IsRefused { get; set; }

    /// <summary>A handler took it.</summary>
    public bool IsServed { get; set; }

    /// <summary>Its asker has what comes back, though it may not have gone on.</summary>
    public bool IsOver { get; set; }

    /// <summary>When it is over at the latest.</summary>
    public long Due { get; set; } = long.MaxValue;

    /// <summary>True until the step is over in which it was asked.</summary>
    public bool IsNew { get; set; } = true;
}

/// <summary>A timer of a process.</summary>
internal sealed class ModelTimer
{
    /// <summary>Null when it is not set.</summary>
    public long? Due { get; set; }

    /// <summary>Zero for once.</summary>
    public long Period { get; set; }

    /// <summary>The fewest ticks that must still come.</summary>
    public int Least { get; set; }

    /// <summary>The most that may.</summary>
    public int Most { get; set; }

    public void Clear()
    {
        Due = null;
        Least = 0;
        Most = 0;
    }
}

/// <summary>What an event did to a timer; it counts from when the event came in.</summary>
/// <param name="Event">How many events before it are not taken off yet.</param>
/// <param name="After">Zero to cancel it.</param>
internal readonly record struct TimerOrder(int Event, int Timer, long After);
