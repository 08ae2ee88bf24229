using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>What is less than asked, spelled out for each agent as the kernel keeps it.</summary>
internal static class GrantNarrowings
{
    /// <param name="grant">What the policy says of the module, for what it says of single agents.</param>
    public static IEnumerable<Narrowing> Of(ModuleVerdicts module, ModuleGrant? grant) =>
        from agent in module.Manifest.Agents
        let own = grant?.Agents.FirstOrDefault(one => one.Agent == agent.Name)
        from verdict in module.Verdicts
        let narrowing = Of(verdict, agent, own)
        where narrowing is not null
        select narrowing;

    /// <summary>Null for what the agent has as its module declares it.</summary>
    public static Narrowing? Of(Verdict verdict, AgentSpec agent, AgentGrant? own)
    {
        var demand = verdict.Demand;
        return demand.Kind switch
        {
            DemandKind.Subscribe => Channels(NarrowingKind.Subscribe, verdict, agent, own?.Subscribe),
            DemandKind.Publish => Channels(NarrowingKind.Publish, verdict, agent, own?.Publish),
            DemandKind.Device => verdict.Answer == GrantAnswer.Withheld || own?.Withheld.Contains(demand.Name) == true
                ? new Narrowing(demand.Module, agent.Name, NarrowingKind.Device, demand.Name, [])
                : null,
            DemandKind.Spawn => verdict.Answer is GrantAnswer.Narrowed or GrantAnswer.Withheld
                ? new Narrowing(demand.Module, agent.Name, NarrowingKind.Spawn, demand.Name, verdict.Given)
                : null,
            DemandKind.Serve => null,
        };
    }

    private static Narrowing? Channels(NarrowingKind kind, Verdict verdict, AgentSpec agent, PatternGrant? own)
    {
        var demand = verdict.Demand;
        bool isLess = verdict.Answer is GrantAnswer.Narrowed or GrantAnswer.Withheld;
        ImmutableArray<string> left = isLess ? verdict.Given : [demand.Name];
        if (own is not null)
        {
            left = [.. left.SelectMany(one => GrantJudge.LeftOf(one, own.Patterns)).Distinct()];
        }

        return left is [var only] && only == demand.Name
            ? null
            : new Narrowing(demand.Module, agent.Name, kind, demand.Name, left);
    }
}
