using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>For each capability the way from its operator's word over the module to the agents whose code names
/// it.</summary>
public static class Routes
{
    public static ImmutableArray<ModuleRoutes> Of(SystemGrants grants, PolicyFile? policy) =>
    [
        .. from module in grants.Modules
           let own = policy?.Grants.Find(module.Manifest.Name)
           let floors = Floor.Of(policy)
           select new ModuleRoutes(
               module.Manifest,
               [.. module.Verdicts.Select(verdict => Of(module.Manifest, verdict, own))],
               Floor.IsIsolated(module.Manifest, floors)),
    ];

    /// <summary>What an agent does with a capability of its module, in few words each; empty when its code does not
    /// name it.</summary>
    public static IEnumerable<string> UsesOf(AgentSpec agent, Demand demand) => demand.Kind switch
    {
        DemandKind.Device => DeviceUses(agent, demand),
        DemandKind.Subscribe => agent.Handlers
            .Where(one => one.Kind == HandlerKind.Message
                && ChannelPatterns.Common(one.Subject, demand.Name) is not null)
            .Select(one => $"hears {one.Subject}"),
        DemandKind.Publish => agent.Slots
            .Where(one => one.Kind == SlotKind.Channel && one.Subject == demand.Name)
            .Select(_ => "publishes"),

        // A bundle does not say which of its agents spawns: any may.
        DemandKind.Spawn => ["may spawn it"],
        DemandKind.Serve => agent.Handlers
            .Where(one => one.Kind == HandlerKind.Http && IsBelow(PathOf(one.Subject), demand.Name))
            .Select(one => $"answers {one.Subject}"),
    };

    private static CapabilityRoute Of(BundleManifest manifest, Verdict verdict, ModuleGrant? grant) => new(
        verdict,
        [
            .. from agent in manifest.Agents
               let uses = UsesOf(agent, verdict.Demand).ToImmutableArray()
               where !uses.IsEmpty
               let own = grant?.Agents.FirstOrDefault(one => one.Agent == agent.Name)
               select new RouteEnd(agent.Name, uses, GrantNarrowings.Of(verdict, agent, own)),
        ]);

    private static IEnumerable<string> DeviceUses(AgentSpec agent, Demand demand)
    {
        bool isNamed = agent.Slots.Any(one => one.Kind == SlotKind.Device && one.Subject == demand.Name);
        var operations = agent.Operations
            .Where(one => isNamed && one.TargetKind == SlotKind.Device && one.Target == demand.Detail)
            .Select(one => $"{(one.IsAsk ? "asks" : "tells")} {one.Name}")
            .Distinct().ToList();
        bool isHeard = agent.Handlers.Any(one => one.Kind == HandlerKind.Device && one.Subject == demand.Name);
        if (isNamed && operations.Count == 0)
        {
            operations.Add("names it");
        }

        return isHeard ? operations.Append("hears it") : operations;
    }

    private static string PathOf(string subject) => subject[(subject.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static bool IsBelow(string path, string prefix) => prefix == "/" || path == prefix.TrimEnd('/')
        || path.StartsWith(prefix.TrimEnd('/') + "/", StringComparison.Ordinal);
}

/// <summary>All capabilities that a module declares, each with its way.</summary>
/// <param name="IsIsolated">Nothing less than a machine of its own will do for it.</param>
public sealed record ModuleRoutes(
    BundleManifest Manifest, ImmutableArray<CapabilityRoute> Capabilities, bool IsIsolated);

/// <param name="Agents">Those whose code names it; none for what is declared and not used.</param>
public sealed record CapabilityRoute(Verdict Verdict, ImmutableArray<RouteEnd> Agents);

/// <param name="Uses">What its code does with the capability.</param>
/// <param name="Narrowing">What is left to it, where that is less; else null.</param>
public sealed record RouteEnd(string Agent, ImmutableArray<string> Uses, Narrowing? Narrowing);
