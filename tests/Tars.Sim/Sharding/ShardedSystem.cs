using System.Collections.Immutable;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Sim.Sharding;

/// <summary>The kernels of one system on one thread: a seed says which of them goes on, and whose mail arrives.
/// </summary>
/// <remarks>
/// Each of them tells an outside of its own what it does, and that one hands mail for other shards to
/// <see cref="Post"/>. Equal seeds and events give equal runs.
/// </remarks>
internal sealed class ShardedSystem
{
    private const long TickLength = 1_000;

    private readonly Xoshiro256 _random;
    private readonly Queue<(long Sequence, ImmutableArray<byte> Records)>[,] _links;
    private readonly StepResult[] _answers;
    private readonly Queue<(ProcessId Process, GuestResult Result)>? _later;
    private long _now;

    /// <param name="later">Guests that run elsewhere put the ends of their calls here; null when none does.</param>
    public ShardedSystem(
        SystemImage system,
        ShardPlan plan,
        ulong seed,
        Func<ShardedSystem, int, IOutside> outside,
        Queue<(ProcessId Process, GuestResult Result)>? later = null)
    {
        Plan = plan;
        _random = new Xoshiro256(seed);
        _later = later;
        _links = new Queue<(long, ImmutableArray<byte>)>[plan.Count, plan.Count];
        for (int from = 0; from < plan.Count; from++)
        {
            for (int to = 0; to < plan.Count; to++)
            {
                _links[from, to] = new Queue<(long, ImmutableArray<byte>)>();
            }
        }

        Kernels =
        [
            .. Enumerable.Range(0, plan.Count).Select(shard =>
                new Kernel.Kernel(system, outside(this, shard)) { Shard = new ShardPlace(plan, shard) }),
        ];
        _answers = new StepResult[plan.Count];
    }

    public ImmutableArray<Kernel.Kernel> Kernels { get; }

    public ShardPlan Plan { get; }

    public Moment Now => new(_now, _now);

    /// <summary>Batches of mail that have arrived at another shard.</summary>
    public long Arrived { get; private set; }

    /// <summary>True while mail is on its way.</summary>
    public bool HasMail => _links.Cast<Queue<(long, ImmutableArray<byte>)>>().Any(link => 0 < link.Count);

    public void Boot(ulong seed)
    {
        for (int shard = 0; shard < Kernels.Length; shard++)
        {
            Step(shard, new KernelEvent.Boot(Now, seed));
        }
    }

    /// <summary>Mail leaves one shard for another.</summary>
    public void Post(int from, int to, long sequence, ReadOnlySpan<byte> records) =>
        _links[from, to].Enqueue((sequence, [.. records]));

    public void Step(int shard, KernelEvent happened) => _answers[shard] = Kernels[shard].Step(happened);

    /// <summary>A message for a channel, from outside, for each shard where somebody takes it.</summary>
    public void Message(string channel, ImmutableArray<byte> value)
    {
        foreach (int shard in Plan.TakersOf(Kernels[0].System, channel))
        {
            Step(shard, new KernelEvent.Message(Now, channel, value));
        }
    }

    /// <summary>The system is told to stop.</summary>
    public void Stop()
    {
        for (int shard = 0; shard < Kernels.Length; shard++)
        {
            Step(shard, new KernelEvent.Stop(Now));
        }
    }

    /// <summary>One thing that can happen happens; false when nothing can but that time goes on.</summary>
    public bool Tick()
    {
        var possible = new List<Action>();
        for (int at = 0; at < Kernels.Length; at++)
        {
            int shard = at;
            if (_answers[shard].MoreToDo)
            {
                possible.Add(() => Step(shard, new KernelEvent.Turn(Now)));
            }

            for (int other = 0; other < Kernels.Length; other++)
            {
                int from = other;
                if (0 < _links[from, shard].Count)
                {
                    possible.Add(() => Deliver(from, shard));
                }
            }
        }

        if (_later is { Count: > 0 })
        {
            possible.Add(Finish);
        }

        if (possible.Count == 0)
        {
            return false;
        }

        _now += TickLength;
        possible[_random.Next(possible.Count)]();
        return true;
    }

    /// <summary>Goes on until nothing is left to do.</summary>
    /// <returns>False when that takes too long.</returns>
    public bool Rest(int ticksMax = 1_000_000)
    {
        while (Tick())
        {
            if (--ticksMax == 0)
            {
                return false;
            }
        }

        return true;
    }

    private void Deliver(int from, int to)
    {
        var (sequence, records) = _links[from, to].Dequeue();
        Arrived++;
        Step(to, new KernelEvent.FromShard(Now, from, sequence, records));
    }

    private void Finish()
    {
        var (process, result) = _later!.Dequeue(); // There is one.
        for (int shard = 0; shard < Kernels.Length; shard++)
        {
            if (Kernels[shard].Has(process))
            {
                Step(shard, new KernelEvent.GuestDone(Now, process, result));
                return;
            }
        }
    }
}
