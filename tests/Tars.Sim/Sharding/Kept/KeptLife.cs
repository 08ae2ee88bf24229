using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Host.Sharding;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Tars.Sim.Disks;
using Tars.Sim.Swarm;

namespace Tars.Sim.Sharding.Kept;

/// <summary>One life of a kept run on several shards, on one thread: from what the disk holds until the power is cut
/// or nothing is left to do.</summary>
/// <remarks>
/// The kernels, journals, held effects, put-by mail and recovery are those of a real run. Who is stepped, whose mail
/// arrives and when a disk has time for a group is said by the seed, in the place of threads; a step of all shards
/// (a move, a swap) takes the way of the run with threads, disk by disk.
/// </remarks>
internal sealed class KeptLife : IDisposable
{
    private const long TickLength = 1_000;
    private const int ActsMax = 200_000;
    private const int OneMoveOf = 90;
    private const int OneSwapOf = 120;
    private const int CallsBehindMax = 4;

    private readonly KeptPlan _plan;
    private readonly KeptModel _model;
    private readonly CutDisk _disk;
    private readonly Xoshiro256 _random;
    private readonly Coverage _coverage;
    private readonly Queue<ShardMail>[,] _links;
    private readonly Queue<long> _asks = [];
    private readonly int[] _next = new int[ShardsText.PlayersCount];
    private readonly int[] _diskPatience;
    private ImmutableArray<KeptShard> _shards = [];
    private ShardPlan? _placing;
    private bool _isActing;
    private long _now;
    private int _made;

    public KeptLife(KeptPlan plan, KeptModel model, CutDisk disk, Xoshiro256 random, Coverage coverage)
    {
        (_plan, _model, _disk, _random, _coverage) = (plan, model, disk, random, coverage);
        _links = new Queue<ShardMail>[plan.Shards, plan.Shards];
        for (int from = 0; from < plan.Shards; from++)
        {
            for (int to = 0; to < plan.Shards; to++)
            {
                _links[from, to] = new Queue<ShardMail>();
            }
        }

        // Some disks are fast in this life and some slow.
        _diskPatience = [.. Enumerable.Range(0, plan.Shards).Select(_ => 2 << random.Next(4))];
    }

    /// <summary>Whether the power is cut a little after a checkpoint that some shard takes on the way.</summary>
    public bool CutsBehindCheckpoint { get; set; }

    /// <summary>What is being done just now, for who wants to know what a cut has hit.</summary>
    public string Doing { get; private set; } = "opening";

    /// <summary>Events of all shards.</summary>
    public long Events => _shards.Sum(one => one.Events);

    /// <summary>Of what all of them did.</summary>
    public ulong Digest => SwarmOutcome.DigestOf([.. _shards.Select(one => one.Kernel?.Trace ?? 0)]);

    /// <summary>The state of all shards.</summary>
    public ulong State => SwarmOutcome.DigestOf([.. _shards.Select(one => one.Kernel.StateDigest().Value)]);

    /// <summary>Modules that live on other shards than at the beginning.</summary>
    public long Moves { get; private set; }

    public long Swaps { get; private set; }

    private Moment At => new(_now, _now);

    private ShardPlan Placing => _placing!; // From Begin on.

    /// <summary>Opens what the disk holds and goes on as one run; false when there is a problem.</summary>
    public bool Begin()
    {
        _model.Begin();
        _isActing = true;
        for (int number = 0; number < _plan.Shards; number++)
        {
            var shard = new KeptShard(_model, number, _asks);
            _shards = _shards.Add(shard);
            if (shard.Open(_plan, _disk, () => !_isActing) is { } why)
            {
                _model.Fail(why);
                return false;
            }

            _now = Math.Max(_now, shard.Kernel.Now.Monotonic);
        }

        Doing = "completing";
        bool isBehind = _shards.Select(one => one.Kernel.ShardView!.Common).Distinct().Count() != 1;
        bool stands = _shards.Any(one => one.Kernel.ShardView!.Stands);
        if (ShardRecovery.Complete([.. _shards.Select(one => one.Recovered)], At, _plan.BundleOf) is { } torn)
        {
            _model.Fail(torn);
            return false;
        }

        Mark(isBehind, "a shard learnt after a cut what others had done");
        Mark(stands, "a cut while all stood still");
        Mark(_shards.Any(one => one.HasCheckpoint), "a checkpoint was gone on from");
        Mark(_shards.Any(one => one.HasOwnNumbers), "a checkpoint behind swaps of devices was gone on from");
        GoOn();
        return _model.Problem is null;
    }

    /// <summary>Goes on until nothing is left to do.</summary>
    public void Play()
    {
        Doing = "running";
        for (int acts = 0; acts < ActsMax && _model.Problem is null; acts++)
        {
            _now += TickLength;
            CutBehindCheckpoint();
            if (!Act())
            {
                return;
            }
        }

        _model.Fail("the shards do not come to rest");
    }

    /// <summary>The disks get all the time that they need.</summary>
    public void Settle()
    {
        for (int shard = 0; shard < _plan.Shards; shard++)
        {
            Settle(shard);
        }
    }

    /// <summary>At rest: what stands anywhere stands where it lives, and all run the same versions.</summary>
    public string? WhyNotOver() =>
        LentModel.WhyNot([.. _shards.Select(one => one.Kernel)]) ?? WhyNotAlike();

    public void Dispose()
    {
        foreach (var shard in _shards)
        {
            shard.Dispose();
        }
    }

    private void GoOn()
    {
        Settle();
        _isActing = false;
        _placing = _shards[0].Kernel.ShardView!.Plan; // It is one of several.
        foreach (var place in _shards.SelectMany(one => one.Places))
        {
            int player = int.Parse(place.Name.AsSpan(place.Name.IndexOf('/') + 1), CultureInfo.InvariantCulture);
            _next[player] = Math.Max(_next[player], (int)place.Octets);
        }

        if (WhyNotAlike() is { } why)
        {
            _model.Fail(why);
        }

        _asks.Clear(); // Who waits still is found in all kernels.
        foreach (var shard in _shards)
        {
            shard.Kernel.AskAgain(shard);
        }

        foreach (var (number, shard) in _shards.Index())
        {
            Step(number, shard.HasBegun ? new KernelEvent.Turn(At) : new KernelEvent.Boot(At, _plan.Seed));
        }

        _made = _disk.Created; // What was done again is not done a third time, so most have just taken one.
    }

    private string? WhyNotAlike()
    {
        var first = _shards[0].Kernel;
        var modules = Enumerable.Range(0, first.System.Modules.Length).ToArray();
        return _shards.Any(one => modules.Any(module =>
            one.Kernel.System.Modules[module].Hash != first.System.Modules[module].Hash
            || one.Kernel.ShardView!.Plan.ShardOf(module) != first.ShardView!.Plan.ShardOf(module)))
            ? "the shards do not have the same modules in the same places"
            : null;
    }

    // What a checkpoint has left out is missed only when the power goes soon after: then who took it has not synced.
    private void CutBehindCheckpoint()
    {
        if (CutsBehindCheckpoint && _made < _disk.Created)
        {
            CutsBehindCheckpoint = false;
            _disk.CutsAt = _disk.Calls + _random.Next(CallsBehindMax);
        }
    }

    private bool Act()
    {
        int shard = _random.Next(_plan.Shards);
        int module = _random.Next(ShardsText.PlayersCount + 1);
        if (_random.Next(OneMoveOf) == 0)
        {
            Move(module, _random.Next(_plan.Shards));
        }
        else if (_random.Next(OneSwapOf) == 0)
        {
            RequestSwap(module);
        }
        else if (_random.Next(_diskPatience[shard]) == 0)
        {
            _shards[shard].Journal.Write();
        }
        else if (_random.Next(12) == 0)
        {
            Settle(shard);
        }
        else if (_random.Next(6) != 0 || !Order())
        {
            return Tick();
        }

        return true;
    }

    // An order of the outside, which comes again when its event was not kept.
    private bool Order()
    {
        int[] players = [.. Enumerable.Range(0, _plan.Orders.Length)
            .Where(one => _next[one] < _plan.Orders[one].Length)];
        if (players.Length == 0)
        {
            return false;
        }

        int player = players[_random.Next(players.Length)];
        long order = _plan.Orders[player][_next[player]++];
        string channel = $"go/{player}";
        int shard = Placing.ShardOf(player);
        _shards[shard].Journal.Note(new InputPlace(channel, _next[player], IsOver: false));
        Step(shard, new KernelEvent.Message(At, channel, [.. BitConverter.GetBytes(order)]));
        return true;
    }

    // One thing that can happen happens; where none can, the disks get time, and when they have it nothing is left.
    private bool Tick()
    {
        for (int home = 0; home < _plan.Shards; home++)
        {
            if (_shards[home].Ready.Take() is { } ready)
            {
                Swap(home, ready);
                return true;
            }
        }

        if (_random.Next(3) == 0 && Answer())
        {
            return true;
        }

        return Happen() || Answer() || Order() || SettleAll();
    }

    private bool Happen()
    {
        var possible = new List<Action>();
        for (int at = 0; at < _plan.Shards; at++)
        {
            int shard = at;
            if (_shards[shard].Answer.MoreToDo)
            {
                possible.Add(() => Step(shard, new KernelEvent.Turn(At)));
            }

            for (int other = 0; other < _plan.Shards; other++)
            {
                int from = other;
                if (0 < _links[from, shard].Count)
                {
                    possible.Add(() => Deliver(from, shard));
                }
            }
        }

        if (possible.Count == 0)
        {
            return false;
        }

        possible[_random.Next(possible.Count)]();
        return true;
    }

    private bool Answer()
    {
        if (!_asks.TryDequeue(out long ask))
        {
            return false;
        }

        Step(Placing.ShardOfNumber(ask), new KernelEvent.Answer(At, ask, new DeviceAnswer.Value([])));
        return true;
    }

    private bool SettleAll()
    {
        long left = _model.Left;
        long shown = _model.Shown;
        Settle();
        return left != _model.Left || shown != _model.Shown || 0 < _asks.Count || HasMail
            || _shards.Any(one => one.Ready.IsWaiting || one.Answer.MoreToDo);
    }

    private bool HasMail => _links.Cast<Queue<ShardMail>>().Any(link => 0 < link.Count);

    private void Deliver(int from, int to)
    {
        var mail = _links[from, to].Dequeue();
        Step(to, new KernelEvent.FromShard(At, from, mail.Sequence, [.. mail.Records.Span]));
    }

    private void Step(int shard, KernelEvent happened)
    {
        _shards[shard].Step(happened);
        Ship(shard);
    }

    private void Settle(int shard)
    {
        _shards[shard].Journal.Flush();
        Ship(shard);
    }

    private void Ship(int shard) => _shards[shard].Journal.Leave(
        other => _shards[other].Journal.KeptFrom(shard),
        (to, number, records) =>
        {
            _model.Leave(shard, to, number, records.Span);
            _links[shard, to].Enqueue(new ShardMail(shard, number, records));
        });

    // As ModuleMove does with threads.
    private void Move(int module, int to)
    {
        int from = Placing.ShardOf(module);
        if (from == to)
        {
            return;
        }

        Doing = "moving";
        _isActing = true;
        StandStill();
        string why = Told(from, new KernelEvent.MoveOut(At, module), out var package);
        if (why.Length == 0)
        {
            int[] others = [.. Enumerable.Range(0, _plan.Shards).Where(one => one != to)];
            foreach (int shard in others.Prepend(to))
            {
                string refused = Told(shard, new KernelEvent.MoveIn(At, module, to, package), out _);
                if (refused.Length != 0)
                {
                    _model.Fail($"module {module} is not taken by shard {shard}: {refused}");
                }

                Quieten(); // With threads, one may work before the others know.
            }

            _placing = Placing.Moved(module, to);
            Moves++;
        }
        else if (!ShardsSeed.MayStay(why))
        {
            _model.Fail($"module {module} does not move to shard {to}: {why}");
        }

        LetGoOn();
    }

    private string Told(int shard, KernelEvent happened, out ImmutableArray<byte> package)
    {
        _shards[shard].Moving = null;
        Step(shard, happened);
        Settle(shard);
        var (octets, why) = _shards[shard].Moving ?? new MoveAnswer([], "nobody answered");
        package = octets;
        return why;
    }

    private void RequestSwap(int module)
    {
        int home = Placing.ShardOf(module);
        var now = _plan.Other(_shards[home].Kernel.System.Modules[module]);
        _shards[home].Journal.Note(_plan.BundleOf(now.Hash)!.Value);
        Step(home, KernelEvent.Swap.Of(At, now, new SwapTerms { GrantsAll = true }));
        Settle(home);
    }

    // As ShardedSwap does with threads.
    private void Swap(int home, SwapReadiness ready)
    {
        Doing = "swapping";
        _isActing = true;
        StandStill();
        var refusals = new List<string>();
        int[] others = [.. Enumerable.Range(0, _plan.Shards).Where(one => one != home)];
        foreach (int shard in others)
        {
            _shards[shard].Journal.Note(_plan.BundleOf(ready.Now.Hash)!.Value);
            Step(shard, ready.Elsewhere(At, isDone: false));
            Settle(shard);
            refusals.AddRange(_shards[shard].SwapSeen);
        }

        _shards[home].LastSwap = null;
        Step(home, new KernelEvent.SwapHere(At, ready.Ticket, [.. refusals.Distinct()]));
        Settle(home);
        if (_shards[home].LastSwap is { IsDone: true })
        {
            foreach (int shard in others)
            {
                Step(shard, ready.Elsewhere(At, isDone: true));
                Settle(shard);
            }

            Swaps++;
        }

        LetGoOn();
    }

    private void StandStill()
    {
        for (int shard = 0; shard < _plan.Shards; shard++)
        {
            Step(shard, new KernelEvent.Pause(At, Stands: true));
            Settle(shard);
        }

        Quieten();
    }

    private void LetGoOn()
    {
        for (int shard = 0; shard < _plan.Shards; shard++)
        {
            Step(shard, new KernelEvent.Pause(At, Stands: false));
            Settle(shard);
        }

        _isActing = false;
        Doing = "running";
    }

    // While all stand still mail is taken, and what waits may leave as credits come back; until none is on its way.
    private void Quieten()
    {
        do
        {
            while (Happen())
            {
                // In any order.
            }

            Settle();
        }
        while (HasMail || _shards.Any(one => one.Answer.MoreToDo));
    }

    private void Mark(bool was, string what)
    {
        if (was)
        {
            _coverage.Add($"kept shards: {what}");
        }
    }
}
