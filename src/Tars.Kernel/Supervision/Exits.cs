using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel.Caps;
using Tars.Kernel.Effects;
using Tars.Kernel.Ipc;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Supervision;

/// <summary>Parents and children: what is spawned, within which limits, and how a parent is told of an end.</summary>
/// <remarks>
/// Invariant: a spawn that committed gives its parent exactly one `exit`, at the end of the child or at once when the
/// kernel refuses it; the slot that the guest counted stands for the child either way.
/// </remarks>
internal sealed class Exits(KernelState state)
{
    private readonly ByteWriter _payload = new();

    /// <summary>A process spawns another.</summary>
    /// <returns>Null, or why its guest claims what cannot be; what the kernel does not allow is an `exit`.</returns>
    public Refusal? Spawn(Process parent, int index, CapSlot slot, ReadOnlySpan<byte> given)
    {
        var known = parent.Agent.Known;
        var agent = (uint)index < (uint)known.Length ? known[index] : null;
        string? name = agent?.NameIn(parent.Agent);
        var spec = SpecOf(parent, name);
        if (agent is null || spec is null || !MayBeSpawned(agent, parent.Agent) || slot != parent.Caps.NextMade)
        {
            return new Refusal(agent?.Name ?? "", "it spawns what its manifest does not say");
        }

        if (!agent.TakesGiven(given))
        {
            return new Refusal(agent.Name, "the arguments do not have their types");
        }

        byte[] fields = given.ToArray();
        if (agent.GivenHoldsSlots && SlotTranslation.ToIds(agent.Given, fields, parent.Caps) is { } reason)
        {
            return new Refusal(agent.Name, reason);
        }

        var id = state.Births.NewId();
        var capability = new Capability.OfProcess(id);
        if (!parent.Caps.Make(capability))
        {
            return new Refusal(agent.Name, "it holds too many capabilities");
        }

        if (WhyNot(parent, agent, spec) is { } why)
        {
            state.Audit(parent.Id, "spawn", agent.Name, why);
            Tell(parent, id, agent, EndReason.Failed, why);
        }
        else
        {
            state.Births.Spawn(parent, agent, capability, fields);
        }

        return null;
    }

    /// <summary>A process has ended; its parent is told.</summary>
    public void Tell(Process ended, EndReason reason, string detail)
    {
        if (state.Find(ended.Parent) is { } parent)
        {
            parent.Children.Remove(ended.Id);
            Tell(parent, ended.Id, ended.Agent, reason, detail);
        }
    }

    private static SpawnSpec? SpecOf(Process parent, string? name)
    {
        foreach (var spec in parent.Agent.Module.Manifest.Spawns)
        {
            if (spec.Agent == name)
            {
                return spec;
            }
        }

        return null;
    }

    // In its own module an agent that starts with it is there already; of another module it is as good as any.
    private static bool MayBeSpawned(AgentImage agent, AgentImage parent) => agent.Spec.Starts switch
    {
        AgentStart.BySpawn => true,
        AgentStart.WithModule => agent.ModuleIndex != parent.ModuleIndex,
        AgentStart.PerRequest => false,
    };

    private string? WhyNot(Process parent, AgentImage agent, SpawnSpec spec) =>
        state.IsStopping ? "the system stops"
        : spec.AliveMax <= state.AliveOf(parent.Agent.ModuleIndex, agent)
            ? "as many are alive as `capabilities.spawn` allows"
        : Limits.ProcessesMax <= state.Processes.Count ? "the system has too many processes"
        : null;

    // What `mailbox` says is for messages; an end is told beyond it, up to a bound that only a parent reaches which
    // spawns more than it handles.
    private void Tell(Process parent, ProcessId child, AgentImage agent, EndReason reason, string detail)
    {
        int handler = parent.Agent.ExitOf(agent);
        if (handler < 0 || Limits.ExitsWaitingMax <= parent.Mail.Count)
        {
            state.Audit(parent.Id, "exit", agent.Name, handler < 0 ? "nobody takes it" : "too many of them wait");
            parent.Caps.Forget(child);
            return;
        }

        _payload.Clear();
        _payload.I64(child.Value);
        _payload.U16((ushort)reason);
        _payload.Text(detail);
        var mail = new Mail
        {
            Kind = MailKind.Message,
            Handler = handler,
            Sender = child,
            Instant = state.Now.Instant,
            Arrived = state.Now.Monotonic,
        };
        parent.Mail.Push(mail, _payload.Written);
        if (state.Planted == Planted.ExitTwice)
        {
            parent.Mail.Push(mail, _payload.Written);
        }

        state.Wake(parent);
    }
}
