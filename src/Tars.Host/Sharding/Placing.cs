using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>Looks at the shards of a run now and then, and says whether a module is to live elsewhere.</summary>
internal sealed class Placing
{
    private readonly SystemImage _system;
    private readonly ImmutableArray<ShardWorker> _workers;
    private readonly Func<ShardPlan, (int Module, int Shard)?>? _given;
    private readonly long _every;
    private ImmutableArray<long> _busy;
    private ImmutableArray<long> _fuel;
    private long _looked;
    private bool _isHot;

    public Placing(SystemImage system, RunOptions options, ImmutableArray<ShardWorker> workers, long begin)
    {
        _system = system;
        _workers = workers;
        _given = options.Placement;
        _every = options.PlacementEvery ?? Limits.PlacementEvery;
        _looked = begin;
        _busy = Busy();
        _fuel = Fuel();
    }

    /// <summary>When the next look is due.</summary>
    public long NextLook => _looked + _every;

    /// <summary>A module that is to live elsewhere from now on; null while all are well where they are.</summary>
    public (int Module, int Shard)? Choose(ShardPlan plan, long now)
    {
        if (now < NextLook)
        {
            return null;
        }

        if (_given is not null)
        {
            _looked = now;
            return _given(plan);
        }

        double span = now - _looked;
        var busy = Busy();
        var fuel = Fuel();
        ImmutableArray<double> parts = [.. busy.Zip(_busy, (after, before) => (after - before) / span)];
        ImmutableArray<long> burnt = [.. fuel.Zip(_fuel, (after, before) => Math.Max(0, after - before))];
        var chosen = _isHot ? Balance.Choose(plan, parts, burnt) : null;
        (_looked, _busy, _fuel) = (now, busy, fuel);
        _isHot = chosen is null && Balance.IsHot(parts);
        if (_isHot)
        {
            // What was burnt is looked up by who steps the kernel; the next look has it.
            foreach (var worker in _workers)
            {
                worker.Look();
            }
        }

        return chosen;
    }

    private ImmutableArray<long> Busy() => [.. _workers.Select(one => one.Busy)];

    // A module lives on one shard, and the others say of it nothing.
    private ImmutableArray<long> Fuel() =>
        [.. _system.Modules.Select((_, module) => _workers.Max(one => one.FuelOf(module)))];
}
