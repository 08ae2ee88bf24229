using System.Diagnostics.CodeAnalysis;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Ipc;
using Tars.Kernel.Journal;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Scheduling;
using Tars.Kernel.Timers;

namespace Tars.Kernel.Processes;

/// <summary>
/// One process: a guest, what it holds, what waits for it, and where it stands in its life. Data; others decide.
/// </summary>
/// <remarks>
/// Invariants:
///   I1  While Phase is not Idle nobody touches the guest, and the first InFlight entries of the mailbox stay.
///   I2  A process with mail in its outbox takes no event.
///   I3  A process that waits for an answer takes nothing but the answer.
///   I4  A process whose module is swapped takes only what others wait for, and from its own save on nothing.
///   I5  A process that rests takes nothing but to be told to stop.
///   I6  What most processes never have is made when somebody asks for it, so whoever only wants to know whether there
///       is any asks that.
/// </remarks>
internal sealed class Process
{
    private PendingAsk? _ask;
    private TurnRecord _turn;
    private QuotaRecord _quota;
    private InOrder<Process>? _children;
    private List<BlobWindow>? _windows;
    private Mailbox? _mail;
    private Mailbox? _outbox;
    private List<Process>? _blockedSenders;
    private TimerEntry?[]? _timers;
    private HandlerCounts[]? _counts;

    public Process(
        ProcessId id, AgentImage agent, ulong seed, Process? parent, byte[] given, Derivations derivations,
        BlobStore blobs)
        : this(id, agent, seed, KinOf(agent, parent), given, derivations, blobs)
    {
    }

    /// <summary>As a checkpoint has it, whose parent may have ended.</summary>
    public Process(ProcessId id, AgentImage agent, ulong seed, Kin kin, byte[] given, Derivations derivations,
        BlobStore blobs)
    {
        Caps = new CapTable(derivations, blobs, id);
        Parent = kin.Parent;
        Spawner = kin.Spawner;
        Group = kin.Group;
        Id = id;
        Agent = agent;
        Seed = seed;
        Given = given;
        Strengths = agent.Beliefs is null ? [] : [.. agent.Beliefs.Priors];
        Evidence = agent.OwnsBeliefs ? [.. agent.Beliefs!.Priors.Select(_ => double.NaN)] : [];
        BirthDue = true;
    }

    public ProcessId Id { get; }

    public AgentImage Agent { get; private set; }

    public ulong Seed { get; }

    /// <summary>Who spawned it; zero for those that start with their module.</summary>
    public ProcessId Parent { get; }

    /// <summary>The module of who spawned it; null for those that start with their module.</summary>
    public int? Spawner { get; }

    /// <summary>
    /// Who is supervised together: zero for what started with the module and its children; where another module
    /// spawned them, the process that did.
    /// </summary>
    public ProcessId Group { get; }

    /// <summary>Those that it spawned and that live, in order of birth.</summary>
    public InOrder<Process> Children => _children ??= new();

    public bool HasChildren => _children is { Count: > 0 };

    /// <summary>State fields that the spawner gave, encoded; references to processes are the kernel's ids.</summary>
    public byte[] Given { get; set; }

    /// <summary>The blobs among them, which are held as long as the process may begin anew.</summary>
    public BlobHold? GivenBlobs
    {
        get;
        set
        {
            value?.Take();
            field?.Drop();
            field = value;
        }
    }

    /// <summary>What its next event is shown of blobs, because it has asked for it.</summary>
    public List<BlobWindow> Windows => _windows ??= [];

    public bool HasWindows => _windows is { Count: > 0 };

    public void ForgetWindows() => _windows?.Clear();

    /// <summary>Null before the first birth and after the end.</summary>
    public IGuest? Guest
    {
        get;
        set
        {
            field = value;
            Fingerprint = null;
            WasAborted = false;
            EventOctets = int.MaxValue;
            EffectOctets = int.MaxValue;
        }
    }

    /// <summary>Octets at the beginning of its event ring that may be other than zero; more than it has where all of it
    /// may. What a guest writes there by itself does not count.</summary>
    public int EventOctets { get; set; }

    /// <summary>The same of its effect ring.</summary>
    public int EffectOctets { get; set; }

    public CapTable Caps { get; set; }

    /// <summary>The slot of the process itself.</summary>
    public CapSlot Self { get; set; }

    public Mailbox Mail
    {
        get => _mail ??= new();
        set => _mail = value;
    }

    /// <summary>Messages that wait for room in a receiver's mailbox.</summary>
    public Mailbox Outbox
    {
        get => _outbox ??= new();
        set => _outbox = value;
    }

    public bool HasMail => _mail is { Count: > 0 };

    /// <summary>Messages of other shards that wait for room in the mailbox; null while there were none.</summary>
    public Mailbox? Held { get; set; }

    /// <summary>What it sent to other shards and no mailbox there has taken or refused yet.</summary>
    public int Unacknowledged { get; set; }

    /// <summary>True while a receiver that lives here may have mail of it to take that was sent over the link: all that
    /// it sends goes the same way then, or it would come first.</summary>
    public bool SendsByLink { get; set; }

    /// <summary>Grows with each thing that it begins to wait for, over all shards.</summary>
    public long WaitSerial { get; set; }

    /// <summary>Senders whose outbox holds mail for this process.</summary>
    public List<Process> BlockedSenders => _blockedSenders ??= [];

    public bool HasBlockedSenders => _blockedSenders is { Count: > 0 };

    public TimerEntry?[] Timers => _timers ??= new TimerEntry?[Agent.Handlers.Length];

    public GuestPhase Phase { get; set; }

    public Batch Batch { get; set; }

    /// <summary>The event of the kernel's own that its guest handles, or null.</summary>
    public LoneEvent? Alone { get; set; }

    /// <summary>What it may not do while its module is swapped.</summary>
    public Hold Hold { get; set; }

    /// <summary>True while somebody waits to see its state.</summary>
    public bool LookDue { get; set; }

    /// <summary>Number of the call into the guest that runs or ran last.</summary>
    public long Call { get; set; }

    /// <summary>How the recorded run aborted that call, while it is repeated.</summary>
    public AbortedCall? Aborted { get; set; }

    /// <summary>True once the wall clock ended a call: its free memory is then what no replay comes to.</summary>
    public bool WasAborted { get; set; }

    /// <summary>The digest of its state; null since it ran.</summary>
    public ulong? Fingerprint { get; set; }

    /// <summary>The newest events that it handled; null while there are none, or none are kept.</summary>
    public RecentEvents? Recent { get; set; }

    /// <summary>Entries of the mailbox that belong to the batch being handled.</summary>
    public int InFlight { get; set; }

    /// <summary>The monotonic clock when it came into the world.</summary>
    public long Born { get; set; }

    /// <summary>When the process was born, started, or told to stop: the moment of those events.</summary>
    public Moment Opened { get; set; }

    public bool BirthDue { get; set; }

    public bool StartDue { get; set; }

    public bool StopDue { get; set; }

    public bool ParamsDue { get; set; }

    public bool BeliefsDue { get; set; }

    /// <summary>What becomes of it when its guest comes back, decided by its supervisor meanwhile.</summary>
    public Fate Fate { get; set; }

    /// <summary>How it will have ended once its `stop` handler ran.</summary>
    public EndReason StopReason { get; set; }

    public bool IsEnded { get; set; }

    /// <summary>True while it stands in the run queue.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Not zero while it may hold octets in its rings: its place among the <see cref="WarmProcesses"/>, below
    /// zero among those that have only been born.</summary>
    public long WarmPlace { get; set; }

    public bool RanLately { get; set; }

    /// <summary>What the scheduler keeps of it.</summary>
    public ref TurnRecord Turn => ref _turn;

    /// <summary>What it has burnt of the fuel of a second.</summary>
    public ref QuotaRecord Quota => ref _quota;

    /// <summary>True while it takes nothing, for it has burnt too much.</summary>
    public bool IsResting => RestTimer is { HeapPlace: >= 0 };

    /// <summary>What it waits for; another from the next wait on, though it is the same object.</summary>
    public PendingAsk? Waiting { get; private set; }

    public TimerEntry? AskTimer { get; set; }

    /// <summary>Set while it rests, because it has burnt what its agent may burn in a second.</summary>
    public TimerEntry? RestTimer { get; set; }

    /// <summary>The ask that the handler, now waiting itself, still has to answer; zero when there is none.</summary>
    public long HeldAsk { get; set; }

    /// <summary>NaN where nothing was observed; empty for agents that own no beliefs.</summary>
    public double[] Evidence { get; set; }

    /// <summary>As of the last commit.</summary>
    public double[] Strengths { get; set; }

    /// <summary>The guest before the batch, where it keeps no undo log.</summary>
    public GuestState? Snapshot { get; set; }

    /// <summary>Traps by who sent the event, once the agent rejects after some.</summary>
    public Dictionary<ProcessId, int> TrapsBySender => field ??= [];

    /// <summary>What was told when it dropped a message last; null before.</summary>
    public Audit? Dropped { get; set; }

    public HandlerCounts[] Counts => _counts ??= new HandlerCounts[Agent.Handlers.Length];

    public long Traps { get; set; }

    public long Restarts { get; set; }

    public long Fuel { get; set; }

    public long MemoryHigh { get; set; }

    public bool IsBlocked => _outbox is { Count: > 0 };

    /// <summary>True when a batch can be composed for it now.</summary>
    [MemberNotNullWhen(true, nameof(Guest))]
    public bool IsReady =>
        !IsEnded && Guest is not null && Phase == GuestPhase.Idle && !IsBlocked && Hold != Hold.Still // I1, I2, I4
        && (!IsResting || StopDue) // I5
        && (BirthDue || StartDue || (Waiting is { } ask ? ask.Payload is not null : StopDue || 0 < MailInReach)); // I3

    private int MailInReach => _mail is null ? 0 : Hold == Hold.None ? _mail.Count : _mail.Asks; // I4

    /// <summary>Room for one more message under the agent's own limit.</summary>
    public bool HasRoom => Mail.Messages < Agent.MailboxLength && Mail.PayloadBytes < Limits.MailboxBytesMax;

    public TrapPolicy OnTrap => Agent.Spec.OnTrap;

    private static Kin KinOf(AgentImage agent, Process? parent) => parent is null
        ? default
        : new Kin(
            parent.Id,
            parent.Agent.ModuleIndex,
            parent.Agent.ModuleIndex == agent.ModuleIndex ? parent.Group : parent.Id);

    /// <summary>From now on it waits for the answer of an ask; it waits for none yet.</summary>
    public PendingAsk Wait(long number, ProcessId target, int continuation, SchemaType answer)
    {
        Invariant.Holds(Waiting is null);
        Waiting = _ask ??= new PendingAsk();
        _ask.Begin(number, target, continuation, answer);
        return _ask;
    }

    public void EndWait()
    {
        _ask?.End();
        Waiting = null;
    }

    /// <summary>Its module is swapped: another guest of another version, and what belongs to its handlers.</summary>
    public void Become(AgentImage agent, IGuest guest, TimerEntry?[] timers, HandlerCounts[] counts)
    {
        Agent = agent;
        Guest = guest;
        _timers = timers;
        _counts = counts;
        Recent = null;
        Snapshot = null;
        ForgetWindows(); // They name slots of the old table.
    }

    /// <summary>Another module was swapped: the same agent in the system as it is now.</summary>
    public void Relink(AgentImage agent) => Agent = agent;
}

/// <summary>Where a process comes from: its parent, the parent's module, and who is supervised with it.</summary>
internal readonly record struct Kin(ProcessId Parent, int? Spawner, ProcessId Group);
