using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Host.Journal;
using Tars.Kernel.Ports;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>What became of the capabilities of a recorded run: used how often, never, or refused.</summary>
public static class CapsAudit
{
    /// <summary>Replays a journal, or the folder of a run on several shards, and counts; no device is asked or told.
    /// </summary>
    /// <param name="tellsActs">Whether the report says act by act what became of capabilities.</param>
    /// <returns>Null, with reasons.</returns>
    public static AuditReport? Of(string path, bool tellsActs, List<string> reasons, CancellationToken stop)
    {
        try
        {
            var tally = new UseTally();
            var story = tellsActs ? new CapabilityStory(tally) : null;
            var counters = new List<UseCounter>();
            var paths = RecordedShards.PathsOf(path, shard: null, reasons);
            using var merge = paths.Count == 0 ? null : ReplayMerge.Open(
                paths,
                Compose.WithFloors(stop),
                shown: null,
                reasons,
                witness: (system, shard) =>
                {
                    counters.Add(new UseCounter(system, shard, tally, story));
                    return counters[^1];
                });
            if (merge is null)
            {
                return null;
            }

            if (merge.Parts is [{ Walk.Shard: not null }])
            {
                reasons.Add("it is one shard of several, and a module may have used what it may on the others: "
                    + "name the folder that all are in");
                return null;
            }

            ImmutableArray<CutJournal> before = [.. merge.Parts.Where(one => 0 < one.Walk.Events)
                .Select(one => new CutJournal(one.Shard, one.Walk.Events))];
            string damage = Replayed(merge, story, stop);
            var now = counters.MaxBy(one => one.Swaps)!.System; // All learn of each swap, unless cut off; one is there.
            return new AuditReport(
                [.. now.Modules.Select(one => Of(one.Manifest, now.StandIns, tally))],
                tally.Refusals,
                merge.Events,
                damage)
            {
                Shards = merge.Parts.Length,
                BeginsBehind = before,
                CutOff = damage.Length != 0 ? []
                    : [.. merge.Parts.Where(one => one.Walk.End != JournalEnd.Closed)
                        .Select(one => new CutJournal(one.Shard, one.Walk.Events))],
                Acts = story?.Acts,
                ActsLeftOut = story?.LeftOut ?? 0,
            };
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            reasons.Add(broken.Message);
            return null;
        }
    }

    // Why not all of it is what was recorded; empty when it is.
    private static string Replayed(ReplayMerge merge, CapabilityStory? story, CancellationToken stop)
    {
        using var abort = stop.Register(() =>
        {
            foreach (var part in merge.Parts)
            {
                part.Walk.Kernel.Abort();
            }
        });
        while (!stop.IsCancellationRequested && merge.Next(long.MaxValue) is { } part)
        {
            var walk = part.Walk;
            if (merge.WrongMail is { } mail)
            {
                return $"{part.Name}event {walk.Events} took {mail}, which sends other mail in its own journal";
            }

            if (walk.Recorded is { } recorded && recorded != walk.Done)
            {
                return $"{part.Name}event {walk.Events} does something else when it is replayed; `tarscli replay` says "
                    + "what";
            }

            story?.Over(part.Shard, walk.Events, walk.Kernel);
        }

        return stop.IsCancellationRequested ? "it was interrupted" : merge.Damage ?? "";
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
            : new AuditReport([.. modules.Select(one => Of(one, standIns, tally: null))], [], Events: 0, Damage: "");
    }

    private static ModuleAudit Of(
        BundleManifest manifest, ImmutableArray<StandIn> standIns, UseTally? tally) => new(
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
                   standIn is null ? tally?.UsesOf(demand).Sum(one => one.Uses) : null,
                   standIn?.By)
               {
                   UsesByShard = standIn is not null || tally is null ? []
                       : [.. tally.UsesOf(demand).Where(one => one.Shard is not null)
                           .Select(one => new ShardUses(one.Shard!.Value, one.Uses))],
               },
        ]);
}

/// <param name="Events">That were replayed.</param>
/// <param name="Damage">Why what follows could not be; empty when all was.</param>
public sealed record AuditReport(
    ImmutableArray<ModuleAudit> Modules, ImmutableArray<RefusalCount> Refusals, long Events, string Damage)
{
    /// <summary>How many journals were replayed together, one for each shard.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>The journals that begin with a checkpoint: what came before counts nowhere.</summary>
    public ImmutableArray<CutJournal> BeginsBehind { get; init; } = [];

    /// <summary>The journals that end before their run did: what came later counts nowhere.</summary>
    public ImmutableArray<CutJournal> CutOff { get; init; } = [];

    /// <summary>What became of capabilities, in an order in which nothing comes before what led to it; null where that
    /// was not asked for.</summary>
    public ImmutableArray<AuditedAct>? Acts { get; init; }

    /// <summary>Acts behind those.</summary>
    public long ActsLeftOut { get; init; }
}

public sealed record ModuleAudit(string Module, string Version, ImmutableArray<CapabilityAudit> Capabilities);

/// <param name="Agents">Whose code names it; none for what is declared and not used.</param>
/// <param name="Uses">In the run; null where there was none, and where a module answers: such asks stay inside.</param>
/// <param name="AnsweredBy">The module in the place of the device; null for none.</param>
public sealed record CapabilityAudit(
    Demand Demand, ImmutableArray<string> Agents, long? Uses, string? AnsweredBy)
{
    /// <summary>The same by the shards that used it; empty of the only kernel.</summary>
    public ImmutableArray<ShardUses> UsesByShard { get; init; } = [];
}

/// <summary>A journal that does not hold all of its run: it was killed, the file was cut, or it is a segment.</summary>
/// <param name="Shard">Whose it is; null for the only kernel.</param>
/// <param name="Events">Up to where it goes, or where it begins.</param>
public readonly record struct CutJournal(int? Shard, long Events);

/// <summary>How often one shard used a capability.</summary>
public readonly record struct ShardUses(int Shard, long Uses);

/// <summary>Effects of one agent that were refused alike.</summary>
public sealed record RefusalCount(string Agent, string Effect, string Target, string Reason, long Count)
{
    /// <summary>The shard that refused it; null for the only kernel.</summary>
    public int? Shard { get; init; }
}
