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
    private const int PlayersCount = 4;
    private const int RoundsCount = 60;
    private const int Said = 1;

    /// <summary>The module that stands in the place of everybody's console: what it is told names a handler.</summary>
    private const int Sink = PlayersCount;

    private static readonly Lazy<ImmutableArray<ImmutableArray<ModuleImage>>> _versions =
        new(() => [Load(version: 0), Load(version: 1)]);

    private readonly Dictionary<(int From, int To), List<long>> _sent = [];
    private readonly Dictionary<(int From, int To), int> _heard = [];
    private readonly ShardedSystem _system;
    private readonly Xoshiro256 _random;
    private readonly int[] _running = new int[PlayersCount + 1];
    private int _swaps;
    private long _done;
    private string? _problem;

    private ShardsSeed(ulong seed, Planted planted)
    {
        _random = new Xoshiro256(seed ^ 0x5348_4152);
        int shards = 2 + _random.Next(3);
        ImmutableArray<ModuleImage> modules =
            [.. _versions.Value[0].Select(one => one with { Manifest = Drawn(one.Manifest) })];
        ImmutableArray<StandIn> standIns =
            [.. Enumerable.Range(0, PlayersCount).Select(one => new StandIn($"p{one}", "out", "sink"))];
        var system = ((LinkResult.Linked)SystemImage.Link(modules, standIns)).System;
        _system = new ShardedSystem(
            system,
            ShardPlan.Of(system, shards),
            seed,
            (sharded, shard) => new Outside(this, sharded, shard),
            planted: planted);
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

        return outcome;
    }

    /// <summary>Many seeds of this alone; the status is zero when all are clean.</summary>
    public static int Campaign(ulong first, ulong count)
    {
        long transactions = 0;
        long swaps = 0;
        long moves = 0;
        long checkpoints = 0;
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
            system.LetGoOfGuests();
        }

        Console.WriteLine($"{count} seeds clean: {transactions} events, {swaps} swaps, {moves} moves; "
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
            for (int ticks = _random.Next(10); 0 < ticks && _system.Tick(); ticks--)
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
                && !_system.WhyNotMoved.Contains("is being swapped", StringComparison.Ordinal))
            {
                return $"module {module} does not move to shard {shard}: {_system.WhyNotMoved}";
            }
        }

        if (!_system.Rest())
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

        return _problem ?? _system.Repeat();
    }

    private void Swap(int module)
    {
        _swaps++;
        _running[module] = 1 - _running[module];
        var now = _versions.Value[_running[module]][module];
        _system.Swap(now with { Manifest = Drawn(now.Manifest) }, new SwapTerms());
    }

    private void Swapped(SwapReport report)
    {
        _swaps--;
        _done += report.IsDone ? 1 : 0;
        if (!report.IsDone)
        {
            int module = report.Module == "sink" ? Sink : report.Module[1] - '0';
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

        if (what == Said)
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

    // Small mailboxes, so that much waits with its sender and on its way.
    private BundleManifest Drawn(BundleManifest manifest) => manifest with
    {
        Agents =
        [
            .. manifest.Agents.Select(one =>
                one with { Mailbox = new MailboxSpec(1 + _random.Next(4), WhenFull.Block) }),
        ],
    };

    private static ImmutableArray<ModuleImage> Load(int version) =>
    [
        .. Enumerable.Range(0, PlayersCount).Select(one => Text(one)).Append(SinkText)
            .Select((text, one) => SwarmModules.Load($"m{one}.tars", version == 0 ? text : Next(text), out _)),
    ];

    // One agent and one handler more, before the others: all numbers are other ones. And the state holds more.
    private static string Next(string text) => text
        .Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
        .Replace("  agents:\n", "  agents:\n" + Idler + "\n", StringComparison.Ordinal)
        .Replace("      state:\n", "      state:\n        rows: list<int> = [1, 2, 3]\n", StringComparison.Ordinal)
        .Replace("      handlers:\n", "      handlers:\n" + First + "\n", StringComparison.Ordinal);

    private const string Idler = """
            idler:
              role: Never comes to be.
              starts: by_spawn
              handlers:
                stop:
                  do: |
                    log("over")
        """;

    private const string First = """
                ask first:
                  with: { number: int }
                  returns: int
                  do: |
                    return number
        """;

    private const string SinkText = """
        tars: 1
        module: sink
        version: 1.0.0
        summary: Stands in the place of everybody's console.
        implements: { kind: console }

        capabilities:
          publish: { printed: text }

        agentic:
          agents:
            sink:
              role: Tells what it was told.
              state:
                lines: int = 0
              handlers:
                ask print:
                  with: { line: text }
                  do: |
                    lines += 1
                    publish("printed", line)
        """;

    private static string Text(int one)
    {
        var others = Enumerable.Range(one + 1, PlayersCount - one - 1).ToArray();
        string publishes = string.Join(", ", others.Select(to => $"mail/{to}: Mail").Append("seen: Seen"));
        string sends = string.Concat(others.Select(to => $$"""
                          sent += 1
                          publish("mail/{{to}}", Mail(of = {{one}}, number = sent))
                          publish("seen", Seen(what = 1, of = {{one}}, to = {{to}}, number = sent))

            """));
        return $$"""
            tars: 1
            module: p{{one}}
            version: 1.0.0
            summary: Publishes to those behind it.

            types:
              Mail: { of: int, number: int }
              Seen: { what: int, of: int, to: int, number: int }

            capabilities:
              devices: { out: console }
              subscribe: { mail/{{one}}: Mail, go/{{one}}: int }
              publish: { {{publishes}} }

            agentic:
              agents:
                player:
                  role: Publishes and hears.
                  state:
                    sent: int = 0
                    heard: int = 0
                    book: map<int, int> = []
                  handlers:
                    message go/{{one}} as count:
                      do: |
                        for i in 0..count {
                          heard += 0
                          sent += 1
                          tell out.print(line = "{{one}} {sent}")
                          publish("seen", Seen(what = 1, of = {{one}}, to = 4, number = sent))
            {{sends}}            }
                    message mail/{{one}} as mail:
                      do: |
                        heard += 1
                        book[heard % 20] = mail.number
                        publish("seen", Seen(what = 2, of = mail.of, to = {{one}}, number = mail.number))
            """;
    }

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

        // What comes from outside may find no room.
        void IOutside.Audited(Audit entry) => run._problem ??= entry.Effect == "input"
            ? null
            : $"{entry.Process} {entry.Effect} {entry.Target}: {entry.Reason}";

        public override void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
        {
            if (channel.SequenceEqual("seen"u8))
            {
                var seen = new ByteReader(value);
                run.Hear((int)seen.I64(), (int)seen.I64(), (int)seen.I64(), seen.I64());
            }
            else if (channel.SequenceEqual("printed"u8))
            {
                string[] words = new ByteReader(value).Text().Split(' ');
                run.Hear(
                    what: 2,
                    int.Parse(words[0], CultureInfo.InvariantCulture),
                    Sink,
                    long.Parse(words[1], CultureInfo.InvariantCulture));
            }
        }
    }
}
