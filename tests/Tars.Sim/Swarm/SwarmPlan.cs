using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>All that a seed draws before its run: how agents are set up, what goes wrong, what happens.</summary>
/// <remarks>
/// What happens depends on nothing that the run does, so a part of a plan is a plan: a failure shrinks.
/// </remarks>
/// <param name="IsRunning">True when guests answer Running and end in an order that is drawn.</param>
/// <param name="Faults">Of the messages on channels; null for none.</param>
/// <param name="Policy">Who decides which process runs next.</param>
/// <param name="Agents">The three that start with the module, then the worker.</param>
internal sealed record SwarmPlan(
    ulong Seed,
    bool IsRunning,
    MessageFaults? Faults,
    PolicyKind Policy,
    SupervisionSpec Supervision,
    ImmutableArray<AgentPlan> Agents,
    ImmutableArray<Stimulus> Stimuli)
{
    private const long Millisecond = 1_000_000;

    /// <summary>What happens in one run.</summary>
    private const int StimuliCount = 240;

    private static readonly (StimulusKind Kind, int Weight)[] _weights =
    [
        (StimulusKind.Order, 60),
        (StimulusKind.Note, 6),
        (StimulusKind.Lines, 3),
        (StimulusKind.Words, 3),
        (StimulusKind.Bell, 3),
        (StimulusKind.Set, 3),
        (StimulusKind.Revoke, 2),
        (StimulusKind.Grant, 2),
        (StimulusKind.StopProcess, 1),
        (StimulusKind.DeliverDead, 4),
        (StimulusKind.DropDead, 1),
        (StimulusKind.PowerCut, 3),
        (StimulusKind.Swap, 4),
        (StimulusKind.Look, 3),
        (StimulusKind.Answer, 8),
        (StimulusKind.Ask, 3),
        (StimulusKind.Request, 2),
        (StimulusKind.Crash, 1),
        (StimulusKind.Wait, 6),
    ];

    public static SwarmPlan Draw(ulong seed)
    {
        var random = new Xoshiro256(seed);
        bool isRunning = random.Next(2) == 0;
        var supervision = new SupervisionSpec(
            (SupervisionStrategy)random.Next(3),
            1 + random.Next(random.Next(2) == 0 ? 3 : 12),
            (1 + random.Next(40)) * 10 * Millisecond);
        var faults = random.Next(5) == 0 ? DrawFaults(random) : null;
        var policy = random.Next(2) == 0 ? PolicyKind.RoundRobin : (PolicyKind)random.Next(4);
        var agents = ImmutableArray.CreateBuilder<AgentPlan>();
        for (int place = 0; place < 4; place++)
        {
            agents.Add(new AgentPlan(
                1 + random.Next(random.Next(2) == 0 ? 3 : 12),
                (WhenFull)random.Next(3),
                random.Next(3) == 0 ? TrapPolicy.Restart
                    : random.Next(12) == 0 ? TrapPolicy.Stop
                    : TrapPolicy.Continue,
                new ScheduleSpec(
                    random.Next(11),
                    random.Next(2) == 0 ? null : (1 + random.Next(50)) * Millisecond,
                    1 + random.Next(10))));
        }

        var stimuli = ImmutableArray.CreateBuilder<Stimulus>();
        int total = _weights.Sum(one => one.Weight);
        for (int number = 1; number <= StimuliCount; number++)
        {
            int drawn = random.Next(total);
            var kind = _weights[0].Kind;
            foreach (var (one, weight) in _weights)
            {
                kind = one;
                if (drawn < weight)
                {
                    break;
                }

                drawn -= weight;
            }

            stimuli.Add(Draw(random, number, kind));
        }

        return new SwarmPlan(
            seed, isRunning, faults, policy, supervision, agents.ToImmutable(), stimuli.ToImmutable());
    }

    private static MessageFaults DrawFaults(Xoshiro256 random) => new(
        Drop: random.Next(3) * 0.05,
        DelayMax: random.Next(4) * 2 * Millisecond,
        Duplicate: random.Next(3) * 0.1,
        Reorder: random.Next(3) * 0.1,
        Seed: (ulong)random.Next(int.MaxValue));

    private static Stimulus Draw(Xoshiro256 random, int number, StimulusKind kind) => new(
        number,
        kind,
        Agent: random.Next(3),
        First: random.Next(1_000),
        Second: random.Next(1_000),
        Pause: random.Next(3) == 0 ? 0 : random.Next(4_000) * (Millisecond / 1_000),
        Jump: random.Next(30) == 0 ? (random.Next(2_000) - 1_000) * Millisecond * 1_000 : 0,
        Rest: random.Next(4),
        Order.Draw(random));
}

/// <summary>How one agent is set up.</summary>
internal sealed record AgentPlan(int Length, WhenFull WhenFull, TrapPolicy OnTrap, ScheduleSpec Schedule)
{
    public AgentSpec Write(AgentSpec agent) =>
        agent with { Mailbox = new MailboxSpec(Length, WhenFull), OnTrap = OnTrap, Schedule = Schedule };
}
