using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Swapping;

/// <summary>One swap that is under way: what is to become of a module, and how far it has come.</summary>
internal sealed class SwapWork(
    int module, ModuleImage old, ModuleImage now, SwapTerms terms, SwapPlan plan, SystemImage system, long deadline)
{
    /// <summary>Index into the system's modules; the same before and after.</summary>
    public int Module { get; } = module;

    public ModuleImage Old { get; } = old;

    public ModuleImage New { get; } = now;

    public SwapTerms Terms { get; } = terms;

    public SwapPlan Plan { get; } = plan;

    /// <summary>The system with the new version linked into it.</summary>
    public SystemImage System { get; set; } = system;

    /// <summary>When waiting for handlers that wait ends, on the monotonic clock.</summary>
    public long Deadline { get; private set; } = deadline;

    /// <summary>Why the kernel brings the old version back; empty for a swap that somebody asked for.</summary>
    public string Cause { get; init; } = "";

    public bool IsReturn => Cause.Length != 0;

    /// <summary>The process whose event trapped; it waits for the old version with it.</summary>
    public Process? Trapped { get; init; }

    /// <summary>The parameters of the new version, encoded.</summary>
    public required byte[] Params { get; init; }

    /// <summary>What was lost on the way, beside what the plan says.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Ids for agents that start with the new version and have no process yet, by place.</summary>
    public SortedDictionary<int, ProcessId> Newcomers { get; } = [];

    /// <summary>True from the moment when all processes were quiet: from then on they are held.</summary>
    public bool IsMoving { get; set; }

    /// <summary>True when all is done that can be before the other shards stand still; this one stands already.
    /// </summary>
    public bool IsReady { get; set; }

    /// <summary>A process that was not quiet when somebody last looked.</summary>
    public Process? Blocker { get; set; }

    public SortedDictionary<ProcessId, Transfer> Transfers { get; } = [];

    /// <summary>Nothing is on the way from the old version to the new one.</summary>
    public void Undo()
    {
        foreach (var transfer in Transfers.Values)
        {
            transfer.Cancel();
        }

        (IsMoving, IsReady) = (false, false);
        Transfers.Clear();
        Newcomers.Clear();
    }

    /// <summary>All was quiet, and something of another shard came between: there is time to be so again.</summary>
    public void Extend(long now) => Deadline = now + Math.Min(
        Math.Max(Terms.Within, Limits.SwapAgainNanoseconds), long.MaxValue - now);

    /// <summary>What an agent of the system before is afterwards; null when it is gone.</summary>
    public AgentImage? AfterSwap(AgentImage before)
    {
        int? index = before.ModuleIndex == Module ? Plan.Agents[before.AgentIndex]?.Agent : before.AgentIndex;
        return index is { } known
            ? System.Agents.First(one => one.ModuleIndex == before.ModuleIndex && one.AgentIndex == known)
            : null;
    }
}
