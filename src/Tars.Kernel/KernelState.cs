using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Effects;
using Tars.Kernel.Ipc;
using Tars.Kernel.Journal;
using Tars.Kernel.Linking;
using Tars.Kernel.Operating;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;
using Tars.Kernel.Scheduling;
using Tars.Kernel.Sharding;
using Tars.Kernel.Supervision;
using Tars.Kernel.Swapping;
using Tars.Kernel.Timers;

namespace Tars.Kernel;

/// <summary>Everything a kernel knows, and the parts that change it. Only Step sets them in motion.</summary>
internal sealed class KernelState
{
    private IGuest? _runningGuest;

    public KernelState(SystemImage system, IOutside outside, Planted planted = Planted.None)
    {
        Planted = planted;
        Undo = new UndoLog(forgetsAllocator: planted == Planted.AllocatorNotUndone);
        System = system;
        Outside = outside;
        Params = [.. system.Modules.Select(module => ModuleParams.Initial(module.Manifest))];
        Metrics = [.. system.Modules.Select(module => new MetricStore(module.Manifest.Metrics))];
        Derivations = new Derivations(
            outside.HearsCapabilities ? outside : null, spares: planted == Planted.GrandchildrenNotRevoked);
        Delivery = new Delivery(this);
        Waits = new Waits(this);
        Link = new FaultyLink(this);
        Router = new Router(this);
        Inputs = new Inputs(this);
        Asks = new Asks(this);
        Stubs = new Stubs(this, []);
        OutsideAsks = new OutsideAsks(this);
        Effects = new EffectApplier(this);
        Supervisor = new Supervisor(this);
        Births = new Births(this);
        Exits = new Exits(this);
        Calls = new GuestCalls(this);
        Runner = new BatchRunner(this);
        Lone = new LoneEvents(this);
        Saving = new Saving(this);
        BlobCalls = new BlobCalls(this);
        BlobSweep = new BlobSweep(this);
        Swaps = new Swaps(this);
        Clock = new TimerService(this);
        Quota = new FuelQuota(this);
        Denials = new Denials(this);
        DeadLetters = new DeadLetterBox(this);
        Returns = new ParamReturns(this);
        Operator = new Operator(this);
        Turns = new Scheduler(this);
    }

    /// <summary>A mistake that a test has put in.</summary>
    public Planted Planted { get; }

    public SystemImage System { get; set; }

    public IOutside Outside { get; }

    public Stubs Stubs { get; set; }

    public Moment Now { get; set; }

    /// <summary>A process took the value of the answer that this event brought.</summary>
    public bool TookAnswer { get; set; }

    public ulong Seed { get; set; }

    /// <summary>True from the event Stop on: timers stand still and input is cut off.</summary>
    public bool IsStopping { get; set; }

    /// <summary>True while no process gets a turn: mail is taken, and nothing is made of it.</summary>
    public bool IsPaused { get; set; }

    /// <summary>True while no process gets a turn, because all shards stand still or this one waits for it.</summary>
    public bool Stands => IsPaused || Swaps.IsReady;

    /// <summary>All processes that have not ended, by id, in order of birth.</summary>
    public ProcessTable Processes { get; } = new();

    /// <summary>Processes that ended, for the report.</summary>
    public EndedReports Ended { get; } = new();

    public long LastId { get; set; }

    /// <summary>By how much the numbers of processes and asks go up.</summary>
    public long NumberStep { get; set; } = 1;

    /// <summary>The other kernels of the system; null where there are none.</summary>
    public Shards? Shards { get; set; }

    /// <summary>
    /// Grows whenever a process is born or ends: what was worked out from the set of processes is then stale.
    /// </summary>
    public long ProcessGeneration { get; set; }

    public int Running { get; set; }

    /// <summary>The guest that runs on the kernel's own thread just now. Read by other threads.</summary>
    public IGuest? RunningGuest
    {
        get => Volatile.Read(ref _runningGuest);
        set => Volatile.Write(ref _runningGuest, value);
    }

    /// <summary>The values of each module's parameters, encoded one behind the other.</summary>
    public byte[][] Params { get; }

    public MetricStore[] Metrics { get; }

    /// <summary>How many processes of each agent live, by the module that spawned them; -1 for none.</summary>
    public Dictionary<(int Spawner, int Agent), int> Alive { get; } = [];

    /// <param name="spawner">Null for those that nobody spawned.</param>
    public int AliveOf(int? spawner, AgentImage agent) => Alive.GetValueOrDefault((spawner ?? -1, agent.Place));

    /// <summary>One more, or one fewer, of a module's children of an agent.</summary>
    public void CountAlive(Process process, int more)
    {
        var key = (process.Spawner ?? -1, process.Agent.Place);
        Alive[key] = Alive.GetValueOrDefault(key) + more;
    }

    public Derivations Derivations { get; }

    public BlobStore Blobs { get; } = new();

    public BlobCalls BlobCalls { get; }

    public BlobSweep BlobSweep { get; }

    public Delivery Delivery { get; }

    public Waits Waits { get; }

    public FaultyLink Link { get; }

    public Router Router { get; }

    public Inputs Inputs { get; }

    public Asks Asks { get; }

    public OutsideAsks OutsideAsks { get; }

    public EffectApplier Effects { get; }

    public Supervisor Supervisor { get; }

    public Births Births { get; }

    public Exits Exits { get; }

    public BatchRunner Runner { get; }

    public LoneEvents Lone { get; }

    public Saving Saving { get; }

    public Swaps Swaps { get; }

    public TimerService Clock { get; }

    public FuelQuota Quota { get; }

    public Denials Denials { get; }

    public ParamReturns Returns { get; }

    public Operator Operator { get; }

    public CallTrace Trace { get; } = new();

    public GuestCalls Calls { get; }

    public UndoLog Undo { get; }

    public WarmProcesses Warm { get; } = new();

    public BufferPool Buffers { get; } = new();

    public DeadLetterBox DeadLetters { get; }

    public Scheduler Turns { get; }

    /// <summary>Puts a process into the run queue if a batch can be composed for it.</summary>
    public void Wake(Process process) => Turns.Wake(process);

    public Process? Find(ProcessId id) => Processes.Find(id);

    /// <summary>Index of the module of that name, or -1.</summary>
    public int ModuleOf(string name)
    {
        for (int module = 0; module < System.Modules.Length; module++)
        {
            if (System.Modules[module].Manifest.Name == name)
            {
                return module;
            }
        }

        return -1;
    }

    /// <summary>A module's parameters have other values from the next event of each of its processes on.</summary>
    public void SetParams(int module, byte[] values)
    {
        Params[module] = values;
        foreach (var process in Processes.Values)
        {
            process.ParamsDue |= process.Agent.ModuleIndex == module;
        }
    }

    public AgentImage AgentOf(int place) => System.Agents[place];

    /// <summary>The process of an agent that starts with its module; null when it has ended.</summary>
    public Process? ProcessOf(AgentImage agent)
    {
        foreach (var process in Processes.Values)
        {
            if (process.Agent == agent)
            {
                return process;
            }
        }

        return null;
    }

    public void Audit(ProcessId process, string effect, string target, string reason, int count = 1) =>
        Outside.Audited(new Audit(process, effect, target, reason, count));
}
