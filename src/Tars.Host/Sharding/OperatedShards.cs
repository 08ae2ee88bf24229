using System.Collections.Immutable;
using Tars.Host.Control;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>The shards of a run, operated from the thread of the run, which steps none of them.</summary>
/// <remarks>
/// An event of an operator happens on the shard where its subject lives; what is said of a module's rights happens on
/// all, since what they withhold is alike on all. It waits for their answers, so one request is done before the next.
/// </remarks>
/// <param name="wait">Waits until it is so; false when the run ends before.</param>
/// <param name="whyNoSwap">What no shard says of it, because it is not even told; null when it is.</param>
internal sealed class OperatedShards(
    ImmutableArray<ShardWorker> workers,
    Func<SystemImage> system,
    Func<ShardPlan> plan,
    ShardJournals journals,
    Func<Func<bool>, bool> wait,
    Func<SwapOffer, string?> whyNoSwap,
    Func<SwapOffer, SwapTerms, string?> swap) : IOperated
{
    private const string Ends = "the run ends";

    public SystemImage System => system();

    public string? WhyLost => workers.Any(one => one.IsLost && !one.KeepsAll)
        ? "it cannot be kept, so the run ends without it"
        : null;

    public ControlPage<T>? Look<T>(Func<Kernel.Kernel, IEnumerable<T>> rows, Func<T, long> keyOf)
    {
        ShardAnswer<ControlPage<T>?>[] asked =
            [.. workers.Select(one => one.Look(kernel => ControlPage<T>.Of(rows(kernel), keyOf)))];
        return wait(() => asked.All(one => one.IsThere))
            ? ControlPage<T>.Merge([.. asked.Select(one => one.Value!)], keyOf) // They are all there.
            : null;
    }

    public OperatorAct Act(Func<Moment, KernelEvent> what)
    {
        var lost = new OperatorAct("", "", Ends);
        if (ShardOf(what(default)) is not { } first)
        {
            return lost;
        }

        bool isOfAll = IsOfAll(what(default));
        journals.IsActing |= isOfAll; // Should the run end before all have it, the next start completes it.
        var act = Step(workers[first], what, tells: true);
        foreach (var worker in workers.Where(_ => act is { IsDone: true } && isOfAll && WhyLost is null))
        {
            if (worker != workers[first] && Step(worker, what, tells: false) is not { IsDone: true })
            {
                return lost;
            }
        }

        journals.IsActing &= act is null;
        return act ?? lost;
    }

    public string? Feed(DeviceId device, ImmutableArray<byte> value)
    {
        int shard = plan().ShardOf(ModuleOf(System.Devices[device.Value].Module));
        var fed = workers[shard].Act(at => new KernelEvent.DeviceInput(at, device, value), tells: true);
        return wait(() => fed.IsThere) ? null : Ends;
    }

    public string? WhyNot(SwapOffer offer, SwapTerms terms) => whyNoSwap(offer) ?? offer.WhyNot(System, terms);

    public string? Swap(SwapOffer offer, SwapTerms terms) => swap(offer, terms);

    // Null when the run ends.
    private OperatorAct? Step(ShardWorker worker, Func<Moment, KernelEvent> what, bool tells)
    {
        var asked = worker.Act(what, tells);
        return wait(() => asked.IsThere) ? asked.Value : null; // Every event of an operator gives one.
    }

    private static bool IsOfAll(KernelEvent happened) => happened
        is KernelEvent.Grant { Process.Value: 0 } or KernelEvent.Revoke { Process.Value: 0 };

    // Where the kernel can say more of it than that it is not there, if anywhere; null when the run ends.
    private int? ShardOf(KernelEvent happened) => happened switch
    {
        KernelEvent.SetParam set => ShardOf(set.Module),
        KernelEvent.Grant { Process.Value: 0 } grant => ShardOf(grant.Module),
        KernelEvent.Revoke { Process.Value: 0 } revoke => ShardOf(revoke.Module),
        KernelEvent.Grant grant => Find(kernel => kernel.Has(grant.Process)),
        KernelEvent.Revoke revoke => Find(kernel => kernel.Has(revoke.Process)),
        KernelEvent.StopProcess stop => Find(kernel => kernel.Has(stop.Process)),
        KernelEvent.DeliverDead deliver => Find(kernel => HasLetter(kernel, deliver.Letter)),
        KernelEvent.DropDead drop => Find(kernel => HasLetter(kernel, drop.Letter)),
        _ => throw new global::System.Diagnostics.UnreachableException(),
    };

    private static bool HasLetter(Kernel.Kernel kernel, long letter) =>
        kernel.DeadLetters.Any(one => one.Number == letter);

    private int? Find(Func<Kernel.Kernel, bool> has)
    {
        ShardAnswer<bool>[] asked = [.. workers.Select(one => one.Look(has))];
        return wait(() => asked.All(one => one.IsThere)) ? Math.Max(0, asked.ToList().FindIndex(one => one.Value))
            : null;
    }

    private int ShardOf(string module) => ModuleOf(module) is >= 0 and var index ? plan().ShardOf(index) : 0;

    private int ModuleOf(string name) => System.Modules.ToList().FindIndex(one => one.Manifest.Name == name);
}
