using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Ports;

/// <summary>A module that decides which process runs next: checked, and linked to nothing but itself.</summary>
/// <remarks>
/// Invariant: it has one agent that starts with it, and no capability but its own state, params, timers and metrics. So
/// what it can do is to answer, well or badly.
/// </remarks>
public sealed class PolicyModule
{
    /// <summary>Answers with one choice.</summary>
    internal const string Pick = "pick";

    /// <summary>Answers with several choices, to be carried out in order.</summary>
    internal const string Plan = "plan";

    private static readonly ImmutableArray<SchemaField> _asked =
        [new("ready", new SchemaType.List(BuiltInTypes.Ready))];

    private PolicyModule(SystemImage system, bool plans)
    {
        System = system;
        Plans = plans;
    }

    public string Name => System.Modules[0].Manifest.Name;

    /// <summary>The module, with the limits that a policy has.</summary>
    public ModuleImage Image => System.Modules[0];

    /// <summary>True when one call may answer with several choices.</summary>
    public bool Plans { get; }

    internal SystemImage System { get; }

    internal string Agent => System.Modules[0].Manifest.Agents[0].Name;

    /// <summary>Takes a module for a policy, or says why it is none.</summary>
    public static PolicyModule? Of(ModuleImage image, ICollection<string> reasons)
    {
        string? reason = WhyNot(image.Manifest);
        if (reason is not null)
        {
            reasons.Add($"{image.Manifest.Name}: {reason}");
            return null;
        }

        var agent = image.Manifest.Agents[0];
        long fuel = Math.Min(agent.Limits.Fuel ?? Limits.PolicyFuelMax, Limits.PolicyFuelMax);
        var bounded = image.Manifest with { Agents = [agent with { Limits = agent.Limits with { Fuel = fuel } }] };
        switch (SystemImage.Link([image with { Manifest = bounded }]))
        {
            case LinkResult.Linked linked:
                return new PolicyModule(linked.System, Handler(agent, Plan) is not null);
            case LinkResult.Refused refused:
                foreach (string one in refused.Reasons)
                {
                    reasons.Add(one);
                }

                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static string? WhyNot(BundleManifest manifest)
    {
        if (manifest.Implements != "scheduler")
        {
            return "it does not say `implements: scheduler`, so it is no scheduling policy";
        }

        if (manifest is not { Agents: [{ Starts: AgentStart.WithModule } agent], Imports.IsEmpty: true })
        {
            return "a scheduling policy is one agent that starts with its module";
        }

        bool reaches = !manifest.Devices.IsEmpty || !manifest.Publishes.IsEmpty || !manifest.Subscribes.IsEmpty
            || !manifest.Serves.IsEmpty || !manifest.Spawns.IsEmpty;
        if (reaches)
        {
            return "a scheduling policy has no devices, channels or children";
        }

        var plan = Handler(agent, Plan);
        return !Fits(Handler(agent, Pick), BuiltInTypes.Choice)
            ? "its `ask pick` is not `pick(ready: list<Ready>) -> Choice`"
            : plan is not null && !Fits(plan, new SchemaType.List(BuiltInTypes.Choice))
                ? "its `ask plan` is not `plan(ready: list<Ready>) -> list<Choice>`"
                : null;
    }

    private static HandlerSpec? Handler(AgentSpec agent, string name) =>
        agent.Handlers.FirstOrDefault(one => one.Kind == HandlerKind.Ask && one.Subject == name);

    private static bool Fits(HandlerSpec? handler, SchemaType returns) =>
        handler is not null && handler.Returns.Equals(returns)
        && handler.Payload.AsSpan().SequenceEqual(_asked.AsSpan());
}
