using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel;
using Tars.Kernel.Ports;
using Tars.Sim.Swarm;

namespace Tars.Sim.Sharding;

/// <summary>One seed of a system on several shards whose modules move: each message that was sent comes to its receiver
/// once, in the order in which it was sent.</summary>
/// <remarks>
/// Who publishes to whom has no circle, and receivers hold their senders back, so nothing of theirs may be refused:
/// what does not come is lost.
/// </remarks>
internal sealed class ShardsSeed
{
    private const int PlayersCount = 4;
    private const int RoundsCount = 60;
    private const int Said = 1;

    private static readonly Lazy<ImmutableArray<ModuleImage>> _modules = new(() =>
        [.. Enumerable.Range(0, PlayersCount).Select(one => SwarmModules.Load($"p{one}.tars", Text(one), out _))]);

    private readonly Dictionary<(int From, int To), List<long>> _sent = [];
    private readonly Dictionary<(int From, int To), int> _heard = [];
    private readonly ShardedSystem _system;
    private readonly Xoshiro256 _random;
    private string? _problem;

    private ShardsSeed(ulong seed, Planted planted)
    {
        _random = new Xoshiro256(seed ^ 0x5348_4152);
        int shards = 2 + _random.Next(3);
        ImmutableArray<ModuleImage> modules =
            [.. _modules.Value.Select(one => one with { Manifest = Drawn(one.Manifest) })];
        var system = ((LinkResult.Linked)SystemImage.Link(modules)).System;
        _system = new ShardedSystem(
            system,
            ShardPlan.Of(system, shards),
            seed,
            (sharded, shard) => new Outside(this, sharded, shard),
            planted: planted);
        _system.Boot(seed);
    }

    public static SwarmOutcome Run(ulong seed, Planted planted)
    {
        var run = new ShardsSeed(seed, planted);
        return new SwarmOutcome(run.Play(), run._system.Kernels.Sum(one => one.Transactions));
    }

    private string? Play()
    {
        for (int round = 0; round < RoundsCount && _problem is null; round++)
        {
            _system.Message($"go/{_random.Next(PlayersCount - 1)}", [.. BitConverter.GetBytes(1L + _random.Next(6))]);
            for (int ticks = _random.Next(10); 0 < ticks && _system.Tick(); ticks--)
            {
                // One thing after the other, as the seed says.
            }

            int module = _random.Next(PlayersCount);
            int shard = _random.Next(_system.Plan.Count);
            if (_random.Next(3) == 0 && _system.Plan.ShardOf(module) != shard && !_system.Move(module, shard))
            {
                return $"module {module} does not move to shard {shard}: {_system.WhyNotMoved}";
            }
        }

        if (!_system.Rest())
        {
            return "the shards do not come to rest";
        }

        foreach (var (pair, sent) in _sent)
        {
            int heard = _heard.GetValueOrDefault(pair);
            _problem ??= heard == sent.Count
                ? null
                : $"{sent.Count - heard} messages of {pair.From} for {pair.To} are lost";
        }

        return _problem;
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
        }
    }
}
