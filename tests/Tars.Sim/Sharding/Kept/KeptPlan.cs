using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Host;
using Tars.Host.Sharding;
using Tars.Kernel;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Sim.Sharding.Kept;

/// <summary>What a seed draws of a kept run on several shards: it is the same in each of its lives.</summary>
internal sealed class KeptPlan
{
    private const int OrdersMax = 60;

    private static readonly Lazy<ImmutableArray<ImmutableArray<ShardsModule>>> _texts =
        new(() => [ShardsText.Load(version: 0), ShardsText.Load(version: 1)]);

    private readonly Dictionary<BundleHash, ShardsModule> _modules = [];
    private readonly Dictionary<string, SystemImage> _systems = new(StringComparer.Ordinal);
    private readonly bool _numbersAnew;

    public KeptPlan(ulong seed, Planted planted)
    {
        var random = new Xoshiro256(seed ^ 0x4B45_5053);
        Seed = seed;
        Shards = 2 + random.Next(2);
        Mistake = MistakeOf(planted);
        _numbersAnew = planted == Planted.DevicesNumberedAnew;
        foreach (var module in _texts.Value.SelectMany(one => one))
        {
            var image = module.Image with { Manifest = Drawn(module.Image.Manifest, random) };
            _modules.Add(image.Hash, module with { Image = image });
        }

        Options = new RunOptions
        {
            Seed = seed,
            Shards = Shards,
            JournalSegmentOctets = 1 << (8 + random.Next(5)),
            JournalOctetsKept = 0,
        };
        Orders =
        [
            .. Enumerable.Range(0, ShardsText.PlayersCount - 1).Select(_ => Enumerable
                .Range(1, 4 + random.Next(OrdersMax)).Select(order => (order * 1000L) + 1 + random.Next(5))
                .ToImmutableArray()),
        ];
    }

    /// <summary>What is put into the mail of the shards; none for a mistake of another part.</summary>
    public static MailMistake MistakeOf(Planted planted) => planted switch
    {
        Planted.MailLeavesBeforeSync => MailMistake.LeavesBeforeSync,
        Planted.ReceiptBeforeSync => MailMistake.ReceiptBeforeSync,
        Planted.KeptMailSentAgain => MailMistake.KeptSentAgain,
        Planted.UnkeptMailForgotten => MailMistake.UnkeptForgotten,
        Planted.MailNumberedAnew => MailMistake.NumberedAnew,
        _ => MailMistake.None,
    };

    /// <summary>Whether a mistake is one of what is kept here, so that nobody else has it.</summary>
    public static bool IsOfKept(Planted planted) =>
        MistakeOf(planted) != MailMistake.None || planted == Planted.DevicesNumberedAnew;

    public ulong Seed { get; }

    /// <summary>How many shards there are.</summary>
    public int Shards { get; }

    public MailMistake Mistake { get; }

    public RunOptions Options { get; }

    /// <summary>For each player what it is told by and by: the number of the order, and how often it publishes.
    /// </summary>
    public ImmutableArray<ImmutableArray<long>> Orders { get; }

    /// <summary>The octets of all modules as the run begins.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Bundles => [.. _texts.Value[0].Select(one => one.Bundle)];

    /// <summary>The system that a segment begins with; all with the same versions share their code.</summary>
    public SystemImage SystemOf(JournalHeader header)
    {
        ImmutableArray<ModuleImage> modules = [.. header.Modules.Select(one => _modules[one].Image)];
        var numbered = _numbersAnew ? [] : header.Numbered;
        string name = string.Join(' ', [.. modules.Select(one => $"{one.Hash}"), .. numbered.Select(one => $"{one}")]);
        if (!_systems.TryGetValue(name, out var system))
        {
            ImmutableArray<StandIn> standIns =
                [.. Enumerable.Range(0, ShardsText.PlayersCount).Select(one => new StandIn($"p{one}", "out", "sink"))];
            system = ((LinkResult.Linked)SystemImage.Link(modules, standIns, numbered)).System;
            _systems.Add(name, system);
        }

        return system;
    }

    /// <summary>The version of a bundle, as it was drawn.</summary>
    public ModuleImage Load(ReadOnlyMemory<byte> bundle) =>
        _modules[((BundleReading.Read)BundleReader.Read(bundle)).Bundle.Hash].Image;

    public ReadOnlyMemory<byte>? BundleOf(BundleHash version) => _modules[version].Bundle;

    /// <summary>The version of a module that is not that one.</summary>
    public ModuleImage Other(ModuleImage running)
    {
        return _modules.Values.Select(one => one.Image)
            .First(one => one.Manifest.Name == running.Manifest.Name && one.Hash != running.Hash);
    }

    // Small mailboxes, so that much waits with its sender and on its way.
    private static BundleManifest Drawn(BundleManifest manifest, Xoshiro256 random) => manifest with
    {
        Agents =
        [
            .. manifest.Agents.Select(one => one with
            {
                Mailbox = new MailboxSpec(1 + random.Next(4), WhenFull.Block),
                Journal = JournalLevel.Durable,
            }),
        ],
    };
}
