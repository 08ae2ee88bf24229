using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;
using Tars.Kernel;
using Tars.Kernel.Ports;
using Tars.Sim.Swarm;

namespace Tars.Sim.Turns;

/// <summary>One seed of scheduling: two agents that never rest and two that want a turn now and then, of any
/// priorities. Nobody waits longer than ageing allows.</summary>
internal static class TurnsSeed
{
    private const long Millisecond = 1_000_000;
    private const int StepsCount = 120;
    private const int PrioritiesCount = 11;

    /// <summary>Ten steps of ageing, one for the turn that runs, and what two steps of the kernel take.</summary>
    private const long WaitMax = 120 * Millisecond;

    private const string Text = """
        tars: 1
        module: crowd
        version: 1.0.0
        summary: Two that play ball without end, and two that want a turn.

        capabilities:
          subscribe: { go/+: int }
          publish: { seen: Seen }

        types:
          Seen: { number: int }

        agentic:
          agents:
            one:
              role: Plays.
              handlers:
                message go/one as left:
                  do: |
                    tell other.ball(left = left)
                ask ball:
                  with: { left: int }
                  do: |
                    tell other.ball(left = left + 1)
            other:
              role: Plays.
              handlers:
                ask ball:
                  with: { left: int }
                  do: |
                    tell one.ball(left = left + 1)
            third:
              role: Speaks when it is told.
              handlers:
                message go/third as number:
                  do: |
                    publish("seen", Seen(number = number))
            fourth:
              role: Speaks when it is told.
              handlers:
                message go/fourth as number:
                  do: |
                    publish("seen", Seen(number = number))
        """;

    private static readonly string[] _patient = ["third", "fourth"];

    private static readonly Lazy<(BundleManifest Manifest, IGuestCode Code)> _module =
        new(() => SwarmModules.Compile("crowd.tars", Text));

    public static SwarmOutcome Run(ulong seed, Planted planted)
    {
        var random = new Xoshiro256(seed);
        var (manifest, code) = _module.Value;
        manifest = manifest with
        {
            Agents = [.. manifest.Agents.Select(agent =>
                agent with { Schedule = new ScheduleSpec(random.Next(PrioritiesCount), Deadline: null, Weight: 1) })],
        };
        var outside = new Outside();
        var image = new ModuleImage(manifest, code, DebugInfo.None, SwarmModules.HashOf(0));
        var system = ((LinkResult.Linked)SystemImage.Link([image])).System;
        var kernel = new Kernel.Kernel(system, outside, planted) { Policy = new PolicyChoice(PolicyKind.Priority) };
        long now = 0;
        kernel.Step(new KernelEvent.Boot(At(), seed));
        kernel.Step(new KernelEvent.Message(At(), "go/one", Number(0)));
        string? problem = null;
        for (int step = 1; step <= StepsCount && problem is null; step++)
        {
            now += random.Next(3) * 2 * Millisecond;
            if (random.Next(10) == 0)
            {
                outside.Waiting.Add(step, now);
                string channel = $"go/{_patient[random.Next(_patient.Length)]}";
                kernel.Step(new KernelEvent.Message(At(), channel, Number(step)));
            }
            else
            {
                kernel.Step(new KernelEvent.Turn(At()));
            }

            foreach (var (number, since) in outside.Waiting.Where(one => one.Value + WaitMax < now))
            {
                problem = $"message {number} waits for a turn since {now - since} ns";
            }
        }

        kernel.LetGoOfGuests();
        return new SwarmOutcome(problem, kernel.Transactions, kernel.Trace);

        Moment At() => new(now, now);
    }

    private static ImmutableArray<byte> Number(long number)
    {
        var value = new ByteWriter(8);
        value.I64(number);
        return [.. value.Written];
    }

    private sealed class Outside : DeafOutside
    {
        /// <summary>When each message came that nobody has handled yet.</summary>
        public SortedDictionary<long, long> Waiting { get; } = [];

        public override void Published(
            ProcessId from,
            ReadOnlySpan<byte> channel,
            Bundle.Schema.SchemaType type,
            ReadOnlySpan<byte> value,
            bool taken) => Waiting.Remove(new ByteReader(value).I64());
    }
}
