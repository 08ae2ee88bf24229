using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Host.Journal;
using Tars.Kernel.Ports;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>What became of the capabilities of a recorded run: used how often, never, or refused.</summary>
public static class CapsAudit
{
    /// <summary>Replays a journal and counts; no device is asked or told.</summary>
    /// <returns>Null, with reasons.</returns>
    public static AuditReport? Of(string path, List<string> reasons, CancellationToken stop)
    {
        try
        {
            if (RecordedShards.SingleOf(path, reasons) is null)
            {
                return null;
            }

            UseCounter? counter = null;
            var engine = Compose.WithFloors(stop);
            using var walk = ReplayWalk.Open(
                path, engine, shown: null, reasons, witness: system => counter = new UseCounter(system));
            if (walk is null || counter is null)
            {
                return null;
            }

            if (walk.Shard is not null)
            {
                reasons.Add("it is one shard of several, and a module may have used what it may on the others");
                return null;
            }

            using var abort = stop.Register(walk.Kernel.Abort);
            while (!stop.IsCancellationRequested && walk.Next())
            {
                // Every event counts; the counter hears what comes of it.
            }

            return new AuditReport(
                [.. counter.System.Modules.Select(one => Of(one.Manifest, counter.System.StandIns, counter))],
                counter.Refusals,
                walk.Events,
                walk.Damage ?? "");
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            reasons.Add(broken.Message);
            return null;
        }
    }

    /// <summary>Of modules that do not run: what their code names of what they declare.</summary>
    /// <param name="named">Modules in the place of devices, as `--bind` names them.</param>
    /// <returns>Null, with reasons.</returns>
    public static AuditReport? Of(
        IReadOnlyList<ReadOnlyMemory<byte>> bundles,
        IEnumerable<KeyValuePair<string, string>> named,
        ICollection<string> reasons)
    {
        BundleManifest[] modules = [.. SystemGrants.Of(bundles, new RunOptions()).Modules.Select(one => one.Manifest)];
        var standIns = StandInNames.Of(modules, named, reasons);
        return reasons.Count != 0
            ? null
            : new AuditReport([.. modules.Select(one => Of(one, standIns, counter: null))], [], Events: 0, Damage: "");
    }

    private static ModuleAudit Of(
        BundleManifest manifest, ImmutableArray<StandIn> standIns, UseCounter? counter) => new(
        manifest.Name,
        manifest.Version,
        [
            .. from demand in Demand.Of(manifest)
               let agents = manifest.Agents.Where(one => Routes.UsesOf(one, demand).Any())
               let standIn = standIns.FirstOrDefault(one => demand.Kind == DemandKind.Device
                   && (one.Module, one.Device) == (demand.Module, demand.Name))
               select new CapabilityAudit(
                   demand,
                   [.. agents.Select(one => one.Name)],
                   standIn is null ? counter?.CountOf(demand) : null,
                   standIn?.By),
        ]);
}

/// <param name="Events">That were replayed.</param>
/// <param name="Damage">Why what follows could not be; empty when all was.</param>
public sealed record AuditReport(
    ImmutableArray<ModuleAudit> Modules, ImmutableArray<RefusalCount> Refusals, long Events, string Damage);

public sealed record ModuleAudit(string Module, string Version, ImmutableArray<CapabilityAudit> Capabilities);

/// <param name="Agents">Whose code names it; none for what is declared and not used.</param>
/// <param name="Uses">In the run; null where there was none, and where a module answers: such asks stay inside.</param>
/// <param name="AnsweredBy">The module in the place of the device; null for none.</param>
public sealed record CapabilityAudit(
    Demand Demand, ImmutableArray<string> Agents, long? Uses, string? AnsweredBy);

/// <summary>Effects of one agent that were refused alike.</summary>
public sealed record RefusalCount(string Agent, string Effect, string Target, string Reason, long Count);
