using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;
using Tars.Kernel;
using Tars.Kernel.Ports;
using Tars.Sim.Swarm;

namespace Tars.Sim.Authority;

/// <summary>One seed of capabilities: narrowed, handed on, used and revoked, with a model of who may what beside
/// it.</summary>
internal static class AuthoritySeed
{
    private const int OrdersCount = 150;
    private const long Millisecond = 1_000_000;

    private static readonly Lazy<(BundleManifest Manifest, IGuestCode Code)> _module =
        new(() => SwarmModules.Compile("heirs.tars", AuthorityText.Whole));

    public static SwarmOutcome Run(ulong seed, Planted planted)
    {
        var random = new Xoshiro256(seed);
        var model = new AuthorityModel();
        var outside = new Outside(model);
        var (manifest, code) = _module.Value;
        var image = new ModuleImage(manifest, code, DebugInfo.None, SwarmModules.HashOf(0));
        var system = ((LinkResult.Linked)SystemImage.Link([image])).System;
        var kernel = new Kernel.Kernel(system, outside, planted);
        long now = 0;
        Step(new KernelEvent.Boot(At(), seed));
        for (int id = 1; id <= OrdersCount && model.Problem is null; id++)
        {
            now += random.Next(3) * Millisecond;
            int agent = random.Next(AuthorityText.Names.Length);
            if (random.Next(40) == 0)
            {
                model.Crash(agent);
                Step(new KernelEvent.Crash(At(), "heirs", AuthorityText.Names[agent]));
                continue;
            }

            var act = (AuthorityAct)random.Next(5);
            int from = model.Draw(agent, random);
            int to = random.Next(2);
            model.Order(agent, act, id, from, to);
            Step(new KernelEvent.Message(At(), $"go/{AuthorityText.Names[agent]}", Numbers((int)act, id, from, to)));
            while (outside.Asks.TryDequeue(out long ask))
            {
                Step(new KernelEvent.Answer(At(), ask, new DeviceAnswer.Value([0])));
            }

            model.End();
        }

        kernel.LetGoOfGuests();
        return new SwarmOutcome(model.Problem, kernel.Transactions, kernel.Trace);

        Moment At() => new(now, now);

        void Step(KernelEvent happened)
        {
            while (kernel.Step(happened).MoreToDo)
            {
                happened = new KernelEvent.Turn(At());
            }
        }
    }

    private static ImmutableArray<byte> Numbers(params ReadOnlySpan<int> numbers)
    {
        var value = new ByteWriter(64);
        foreach (int number in numbers)
        {
            value.I64(number);
        }

        return [.. value.Written];
    }

    private sealed class Outside(AuthorityModel model) : DeafOutside
    {
        public Queue<long> Asks { get; } = new();

        public override void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked) => Asks.Enqueue(ask);

        public override void Published(
            ProcessId from,
            ReadOnlySpan<byte> channel,
            Bundle.Schema.SchemaType type,
            ReadOnlySpan<byte> value,
            bool taken)
        {
            var reader = new ByteReader(value);
            model.Used((int)reader.I64(), (int)reader.I64(), reader.I64() != 0);
        }
    }
}
