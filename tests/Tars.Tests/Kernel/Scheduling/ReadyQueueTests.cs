using Tars.Base;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;
using Tars.Kernel.Scheduling;
using Xunit;

namespace Tars.Tests.Kernel.Scheduling;

/// <summary>The queues behind the policies: whole, and free of allocation.</summary>
public sealed class ReadyQueueTests
{
    public static TheoryData<PolicyKind> Policies { get; } = new(Enum.GetValues<PolicyKind>());

    [Theory]
    [MemberData(nameof(Policies))]
    public void Who_is_ready_comes_out_once(PolicyKind kind)
    {
        var random = new Xoshiro256(91);
        var queue = Scheduler.QueueOf(kind);
        var processes = Processes(random, 200);
        var inside = new HashSet<Process>();
        for (long step = 1; step <= 100_000; step++)
        {
            var process = processes[random.Next(processes.Length)];
            if (random.Next(2) == 0 && inside.Add(process))
            {
                Add(queue, process, step);
            }
            else if (0 < inside.Count)
            {
                var (taken, events) = queue.Take()!.Value;
                Assert.True(inside.Remove(taken));
                Assert.True(0 < events);
                queue.Ran(taken, random.Next(100_000));
            }

            Assert.Equal(inside.Count, queue.Count);
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_decision_allocates_nothing(PolicyKind kind)
    {
        var random = new Xoshiro256(92);
        var queue = Scheduler.QueueOf(kind);
        long step = 0;
        foreach (var process in Processes(random, 1_000))
        {
            Add(queue, process, ++step);
        }

        Decide(queue, 1_000, ref step);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Decide(queue, 100_000, ref step);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Decide(IReadyQueue queue, int decisions, ref long step)
    {
        for (; 0 < decisions; decisions--)
        {
            var (process, _) = queue.Take()!.Value;
            queue.Ran(process, fuel: step % 1_000);
            Add(queue, process, ++step);
        }
    }

    private static void Add(IReadyQueue queue, Process process, long step)
    {
        process.Turn.Since = step * 1_000;
        process.Turn.Released = step * 1_000;
        process.Turn.Order = step;
        queue.Add(process);
    }

    private static Process[] Processes(Xoshiro256 random, int count)
    {
        var processes = new Process[count];
        for (int index = 0; index < count; index++)
        {
            var schedule = new ScheduleSpec(random.Next(10), random.Next(1_000_000), 1 + random.Next(100));
            var spec = TestModule.Agent("a") with { Schedule = schedule };
            var code = new ScriptedCode(() => new ScriptedGuest(_ => { }), later: null);
            var module = new ModuleImage(TestModule.Of("m", spec), code, DebugInfo.None, default);
            var image = new AgentImage(0, 0, 0, module, spec, -1, -1, -1, [], [], Beliefs: null, OwnsBeliefs: false);
            var id = new ProcessId(index + 1);
            processes[index] = new Process(id, image, seed: 0, parent: null, given: [], new(), new());
        }

        return processes;
    }
}
