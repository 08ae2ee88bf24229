using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel.Scheduling;

/// <summary>What each built-in policy promises, by seed, on one core in virtual time.</summary>
public sealed class PolicyTests
{
    private const long Millisecond = 1_000_000;

    public static TheoryData<PolicyKind, bool> PoliciesAndModes { get; } = new(
        from kind in Enum.GetValues<PolicyKind>() from running in new[] { false, true } select (kind, running));

    [Theory]
    [MemberData(nameof(PoliciesAndModes))]
    public void Every_job_is_done_once_and_those_of_one_agent_in_their_order(PolicyKind kind, bool running)
    {
        for (ulong seed = 1; seed <= 30; seed++)
        {
            var random = new Xoshiro256(seed);
            var rig = new CoreRig(new PolicyChoice(kind), running, Agents(random, 1 + random.Next(12)));
            int agents = rig.Fuel.Length;
            var posted = new List<(int Agent, long Number)>();
            for (long number = 0; number < 300; number++)
            {
                int agent = random.Next(agents);
                posted.Add((agent, number));
                rig.Post(agent, number, CoreRig.ShortestJob + random.Next(50_000), rig.Now + random.Next(20_000));
            }

            rig.RunUntil(long.MaxValue);
            for (int agent = 0; agent < agents; agent++)
            {
                Assert.Equal(
                    posted.Where(one => one.Agent == agent).Select(one => one.Number),
                    rig.Done.Where(one => one.Agent == agent).Select(one => one.Number));
            }
        }
    }

    [Fact]
    public void With_ageing_the_lowest_priority_waits_no_longer_than_ten_steps_and_a_turn_of_each()
    {
        long worst = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var random = new Xoshiro256(seed);
            int agents = 2 + random.Next(6);
            var specs = Enumerable.Repeat(CoreRig.Plain with { Priority = 9 }, agents).ToArray();
            specs[0] = CoreRig.Plain with { Priority = 0 };
            var rig = new CoreRig(new PolicyChoice(PolicyKind.Priority), running: true, specs);
            const long length = 100_000;
            for (int agent = 1; agent < agents; agent++)
            {
                // A hundred milliseconds of work for each agent, all of it more urgent.
                for (int job = 0; job < 1_000; job++)
                {
                    rig.Post(agent, job, length, rig.Booted);
                }
            }

            rig.Post(0, number: 7, length, rig.Booted);
            rig.RunUntil(long.MaxValue);
            var (_, _, arrived, ended) = rig.Done.Single(one => one.Agent == 0);
            long bound = (10 * Limits.AgeingStep) + (agents * Limits.TurnEventsMax * length);
            Assert.InRange(ended - arrived, 0, bound);
            worst = Math.Max(worst, ended - arrived);
        }

        // The bound is of use: those of the highest priority did go first for as long as they may.
        Assert.True(8 * Limits.AgeingStep < worst, $"it waited {worst} ns at most");
    }

    [Fact]
    public void The_higher_priority_goes_first()
    {
        var rig = new CoreRig(
            new PolicyChoice(PolicyKind.Priority), running: true,
            CoreRig.Plain, CoreRig.Plain with { Priority = 2 }, CoreRig.Plain with { Priority = 8 });
        for (int agent = 0; agent < 3; agent++)
        {
            rig.Post(agent, agent, length: 1_000, rig.Booted);
        }

        rig.RunUntil(long.MaxValue);
        Assert.Equal([0, 2, 1], rig.Done.Select(one => one.Agent)); // The first came while the core was free.
    }

    [Fact]
    public void Jobs_that_come_together_and_can_all_be_in_time_are_in_time_by_their_deadlines()
    {
        int missedElsewhere = 0;
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var random = new Xoshiro256(seed);
            var jobs = new List<(long Length, long Deadline)>();
            long end = 0;
            for (int job = 0; job < 10; job++)
            {
                long length = CoreRig.ShortestJob + random.Next((int)Millisecond);
                end += length; // In this order they are all in time, so a schedule exists.
                jobs.Add((length, end + random.Next(1_000)));
            }

            jobs = [.. jobs.OrderBy(_ => random.Next(1_000_000))];
            Assert.Equal(0, MissedOf(PolicyKind.Deadline, jobs));
            missedElsewhere += MissedOf(PolicyKind.RoundRobin, jobs);
        }

        Assert.True(200 < missedElsewhere, $"round-robin missed only {missedElsewhere}");
    }

    [Fact]
    public void Jobs_of_one_length_that_can_be_in_time_are_in_time_by_their_deadlines_whenever_they_come()
    {
        const long length = 1_000;
        int missedElsewhere = 0;
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var random = new Xoshiro256(seed);
            int[] slots = [.. Enumerable.Range(0, 30).OrderBy(_ => random.Next(1_000_000)).Take(20)];
            var spans = slots.Select(slot => (From: (long)random.Next(slot + 1), To: slot + 1L + random.Next(3)));
            var jobs = spans.OrderBy(span => span.From).ThenBy(span => span.To).ToArray();
            missedElsewhere += Missed(PolicyKind.RoundRobin);
            Assert.Equal(0, Missed(PolicyKind.Deadline));

            int Missed(PolicyKind kind)
            {
                var specs = jobs.Select(job => CoreRig.Plain with { Deadline = (job.To - job.From) * length });
                var rig = new CoreRig(new PolicyChoice(kind), running: true, [.. specs]);
                foreach (var (index, job) in jobs.Index())
                {
                    rig.Post(index, index, length, rig.Booted + (job.From * length));
                }

                rig.RunUntil(long.MaxValue);
                return rig.Done.Count(one => rig.Booted + (jobs[one.Agent].To * length) < one.Ended);
            }
        }

        Assert.True(200 < missedElsewhere, $"round-robin missed only {missedElsewhere}");
    }

    [Fact]
    public void Who_names_no_deadline_is_not_kept_waiting_for_ever_by_those_who_do()
    {
        const long length = 2 * Millisecond;
        var rig = new CoreRig(
            new PolicyChoice(PolicyKind.Deadline), running: true,
            CoreRig.Plain with { Deadline = Millisecond }, CoreRig.Plain);
        rig.Post(0, 0, length, rig.Booted);
        rig.Post(1, 0, length, rig.Booted);
        for (long job = 1; job < 1_000; job++)
        {
            rig.Post(0, job, length, rig.Booted + (job * Millisecond)); // Twice what the core can do.
        }

        rig.RunUntil(long.MaxValue);
        var (_, _, arrived, ended) = rig.Done.Single(one => one.Agent == 1);
        Assert.InRange(ended - arrived, 100 * Millisecond, 2 * Limits.DeadlineDefault + (2 * length));
    }

    [Fact]
    public void Fuel_is_shared_by_weight_within_a_turn_of_each()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var random = new Xoshiro256(seed);
            int agents = 2 + random.Next(4);
            var specs = Enumerable.Range(0, agents).Select(_ => CoreRig.Plain with { Weight = 1 + random.Next(20) });
            var weights = specs.ToArray();
            var rig = new CoreRig(new PolicyChoice(PolicyKind.Fair), running: true, weights);
            long[] born = rig.Fuel;
            long[] lengths = [.. weights.Select(_ => 500L + random.Next(5_000))];
            var turns = Enumerable.Range(0, agents).Select(one => Limits.TurnEventsMax * lengths[one]).ToArray();
            for (int agent = 0; agent < agents; agent++)
            {
                for (int job = 0; job < 1_000; job++)
                {
                    rig.Post(agent, job, lengths[agent], rig.Booted);
                }
            }

            // While all of them have work.
            for (long horizon = rig.Now; rig.Done.Count < 600 && NobodyIsDone(rig, agents); horizon += 50_000)
            {
                rig.RunUntil(horizon);
                long[] fuel = rig.Fuel;
                for (int one = 0; one < agents; one++)
                {
                    for (int other = 0; other < one; other++)
                    {
                        double difference = ((fuel[one] - born[one]) / (double)weights[one].Weight)
                            - ((fuel[other] - born[other]) / (double)weights[other].Weight);
                        double bound = (turns[one] / (double)weights[one].Weight)
                            + (turns[other] / (double)weights[other].Weight);
                        Assert.InRange(Math.Abs(difference), 0, bound + 1);
                    }
                }
            }

            rig.RunUntil(long.MaxValue);
            Assert.Equal(agents * 1_000, rig.Done.Count);
        }
    }

    private static bool NobodyIsDone(CoreRig rig, int agents) =>
        Enumerable.Range(0, agents).All(agent => rig.Done.Count(one => one.Agent == agent) < 900);

    private static int MissedOf(PolicyKind kind, List<(long Length, long Deadline)> jobs)
    {
        // The first agent keeps the core busy until all jobs are there.
        var specs = jobs.Select(job => CoreRig.Plain with { Deadline = job.Deadline });
        var rig = new CoreRig(new PolicyChoice(kind), running: true, [CoreRig.Plain, .. specs]);
        rig.Post(0, number: -1, CoreRig.ShortestJob, rig.Booted);
        foreach (var (index, (length, _)) in jobs.Index())
        {
            rig.Post(index + 1, index, length, rig.Booted);
        }

        rig.RunUntil(long.MaxValue);
        long begin = rig.Booted + CoreRig.ShortestJob;
        return rig.Done.Count(one => 0 < one.Agent && begin + jobs[one.Agent - 1].Deadline < one.Ended);
    }

    private static ScheduleSpec[] Agents(Xoshiro256 random, int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ => new ScheduleSpec(
            random.Next(10), random.Next(2) == 0 ? null : random.Next(5_000_000), 1 + random.Next(100))),
    ];
}
