using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Sim.Sharding;
using Tars.Sim.Swarm;
using Xunit;

namespace Tars.Tests.Kernel.Sharding;

/// <summary>
/// Metascripts on some shards, told by the outside what to do, and what each module said and each device heard. Devices
/// answer when all else is at rest.
/// </summary>
internal sealed class Travellers
{
    private static readonly ConcurrentDictionary<string, ModuleImage> _compiled = new(StringComparer.Ordinal);

    private readonly Queue<(int Shard, long Ask, DeviceAnswer Answer)> _answers = [];
    private readonly Dictionary<ProcessId, string> _modules = [];
    private readonly SortedDictionary<string, List<string>> _said = new(StringComparer.Ordinal);

    public Travellers(int shards, ulong seed, params string[] texts)
    {
        ImmutableArray<ModuleImage> modules =
            [.. texts.Select(text => _compiled.GetOrAdd(text, one => SwarmModules.Load("m.tars", one, out _)))];
        Image = Assert.IsType<LinkResult.Linked>(SystemImage.Link(modules)).System;
        System = new ShardedSystem(
            Image, ShardPlan.Of(Image, shards), seed, (sharded, shard) => new Ear(this, sharded, shard));
        System.Boot(seed: 3);
        Rest();
    }

    public SystemImage Image { get; }

    public ShardedSystem System { get; }

    /// <summary>Of each module in its order, and what its console was told in that of its own.</summary>
    public string Said => string.Join(
        '\n', _said.Select(one => $"{one.Key}: {string.Join("; ", one.Value)}"));

    public List<string> Audits { get; } = [];

    public Travellers Send(string channel, long number)
    {
        System.Message(channel, [.. BitConverter.GetBytes(number)]);
        return this;
    }

    public Travellers Go(string channel, long number)
    {
        Send(channel, number);
        return Rest();
    }

    public Travellers Rest()
    {
        do
        {
            Assert.True(System.Rest(), "the system does not come to rest");
        }
        while (Answer());

        return this;
    }

    public Travellers Move(int module, int shard)
    {
        if (System.Plan.ShardOf(module) != shard)
        {
            Assert.True(System.Move(module, shard), System.WhyNotMoved);
        }

        return Rest();
    }

    private bool Answer()
    {
        bool any = _answers.TryDequeue(out var next);
        if (any)
        {
            System.Step(next.Shard, new KernelEvent.Answer(System.Now, next.Ask, next.Answer));
        }

        return any;
    }

    private void Say(ProcessId process, string what, string stream = "")
    {
        string module = $"{_modules[process]}{stream}";
        if (!_said.TryGetValue(module, out var said))
        {
            _said[module] = said = [];
        }

        said.Add(what);
    }

    private sealed class Ear(Travellers all, ShardedSystem system, int shard) : SilentOutside, IOutside
    {
        public override void Started(ProcessId process, string module, string agent) => all._modules[process] = module;

        public void ToShard(int to, long sequence, ReadOnlySpan<byte> records) =>
            system.Post(shard, to, sequence, records);

        public void Packed(int module, ImmutableArray<byte> package, string why) => system.Pack(package, why);

        public override void Audited(Audit entry) =>
            all.Audits.Add($"{entry.Effect} {entry.Target}: {entry.Reason}");

        public override void Trapped(DeadLetter letter) => all.Say(letter.Process, $"trap {letter.Detail}");

        public override void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments) =>
            all.Say(from, $"tells {system.Kernels[shard].System.Devices[device.Value].Name} "
                + new ByteReader(arguments).Text(), "'s console");

        public override void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
        {
            var arguments = asked.Arguments.AsSpan();
            all.Say(from, $"asks {system.Kernels[shard].System.Devices[device.Value].Name} "
                + Encoding.UTF8.GetString(arguments[4..(4 + (int)new ByteReader(arguments).U32())]));
            all._answers.Enqueue((
                system.Plan.ShardOfNumber(ask), ask, new DeviceAnswer.Failed(AskFailure.Unavailable, "as always")));
        }

        public override void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
        {
            if (channel.SequenceEqual("said"u8))
            {
                all.Say(from, new ByteReader(value).Text());
            }
        }
    }
}
