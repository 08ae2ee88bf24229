using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Machine;
using Xunit;
using VmLimits = Tars.Engine.Vm.Limits;

namespace Tars.Tests.EngineVm;

/// <summary>What waits in a pool is what was asked for lately; what a guest lets go is gone from its machine.</summary>
public sealed class PoolTests
{
    [Fact]
    public void When_too_many_machines_wait_the_one_that_has_waited_longest_goes()
    {
        using var host = Machines.OwnHost();
        var shapes = Enumerable.Range(0, VmLimits.PooledCountMax + 1)
            .Select(number => Machines.Shape() with { ControlSize = GuestMap.Control.Module + (number * 4096) });
        foreach (var machine in shapes.Select(host.Take).ToList())
        {
            host.Give(machine);
        }

        Assert.Equal((VmLimits.PooledCountMax, 1), (host.ReadyCount, host.Counts.Destroyed));
        using var last = host.Take(shapes.Last());
        Assert.Equal(1, host.Counts.Reused);
        using var first = host.Take(shapes.First());
        Assert.Equal(1, host.Counts.Reused);
    }

    // A process that has no descriptor left cannot even say so: what it would say that with is not loaded yet.
    [Fact]
    public void Machines_leave_descriptors_to_the_rest_of_the_process()
    {
        const int Room = 100;
        using var host = Machines.OwnHost();
        Assert.InRange(host.System.DescriptorMax, 1UL, ulong.MaxValue);
        host.System.DescriptorMax = (ulong)(LeastFreeDescriptor() + VmLimits.DescriptorsLeftMin + Room);
        var made = new List<MicroVm>();
        var refused = Assert.Throws<KvmException>(Fill);
        Assert.EndsWith("machines leave 64 of them to others", refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(made);
        made.ForEach(host.Destroy);
        host.Destroy(host.Create(Machines.Shape()));

        void Fill()
        {
            while (true)
            {
                made.Add(host.Create(Machines.Shape()));
            }
        }
    }

    private static long LeastFreeDescriptor()
    {
        using var file = File.OpenHandle("/dev/null");
        return file.DangerousGetHandle();
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(4096, 4096)]
    [InlineData(100, 3 << 20)]
    [InlineData(4095, (1 << 20) + 2)]
    [InlineData(0, 4 << 20)]
    public void What_is_forgotten_is_zero_and_all_else_stays(int at, int size)
    {
        const int MemorySize = 4 << 20;
        using var machine = Machines.Host.Start(Machines.Image(Machines.Shape(MemorySize, MemorySize), 0xF4));
        machine.Memory(window: 0).Fill(7);
        machine.Forget(window: 0, at, size);
        var memory = machine.Look(window: 0);
        Assert.False(memory.Slice(at, size).ContainsAnyExcept((byte)0));
        Assert.False(memory[..at].ContainsAnyExcept((byte)7));
        Assert.False(memory[(at + size)..].ContainsAnyExcept((byte)7));
    }

    [Fact]
    public void What_is_forgotten_in_a_fork_is_zero_and_not_what_the_file_says()
    {
        const int MemorySize = 4 << 20;
        using var machine = Machines.Host.Start(Machines.Image(Machines.Shape(MemorySize, MemorySize), 0xF4));
        machine.Memory(window: 0).Fill(7);
        using var snapshot = machine.Save();
        using var fork = Machines.Host.Fork(snapshot);
        fork.Forget(window: 0, 0, 1 << 20);
        Assert.False(fork.Look(window: 0)[..(1 << 20)].ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void What_is_made_ahead_takes_the_place_of_what_nobody_asks_for()
    {
        using var host = Machines.OwnHost();
        var old = Machines.Shape() with { ControlSize = GuestMap.Control.Module + (9 * 4096) };
        host.Prepare(old, VmLimits.PooledCountMax);
        host.Prepare(Machines.Shape(), count: 3);
        Assert.Equal((VmLimits.PooledCountMax, 3), (host.ReadyCount, host.Counts.Destroyed));
        for (int taken = 0; taken < 3; taken++)
        {
            host.Destroy(host.Take(Machines.Shape()));
        }

        Assert.Equal(3, host.Counts.Reused);
        host.Prepare(Machines.Shape(), VmLimits.PooledCountMax + 5);
        Assert.Equal(VmLimits.PooledCountMax, host.ReadyCount);
    }

    [Theory]
    [InlineData(-1, 8)]
    [InlineData(-4096, 1 << 20)]
    [InlineData(0, -1)]
    [InlineData(long.MaxValue, 1)]
    [InlineData((4 << 20) - 7, 8)]
    public void What_is_not_of_the_memory_is_not_forgotten(long at, int size)
    {
        const int MemorySize = 4 << 20;
        using var machine = Machines.Host.Start(Machines.Image(Machines.Shape(MemorySize, MemorySize), 0xF4));
        machine.Memory(window: 0).Fill(7);
        Assert.Throws<ArgumentOutOfRangeException>(() => machine.Forget(window: 0, at, size));
        Assert.False(machine.Look(window: 0).ContainsAnyExcept((byte)7));
    }
}
