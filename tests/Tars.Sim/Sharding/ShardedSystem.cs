using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Tars.Sim.Swarm;

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
    private const int CheckpointEvery = 7;

    private readonly Xoshiro256 _random;
    private readonly SystemImage _first;
    private readonly ShardPlan _dealt;
    private readonly Planted _planted;
    private readonly PolicyChoice _policy;
    private readonly ImmutableArray<EffectTrace> _effects;
    private readonly ImmutableArray<List<(byte[] Record, ModuleImage? Image)>> _journals;
    private readonly Queue<(long Sequence, ImmutableArray<byte> Records)>[,] _links;
    private readonly StepResult[] _answers;
    private readonly Queue<(ProcessId Process, GuestResult Result)>? _later;
    private readonly Queue<(int Shard, long Ticket, ModuleImage Now, ImmutableArray<Newcomer> Newcomers)> _ready = [];
    private readonly List<string> _seen = [];
    private readonly ByteWriter _checkpoint = new();
    private readonly ByteWriter _checkpointAgain = new();
    private ImmutableArray<byte> _package = [];
    private SwapReport? _swapped;
    private long _now;

    /// <param name="policy">Who decides on each shard; null for whoever does where nobody is named.</param>
    /// <param name="later">Guests that run elsewhere put the ends of their calls here; null when none does.</param>
    public ShardedSystem(
        SystemImage system,
        ShardPlan plan,
        ulong seed,
        Func<ShardedSystem, int, IOutside> outside,
        Queue<(ProcessId Process, GuestResult Result)>? later = null,
        Planted planted = Planted.None,
        PolicyChoice? policy = null)
    {
        Plan = plan;
        _policy = policy ?? new PolicyChoice();
        _first = system;
        _dealt = plan;
        _planted = planted;
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

        _effects = [.. Enumerable.Range(0, plan.Count).Select(shard => new EffectTrace(outside(this, shard)))];
        _journals = [.. Enumerable.Range(0, plan.Count).Select(_ => new List<(byte[], ModuleImage?)>())];
        Kernels =
        [
            .. Enumerable.Range(0, plan.Count).Select(shard =>
                new Kernel.Kernel(system, _effects[shard], planted)
                {
                    Shard = new ShardPlace(plan, shard),
                    Policy = _policy,
                }),
        ];
        _answers = new StepResult[plan.Count];
    }

    public ImmutableArray<Kernel.Kernel> Kernels { get; }

    public ShardPlan Plan { get; private set; }

    public Moment Now => new(_now, _now);

    /// <summary>Keeps the newest events; null where nobody wants them.</summary>
    public ShardedTrial? Recent { get; set; }

    /// <summary>Done when a module has moved and all still stand.</summary>
    public Action? BeforeGo { get; set; }

    /// <summary>Checkpoints that were gone on from when it was repeated.</summary>
    public long Checkpoints { get; private set; }

    /// <summary>Batches of mail that have arrived at another shard.</summary>
    public long Arrived { get; private set; }

    /// <summary>Of what all of them did.</summary>
    public ulong Digest => SwarmOutcome.DigestOf(
        [.. Kernels.Select(one => one.Trace), .. _effects.Select(one => one.Digest)]);

    /// <summary>True while mail is on its way.</summary>
    public bool HasMail => _links.Cast<Queue<(long, ImmutableArray<byte>)>>().Any(link => 0 < link.Count);

    /// <summary>Gives back what the guests of all shards hold; nothing may happen any more.</summary>
    public void LetGoOfGuests()
    {
        foreach (var kernel in Kernels)
        {
            kernel.LetGoOfGuests();
        }
    }

    /// <summary>Time goes on, and nothing happens by it yet.</summary>
    public void Advance(long span) => _now += span;

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

    public void Step(int shard, KernelEvent happened)
    {
        var image = happened is KernelEvent.Swap swap ? swap.Image : (happened as KernelEvent.SwapElsewhere)?.Image;
        var record = new ByteWriter();
        JournalCodec.WriteEvent(record, happened, Digests(Kernels[shard], _effects[shard]));
        _journals[shard].Add((record.ToArray(), image));
        _answers[shard] = Kernels[shard].Step(happened);
        Recent?.Stepped(shard, Kernels[shard], happened, _journals[shard][^1].Record);
        _now++; // What a shard does behind another has a later time, as in a run.
    }

    /// <summary>Does again what each shard did, from its journal alone, and now and then from a checkpoint on.
    /// </summary>
    /// <returns>Null, or the first event that does something else.</returns>
    public string? Repeat() =>
        Enumerable.Range(0, Kernels.Length).Select(Repeat).FirstOrDefault(why => why is not null);

    /// <summary>A message for a channel, from outside, for each shard where somebody takes it.</summary>
    public void Message(string channel, ImmutableArray<byte> value)
    {
        foreach (int shard in Plan.TakersOf(Kernels[0].System, channel))
        {
            Step(shard, new KernelEvent.Message(Now, channel, value));
        }
    }

    /// <summary>What the shard that was asked packed, or why not.</summary>
    public void Pack(ImmutableArray<byte> package, string why) => (_package, WhyNotMoved) = (package, why);

    /// <summary>The newest package.</summary>
    public ImmutableArray<byte> Package => _package;

    /// <summary>Why the last move was none; empty when it was one.</summary>
    public string WhyNotMoved { get; private set; } = "";

    /// <summary>Processes that have gone to another shard.</summary>
    public long Moves { get; private set; }

    /// <summary>A module and its tree go to another shard: all stand still, the mail arrives, they go, all go on.
    /// </summary>
    public bool Move(int module, int shard)
    {
        int from = Plan.ShardOf(module);
        StepAll(new KernelEvent.Pause(Now, Stands: true));
        while (HasMail || HasLeft())
        {
            DeliverAny();
        }

        (_package, WhyNotMoved) = ([], "nobody answered");
        Step(from, new KernelEvent.MoveOut(Now, module));
        bool goes = WhyNotMoved.Length == 0;
        if (goes)
        {
            // The shard that takes it comes first: what it does not take stays where it is.
            var comes = new KernelEvent.MoveIn(Now, module, shard, _package);
            Step(shard, comes);
            while (HasMail || HasLeft())
            {
                DeliverAny(); // With threads, that one may work before the others know.
            }

            for (int other = 0; other < Kernels.Length; other++)
            {
                if (other != shard)
                {
                    Step(other, comes);
                }
            }

            Plan = Plan.Moved(module, shard);
            Moves++;
        }

        BeforeGo?.Invoke();
        StepAll(new KernelEvent.Pause(Now, Stands: false));
        return goes;
    }

    /// <summary>A new version is handed in; it takes over some ticks later, or not.</summary>
    public void Swap(ModuleImage now, SwapTerms terms)
    {
        int module = Kernels[0].System.Modules.ToList().FindIndex(one => one.Manifest.Name == now.Manifest.Name);
        Step(Plan.ShardOf(module), KernelEvent.Swap.Of(Now, now, terms));
    }

    /// <summary>A swap waits for all to stand still.</summary>
    public void Ready(int shard, long ticket, ModuleImage now, ImmutableArray<Newcomer> newcomers) =>
        _ready.Enqueue((shard, ticket, now, newcomers));

    /// <summary>What a shard has in the way of a swap on another.</summary>
    public void Seen(ImmutableArray<string> refusals) => _seen.AddRange(refusals);

    /// <summary>What came of a swap.</summary>
    public void Swapped(SwapReport report) => _swapped = report;

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

        if (0 < _ready.Count)
        {
            possible.Add(GoOnWithSwap);
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

    private string? Repeat(int shard)
    {
        var effects = new EffectTrace(new DeafOutside());
        var kernel = new Kernel.Kernel(_first, effects, _planted)
        {
            Shard = new ShardPlace(_dealt, shard),
            Policy = _policy,
        };
        foreach (var (index, (record, image)) in _journals[shard].Index())
        {
            if (JournalCodec.Read(record) is not JournalRecord.Happened { Event: var happened, Before: var before }
                || before != Digests(kernel, effects))
            {
                return $"event {index} of shard {shard} is repeated to something else";
            }

            kernel.Step(happened switch
            {
                KernelEvent.Swap swap => swap with { Image = image },
                KernelEvent.SwapElsewhere swap => swap with { Image = image },
                _ => happened,
            });
            if (index % CheckpointEvery == 0 && Anew(shard, ref kernel, ref effects) is { } why)
            {
                return $"after event {index} of shard {shard}: {why}";
            }
        }

        bool isSame = Digests(kernel, effects) == Digests(Kernels[shard], _effects[shard])
            && kernel.StateDigest().Value == Kernels[shard].StateDigest().Value;
        kernel.LetGoOfGuests();
        return isSame ? null : $"shard {shard} is repeated to another state";
    }

    // Puts a kernel of its checkpoint in the place of a kernel, if one can be taken. Null, or what is wrong with it.
    private string? Anew(int shard, ref Kernel.Kernel kernel, ref EffectTrace effects)
    {
        var octets = _checkpoint;
        octets.Clear();
        if (kernel.TryCheckpoint(octets) is not null)
        {
            return null;
        }

        var images = _journals[shard].Select(one => one.Image).OfType<ModuleImage>().Concat(_first.Modules);
        effects = new EffectTrace(new DeafOutside(), effects.Digest);
        var place = new ShardPlace(_dealt, shard);
        ModuleImage Load(BundleHash hash) => images.First(one => one.Hash == hash);
        var again = Kernel.Kernel.From(kernel.System, effects, octets.Written, Load, out string why, place, _policy);
        if (again is null)
        {
            return $"its checkpoint cannot be gone on from: {why}";
        }

        var twice = _checkpointAgain;
        twice.Clear();
        bool isSame = again.TryCheckpoint(twice) is null && twice.Written.SequenceEqual(octets.Written);
        kernel.LetGoOfGuests();
        kernel = again;
        Checkpoints++;
        return isSame ? null : "its checkpoint comes back as another";
    }

    private static JournalDigests Digests(Kernel.Kernel kernel, EffectTrace effects) =>
        new(kernel.Trace, effects.Digest);

    // As ShardedSwap does with threads.
    private void GoOnWithSwap()
    {
        var (home, ticket, now, newcomers) = _ready.Dequeue(); // There is one.
        StepAll(new KernelEvent.Pause(Now, Stands: true));
        while (HasMail || HasLeft())
        {
            DeliverAny();
        }

        _seen.Clear();
        _swapped = null;
        KernelEvent Elsewhere(bool isDone) =>
            new KernelEvent.SwapElsewhere(Now, now.Manifest.Name, now.Hash, isDone, newcomers) { Image = now };
        for (int shard = 0; shard < Kernels.Length; shard++)
        {
            if (shard != home)
            {
                Step(shard, Elsewhere(isDone: false));
            }
        }

        Step(home, new KernelEvent.SwapHere(Now, ticket, [.. _seen.Distinct()]));
        bool isDone = _swapped is { IsDone: true };
        for (int shard = 0; shard < Kernels.Length; shard++)
        {
            if (isDone && shard != home)
            {
                Step(shard, Elsewhere(isDone: true));
            }
        }

        StepAll(new KernelEvent.Pause(Now, Stands: false));
    }

    private void StepAll(KernelEvent happened)
    {
        for (int shard = 0; shard < Kernels.Length; shard++)
        {
            Step(shard, happened);
        }
    }

    // While all stand still, a shard has more to do when credits came back and more of what waits can leave.
    private bool HasLeft() => _answers.Any(one => one.MoreToDo);

    private void DeliverAny()
    {
        for (int shard = 0; shard < Kernels.Length; shard++)
        {
            if (_answers[shard].MoreToDo)
            {
                Step(shard, new KernelEvent.Turn(Now));
            }

            for (int from = 0; from < Kernels.Length; from++)
            {
                if (0 < _links[from, shard].Count)
                {
                    Deliver(from, shard);
                }
            }
        }
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
