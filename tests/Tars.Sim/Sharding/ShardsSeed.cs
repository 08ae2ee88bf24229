using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel;
using Tars.Kernel.Ports;
using Tars.Sim.Swarm;

namespace Tars.Sim.Sharding;

/// <summary>One seed of a system on several shards whose modules move and are swapped: each message that was sent comes
/// to its receiver once, in the order in which it was sent.</summary>
/// <remarks>
/// Who publishes to whom has no circle, and receivers hold their senders back, so nothing of theirs may be refused:
/// what does not come is lost.
/// </remarks>
internal sealed class ShardsSeed
{
    private const int PlayersCount = ShardsText.PlayersCount;
    private const int RoundsCount = 60;
    private const ulong OneTryingOf = 4;
    private static readonly Lazy<ImmutableArray<ImmutableArray<ShardsModule>>> _versions =
        new(() => [ShardsText.Load(version: 0), ShardsText.Load(version: 1)]);

    private static readonly Lazy<ImmutableArray<PolicyModule>> _policies =
        new(() => [PolicyText.Load(asked: 1_000_000, fuel: 1), PolicyText.Load(asked: 150, fuel: 20_000)]);

    private readonly Dictionary<(int From, int To), List<long>> _sent = [];
    private readonly Dictionary<(int From, int To), int> _heard = [];
    private readonly LentModel _lent = new();
    private readonly Queue<long> _asks = [];
    private readonly ShardedSystem _system;
    private readonly Xoshiro256 _random;
    private readonly int[] _running = new int[PlayersCount + 1];
    private readonly Xoshiro256? _tries; // Null in a seed that tries nothing.
    private long _tried;
    private int _swaps;
    private long _done;
    private string? _problem;

    private ShardsSeed(ulong seed, Planted planted)
    {
        _random = new Xoshiro256(seed ^ 0x5348_4152);
        int shards = 2 + _random.Next(3);
        ImmutableArray<ModuleImage> modules =
            [.. _versions.Value[0].Select(one => one.Image with { Manifest = Drawn(one.Image.Manifest) })];
        ImmutableArray<StandIn> standIns =
            [.. Enumerable.Range(0, PlayersCount).Select(one => new StandIn($"p{one}", "out", "sink"))];
        var system = ((LinkResult.Linked)SystemImage.Link(modules, standIns)).System;
        var plan = ShardPlan.Of(system, shards);
        bool tries = seed % OneTryingOf == 1;
        var policy = Policy(new Xoshiro256(seed ^ 0x504F_4C49), byFuel: !tries);
        _system = new ShardedSystem(
            system,
            plan,
            seed,
            (sharded, shard) => new Outside(this, sharded, shard),
            planted: planted == Planted.TriedBeforeRest ? Planted.None : planted, // It is none of a kernel.
            policy: policy);
        if (tries)
        {
            _tries = new Xoshiro256(seed ^ 0x5452_5953);
            _system.Recent = new ShardedTrial(plan, policy)
            {
                TakesAnyMoment = planted == Planted.TriedBeforeRest,
            };
        }

        _system.Boot(seed);
    }

    public static SwarmOutcome Run(ulong seed, Planted planted, Coverage coverage)
    {
        var run = new ShardsSeed(seed, planted);
        var system = run._system;
        string? problem = run.Play();
        var outcome = new SwarmOutcome(
            problem, system.Kernels.Sum(one => one.Transactions), system.Digest);
        system.LetGoOfGuests();
        if (0 < system.Moves)
        {
            coverage.Add("shards: a module moved");
        }

        if (0 < run._done)
        {
            coverage.Add("shards: a module was swapped");
        }

        if (0 < run._lent.Uses && 0 < run._lent.Revoked)
        {
            coverage.Add("shards: what was lent was used and revoked");
        }

        foreach (var policy in system.Kernels.Select(one => one.PolicyReport.Module).OfType<PolicyModuleReport>())
        {
            coverage.Add(policy.Failure is null
                ? "shards: a module decided"
                : "shards: a module that decided was replaced");
        }

        if (0 < run._tried)
        {
            coverage.Add("shards: what runs was tried on its newest events");
        }

        if (0 < run._lent.AnnexUses)
        {
            coverage.Add("shards: a device was used that a swap brought");
        }

        return outcome;
    }

    /// <summary>Many seeds of this alone; the status is zero when all are clean.</summary>
    public static int Campaign(ulong first, ulong count)
    {
        long transactions = 0;
        long swaps = 0;
        long moves = 0;
        long checkpoints = 0;
        long uses = 0;
        long revoked = 0;
        for (ulong seed = first; seed - first < count; seed++)
        {
            var run = new ShardsSeed(seed, Planted.None);
            var system = run._system;
            if (run.Play() is { } problem)
            {
                Console.WriteLine($"seed {seed}: {problem}");
                return 1;
            }

            transactions += system.Kernels.Sum(one => one.Transactions);
            swaps += run._done;
            moves += system.Moves;
            checkpoints += system.Checkpoints;
            uses += run._lent.Uses;
            revoked += run._lent.Revoked;
            system.LetGoOfGuests();
        }

        Console.WriteLine($"{count} seeds clean: {transactions} events, {swaps} swaps, {moves} moves; "
            + $"what was lent was used {uses} times, {revoked} were revoked; "
            + $"repeated over {checkpoints} checkpoints");
        return 0;
    }

    private string? Play()
    {
        for (int round = 0; round < RoundsCount && _problem is null; round++)
        {
            // Now and then more than may be on its way to other shards.
            long count = _random.Next(RoundsCount / 2) == 0 ? 120 : 1 + _random.Next(6);
            _system.Message($"go/{_random.Next(PlayersCount - 1)}", [.. BitConverter.GetBytes(count)]);
            for (int ticks = _random.Next(10); 0 < ticks && (Tick() || Answer()); ticks--)
            {
                // One thing after the other, as the seed says.
            }

            int module = _random.Next(PlayersCount + 1);
            int shard = _random.Next(_system.Plan.Count);
            if (_random.Next(4) == 0)
            {
                Swap(module);
            }
            else if (_random.Next(3) == 0 && _system.Plan.ShardOf(module) != shard && !_system.Move(module, shard)
                && !MayStay(_system.WhyNotMoved))
            {
                return $"module {module} does not move to shard {shard}: {_system.WhyNotMoved}";
            }

            _problem ??= _tries is null ? null : Try(_tries);
        }

        if (!RestAndAnswer())
        {
            return "the shards do not come to rest";
        }

        if (_swaps != 0)
        {
            return $"{_swaps} swaps were never answered";
        }

        foreach (var (pair, sent) in _sent)
        {
            int heard = _heard.GetValueOrDefault(pair);
            _problem ??= heard == sent.Count
                ? null
                : $"{sent.Count - heard} messages of {pair.From} for {pair.To} are lost";
        }

        return _problem ?? LentModel.WhyNot(_system.Kernels) ?? _system.Repeat();
    }

    // Now and then all rest, so that there is a moment from which on a version can be tried. What runs is tried itself,
    // which does what it did, or the other version, of which nobody knows.
    private string? Try(Xoshiro256 random)
    {
        if (random.Next(6) == 0)
        {
            return RestAndAnswer() ? null : "the shards do not come to rest";
        }

        if (random.Next(6) != 0)
        {
            return null;
        }

        int module = random.Next(PlayersCount + 1);
        var runs = _system.Kernels[0].System.Modules[module];
        bool isSame = random.Next(3) != 0;
        var version = isSame ? runs : _versions.Value[1 - _running[module]][module].Image;
        var reasons = new List<string>();
        if (_system.Recent!.Run(version, reasons) is not { } report) // Whoever tries keeps them.
        {
            return reasons.TrueForAll(MayNotBeTried) ? null : $"nothing is tried: {string.Join("; ", reasons)}";
        }

        _tried += isSame ? 1 : 0;
        return !isSame || report is { Inconclusive: null, Differences: 0, Traps: 0 } && report.Tried == report.Events
            ? null
            : $"{runs.Manifest.Name} is tried against itself: {report.Differences} differences of {report.Outputs} in "
                + $"{report.Tried} of {report.Events} events: {report.Inconclusive} "
                + string.Join("; ", report.Shown.Select(one => $"{(one.IsNew ? '+' : '-')} {one.Event} {one.Text}"));
    }

    private static bool MayNotBeTried(string why) => why is "nothing has happened yet"
        or "at no moment of its newest events did all shards rest" or "no event has been recorded";

    private bool RestAndAnswer()
    {
        do
        {
            if (!_system.Rest())
            {
                return false;
            }
        }
        while (Answer());

        return true;
    }

    // Devices answer now and then, and when nothing else can happen.
    private bool Tick() => (_random.Next(3) == 0 && Answer()) || _system.Tick();

    private bool Answer()
    {
        if (!_asks.TryDequeue(out long ask))
        {
            return false;
        }

        var given = new DeviceAnswer.Value([]);
        _system.Step(_system.Plan.ShardOfNumber(ask), new KernelEvent.Answer(_system.Now, ask, given));
        return true;
    }

    /// <summary>What comes from outside may find no room, what was revoked is not lent any more, and a module that
    /// decides may fail.</summary>
    public static bool MayBeRefused(Audit entry) =>
        entry.Effect is "input" or "narrow" or "revoke" or "capability" or "policy"
        || (entry.Effect is "publish" && entry.Target.StartsWith("token/", StringComparison.Ordinal));

    /// <summary>Why a module may stay where it is.</summary>
    public static bool MayStay(string why) =>
        why.Contains("is being swapped", StringComparison.Ordinal)
        || why.EndsWith("waits for a device", StringComparison.Ordinal)
        || why.EndsWith("reads a blob", StringComparison.Ordinal);

    private void Swap(int module)
    {
        _swaps++;
        _running[module] = 1 - _running[module];
        var now = _versions.Value[_running[module]][module].Image;
        _system.Swap(now with { Manifest = Drawn(now.Manifest) }, new SwapTerms { GrantsAll = true });
    }

    private void Swapped(SwapReport report)
    {
        _swaps--;
        _done += report.IsDone ? 1 : 0;
        if (!report.IsDone)
        {
            int module = report.Module == "sink" ? ShardsText.Sink : report.Module[1] - '0';
            _running[module] = 1 - _running[module];
            _problem ??= report.Refusals is ["another swap is under way"]
                ? null
                : $"{report.Module} is not swapped: {string.Join("; ", report.Refusals)}";
        }
    }

    private void Hear(int what, int from, int to, long number)
    {
        if (!_sent.TryGetValue((from, to), out var sent))
        {
            _sent[(from, to)] = sent = [];
        }

        if (what == ShardsSaying.Said)
        {
            sent.Add(number);
            return;
        }

        int next = _heard.GetValueOrDefault((from, to));
        if (sent.Count <= next || sent[next] != number)
        {
            string expected = next < sent.Count
                ? sent[next].ToString(CultureInfo.InvariantCulture)
                : "nothing";
            _problem ??= $"{to} heard {number} of {from}, where {expected} comes next";
        }

        _heard[(from, to)] = next + 1;
    }

    // Who is built in, or a module, which has a process on each shard. Where versions are tried nobody goes by fuel: a
    // state that was moved costs its handlers a little more or less, so who comes first may be another (decision 231).
    private static PolicyChoice Policy(Xoshiro256 random, bool byFuel)
    {
        var kind = (PolicyKind)random.Next(Enum.GetValues<PolicyKind>().Length);
        var choice = new PolicyChoice(kind == PolicyKind.Fair && !byFuel ? PolicyKind.RoundRobin : kind);
        return random.Next(2) == 0 ? choice : choice with { Module = _policies.Value[byFuel ? random.Next(2) : 0] };
    }

    // Small mailboxes, so that much waits with its sender and on its way.
    private BundleManifest Drawn(BundleManifest manifest) => manifest with
    {
        Agents =
        [
            .. manifest.Agents.Select(one =>
                one with { Mailbox = new MailboxSpec(1 + _random.Next(4), WhenFull.Block) }),
        ],
    };

    /// <summary>What one shard tells.</summary>
    private sealed class Outside(ShardsSeed run, ShardedSystem system, int shard) : DeafOutside, IOutside
    {
        public void ToShard(int to, long sequence, ReadOnlySpan<byte> records) =>
            system.Post(shard, to, sequence, records);

        public void SwapReady(long ticket, ModuleImage now, ImmutableArray<Newcomer> newcomers) =>
            system.Ready(shard, ticket, now, newcomers);

        public void SwapSeen(string module, ImmutableArray<string> refusals) => system.Seen(refusals);

        public void Swapped(SwapReport report)
        {
            system.Swapped(report);
            run.Swapped(report);
        }

        public void Packed(int module, ImmutableArray<byte> package, string why) => system.Pack(package, why);

        void IOutside.Audited(Audit entry) => run._problem ??= MayBeRefused(entry)
            ? null
            : $"{entry.Process} {entry.Effect} {entry.Target}: {entry.Reason}";

        void IOutside.Trapped(DeadLetter letter) => run._problem ??= $"{letter.Process} trapped: {letter.Detail}";

        public override void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
        {
            var image = system.Kernels[shard].System.Devices[device.Value];
            string key = new ByteReader(asked.Arguments.AsSpan()).Text();
            run._problem ??= run._lent.Used(key, image.KnownAs)
                ?? (image.IsDeclared ? null : $"{image.KnownAs} is asked through {key}, and no module has it any more");
            run._asks.Enqueue(ask);
        }

        public override void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
        {
            if (channel.SequenceEqual("seen"u8))
            {
                var seen = ShardsSaying.Read(value);
                if (seen.What is ShardsSaying.Said or ShardsSaying.Heard)
                {
                    run.Hear(seen.What, seen.Of, seen.To, seen.Number);
                }
                else if (seen.What is ShardsSaying.Made or ShardsSaying.Revoked)
                {
                    run._lent.Hear(seen.What, seen.Number, seen.To);
                }
            }
            else if (channel.SequenceEqual("denied"u8))
            {
                run._problem ??= LentModel.WhyWrong(new ByteReader(value).Text());
            }
            else if (channel.SequenceEqual("printed"u8))
            {
                var seen = ShardsSaying.Printed(value);
                run.Hear(seen.What, seen.Of, seen.To, seen.Number);
            }
        }
    }
}
