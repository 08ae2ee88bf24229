using Tars.Host.Journal.Recent;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>New versions of modules: each goes to the shard of its module, and all learn of it.</summary>
internal sealed partial class ShardedRun
{
    // A version that was saved; the log says what becomes of it.
    private void Offer(SwapOffer offer, SwapTerms terms)
    {
        _offered = offer.Image.Manifest.Name;
        if (Swap(offer, terms) is { } why)
        {
            _offered = null;
            lock (_streams.Log)
            {
                _streams.Log.WriteLine($"not swapped {offer.Image.Manifest.Name}: {why}");
            }

            offer.Image.Code.Dispose();
        }
    }

    // Null when the shard of the module has been told, or why not; what comes of it is told by that shard.
    private string? Swap(SwapOffer offer, SwapTerms terms)
    {
        if (WhyNot(offer) is { } why)
        {
            return why;
        }

        _journals.Know(offer.Bundle);
        _ = _workers[_plan.ShardOf(PlaceOf(offer.Image))].Step(at => offer.EventAt(at, terms), offer.Bundle);
        return null;
    }

    private string? WhyNot(SwapOffer offer) => WhyNot(offer.Image);

    // As the system is now: what another swap has made of it since counts.
    private string? WhyNot(ModuleImage image)
    {
        int module = PlaceOf(image);
        if (module < 0)
        {
            return SwapOffer.NotRunning;
        }

        // What does not link the kernel refuses, with its reasons.
        return SystemImage.Link(_system.Modules.SetItem(module, image), _system.StandIns)
                is LinkResult.Linked { System: var system }
            ? WhyNot(system, _readers, _plan).FirstOrDefault()
            : null;
    }

    private int PlaceOf(ModuleImage image) =>
        _system.Modules.ToList().FindIndex(one => one.Manifest.Name == image.Manifest.Name);

    // On the thread of a shard.
    private void Swapped(SwapReport report)
    {
        _swaps.Enqueue(report);
        _filled.Add(default);
    }

    private void GoOnWithSwaps()
    {
        foreach (var worker in _workers)
        {
            if (worker.TakeReady() is { } ready)
            {
                bool isLeftUndone = _journals.IsActing;
                _journals.IsActing = true;
                var swap = new ShardedSwap(_workers, _still, _journals.BundleOf, AwaitWhileOn, Await);
                swap.Run(worker, ready, WhyNot(ready.Now));
                TakeReports();
                _journals.IsActing = isLeftUndone || IsBroken; // What not all have done the next start completes.
            }
        }

        TakeReports();
    }

    // Each shard copies what it has when it is asked; what some had later than others is not tried on.
    private void ServeRecent()
    {
        if (_options.Recent is not { IsAsked: true } desk)
        {
            return;
        }

        desk.Serve(() =>
        {
            ShardAnswer<RecentCopy?>[] asked = [.. _workers.Select(one => one.CopyRecent())];
            if (!AwaitWhileOn(() => asked.All(one => one.IsThere)))
            {
                return new RecentCopy([], "the run ends");
            }

            RecentCopy[] copies = [.. asked.Select(one => one.Value!)]; // Each keeps them where there is a desk.
            return copies.FirstOrDefault(one => one.Shards.IsEmpty)
                ?? new RecentCopy([.. copies.SelectMany(one => one.Shards)], "");
        });
    }

    // The next swap is looked at in the system that this one leaves.
    private void TakeReports()
    {
        while (_swaps.TryDequeue(out var report))
        {
            _offered = report.Module == _offered ? null : _offered;
            if (report.IsDone)
            {
                Volatile.Write(ref _system, report.System);
            }

            _operated?.Swapped(report);
        }
    }
}
