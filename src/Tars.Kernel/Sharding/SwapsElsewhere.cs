using Tars.Kernel.Effects;
using Tars.Kernel.Ports;
using Tars.Kernel.Swapping;

namespace Tars.Kernel.Sharding;

/// <summary>A module that lives on another shard is swapped: this one learns of the new version while all stand still.
/// </summary>
/// <remarks>
/// Each shard has the image of the whole system, and names agents, channels and handlers by their numbers in it. So a
/// swap changes the image of all, and the records that wait here for the module's processes.
///
/// Invariant: what a look has found fit stays fit until all go on, since nobody has a turn; and nothing leaves from
/// then on, since it could come to a shard of the other version.
/// </remarks>
internal sealed class SwapsElsewhere(KernelState state, Shards shards)
{
    public void Apply(KernelEvent.SwapElsewhere asked)
    {
        var work = WorkOf(asked, out string why);
        shards.Departures.Stands |= state.IsPaused;
        if (!asked.IsDone)
        {
            state.Outside.SwapSeen(asked.Module, work is null ? [why] : [.. LinkMail.WhyNot(state, work)]);
            return;
        }

        if (work is null)
        {
            // The shard of the module has switched, so whoever asked for it has to hear that this one has not.
            state.Audit(ProcessId.Outside, "swap", asked.Module, why);
            state.Outside.SwapSeen(asked.Module, [why]);
            return;
        }

        shards.Common++;
        _ = Switch.Carry(state, work);
        foreach (var (agent, process) in asked.Newcomers)
        {
            shards.Begun(state.AgentOf(agent), process);
        }

        state.Swaps.Refresh();
        state.Outside.SwappedElsewhere(new SwapReport(
            asked.Module,
            work.Old.Manifest.Version,
            work.New.Manifest.Version,
            IsReturn: false,
            Cause: "",
            [],
            [],
            [],
            Processes: 0,
            state.System));
    }

    // What the shard of the module has worked out as well, from the same two versions.
    private SwapWork? WorkOf(KernelEvent.SwapElsewhere asked, out string why)
    {
        why = "the shards do not stand still, or there is no such swap";
        int module = state.ModuleOf(asked.Module);
        if (!state.IsPaused || module < 0 || shards.Plan.ShardOf(module) == shards.Own
            || asked.Image is not { } image || image.Hash != asked.Hash || image.Manifest.Name != asked.Module)
        {
            return null;
        }

        var prepared = SwapPreparation.Of(state.System, module, image, new SwapTerms());
        if (prepared.Link is not LinkResult.Linked { System: var system } || !prepared.Plan.Reasons.IsEmpty
            || asked.Newcomers.Any(one => (uint)system.Agents.Length <= (uint)one.Agent
                || system.Agents[one.Agent].ModuleIndex != module || one.Process.Value <= 0))
        {
            why = prepared.Link is LinkResult.Refused refused ? refused.Reasons[0] : "the version does not fit";
            return null;
        }

        var old = state.System.Modules[module];
        return new SwapWork(module, old, prepared.New, prepared.Terms, prepared.Plan, system, deadline: 0)
        {
            Params = ModuleParams.Carry(old.Manifest, state.Params[module], image.Manifest, lost: []),
        };
    }
}
