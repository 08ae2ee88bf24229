using System.Runtime.InteropServices;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>
/// Brings processes into the world: identity, seed, guest, and the capabilities that their own code names.
/// </summary>
internal sealed class Births(KernelState state)
{
    private readonly Dictionary<(int Module, string Agent), ulong> _births = [];

    /// <summary>All agents that start with their module, in order of declaration.</summary>
    public void Boot()
    {
        var born = new List<Process>();
        foreach (var agent in state.System.Agents)
        {
            if (agent.Spec.Starts == AgentStart.WithModule && !agent.Module.IsImported
                && !state.Stubs.StandFor(agent) && state.Shards?.BeginsElsewhere(agent) != true)
            {
                born.Add(Add(agent, NewId(), parent: null, given: []));
            }
        }

        // Slots name agents that may stand behind the one that holds them, so they are filled when all are there.
        foreach (var process in born)
        {
            Equip(process);
            state.Outside.Started(process.Id, process.Agent.Module.Manifest.Name, process.Agent.Name);
            Begin(process);
        }
    }

    /// <summary>The number of a process; none has had it.</summary>
    public ProcessId NewId() => new(state.LastId += state.NumberStep);

    /// <summary>A process is born to another; its number was given out before.</summary>
    /// <param name="self">It, as its parent holds it.</param>
    /// <param name="given">The state fields that the parent gives, valid, with the kernel's ids.</param>
    public void Spawn(Process parent, AgentImage agent, Capability.OfProcess self, byte[] given)
    {
        var child = Add(agent, self.Target, parent, given);
        child.GivenBlobs = agent.GivenHoldsBlobs ? BlobPlaces.HoldOf(agent.Given, given, state.Blobs) : null;
        parent.Children.Add(child.Id, child);
        Equip(child, self);
        state.Outside.Started(child.Id, agent.Module.Manifest.Name, agent.Name);
        Begin(child);
    }

    /// <summary>A process is born for one request.</summary>
    public Process Serve(AgentImage agent) => BeginAlone(agent, NewId());

    /// <summary>A new version of a running module has an agent more that starts with it.</summary>
    public void BeginNewcomer(AgentImage agent, ProcessId id) => BeginAlone(agent, id);

    private Process BeginAlone(AgentImage agent, ProcessId id)
    {
        var process = Add(agent, id, parent: null, given: []);
        Equip(process);
        state.Outside.Started(process.Id, agent.Module.Manifest.Name, agent.Name);
        Begin(process);
        return process;
    }

    /// <summary>Gives a process a fresh guest; Birth is its next event. It ends when that cannot be done.</summary>
    public void Begin(Process process)
    {
        process.Guest?.Dispose();
        process.Guest = process.Agent.Module.Code.Instantiate(process.Agent.GuestLimits, out var fault);
        process.Opened = state.Now;
        process.BirthDue = true;
        process.StartDue = false;
        process.BeliefsDue = process.Agent.Beliefs is not null;
        if (process.Guest is null)
        {
            state.Supervisor.Break(process, $"it cannot be instantiated: {fault?.Why}");
            return;
        }

        if (!GuestView.TryOpen(process.Guest, out var view))
        {
            state.Supervisor.Break(process, "it does not follow ABI v1");
            return;
        }

        bool undoes = (view[Bundle.Abi.ControlBlock.Flags] & Bundle.Abi.ControlBlock.KeepsUndoLog) != 0;
        if (!undoes && Limits.SnapshotBytesMax < view.Memory.Length)
        {
            state.Supervisor.Break(process, "it keeps no undo log and its memory is too large to copy");
            return;
        }

        process.MemoryHigh = Math.Max(process.MemoryHigh, view.Memory.Length);
        process.EventOctets = 0;
        process.EffectOctets = 0;
        state.Wake(process);
    }

    /// <summary>The process begins anew, with a table as at birth.</summary>
    public void EquipAnew(Process process)
    {
        process.Caps.LetGo();
        process.ForgetWindows();
        process.Caps = new CapTable(state.Derivations, state.Blobs, process.Id);
        Equip(process);
    }

    // Fills the empty table: the static slots, then the process itself.
    private void Equip(Process process) => Equip(process, new Capability.OfProcess(process.Id));

    private void Equip(Process process, Capability.OfProcess self)
    {
        process.Caps.Expect(process.Agent.Slots.Length + 1);
        foreach (var slot in process.Agent.Slots)
        {
            process.Caps.Grant(Capability(process, slot));
        }

        process.Self = process.Caps.Grant(self) ?? default;
    }

    /// <param name="modules">Of which it is written; null for all.</param>
    public void Save(ByteWriter output, int[]? modules = null)
    {
        var births = _births.Where(one => modules?.Contains(one.Key.Module) != false).ToArray();
        output.U32((uint)births.Length);
        foreach (var ((module, agent), count) in births.OrderBy(one => one.Key.Module)
            .ThenBy(one => one.Key.Agent, StringComparer.Ordinal))
        {
            output.U32((uint)module);
            output.Text(agent);
            output.U64(count);
        }
    }

    /// <param name="replaced">Modules whose counts give way, and of which alone there may be some; null for all.
    /// </param>
    public bool Load(ref ByteReader input, int[]? replaced = null)
    {
        foreach (var key in _births.Keys.Where(one => replaced?.Contains(one.Module) == true).ToArray())
        {
            _births.Remove(key);
        }

        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            uint module = input.U32();
            string agent = input.Text();
            ulong count = input.U64();
            bool fits = module < state.System.Modules.Length
                && replaced?.Contains((int)module) != false && !_births.ContainsKey(((int)module, agent));
            if (!fits)
            {
                return false;
            }

            _births[((int)module, agent)] = count;
        }

        return !input.Failed;
    }

    private Process Add(AgentImage agent, ProcessId id, Process? parent, byte[] given)
    {
        var process = new Process(id, agent, SeedOf(agent), parent, given, state.Derivations, state.Blobs)
        {
            Born = state.Now.Monotonic,
        };
        state.Processes.Add(process.Id, process);
        state.CountAlive(process, +1);
        state.ProcessGeneration++;
        return process;
    }

    // An agent that names itself means this process, of however many there are.
    private Capability Capability(Process process, SlotImage slot) => slot.Kind switch
    {
        SlotKind.Agent when slot.Index == process.Agent.Place => new Capability.OfProcess(process.Id),
        SlotKind.Agent => new Capability.OfProcess(
            state.ProcessOf(state.AgentOf(slot.Index))?.Id ?? state.Shards?.FirstOf(slot.Index) ?? default),
        SlotKind.Device when process.Agent.Narrowing?.MayUse(state.System.Devices[slot.Index].Name) == false =>
            new Capability.Withheld(),
        SlotKind.Device => new Capability.OfDevice(new DeviceId(slot.Index)),
        SlotKind.Channel => new Capability.OfChannel(slot.Index),
    };

    // From the run's seed, the module, the agent and how many of them were born before: adding a module moves no
    // other's.
    private ulong SeedOf(AgentImage agent)
    {
        if (state.Planted == Planted.GeneratorShared)
        {
            return state.Seed;
        }

        ref ulong births = ref CollectionsMarshal.GetValueRefOrAddDefault(
            _births, (agent.ModuleIndex, agent.Name), out _);
        ulong mixed = state.Seed;
        foreach (string name in (ReadOnlySpan<string>)[agent.Module.Manifest.Name, agent.Name])
        {
            foreach (char one in name)
            {
                mixed ^= one;
                mixed = SplitMix64.Next(ref mixed);
            }

            mixed ^= 0x1_0000;
            mixed = SplitMix64.Next(ref mixed);
        }

        mixed ^= births++;
        return SplitMix64.Next(ref mixed);
    }
}
